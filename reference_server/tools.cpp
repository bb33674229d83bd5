#include "reference_server/tools.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace wsrace::reference {

namespace json = boost::json;

namespace {

json::object search(std::string_view text)
{
    return {{"query", text}, {"hits", json::array{{{"title", "An article"}, {"matched", text}}}}};
}

json::object count_words(std::string_view text)
{
    std::size_t words = 0;
    bool inside = false;
    for (const char letter : text) {
        const bool blank = letter == ' ' || letter == '\n' || letter == '\t';
        if (!blank && !inside) ++words;
        inside = !blank;
    }
    return {{"text", text}, {"words", words}};
}

json::object unstable(std::string_view text)
{
    constexpr std::string_view upstream_answer = R"({"results": [{"title": "cut off)";
    const auto document = json::parse(upstream_answer); // throws: the upstream closed too early
    return {{"query", text}, {"hits", document.at("results")}};
}

} // namespace

std::string choose_tool(std::string_view wanted, std::string_view text)
{
    if (!wanted.empty()) return std::string{wanted};
    constexpr std::string_view phrase = "use tool ";
    const auto found = text.find(phrase);
    if (found == std::string_view::npos) return "search";
    const auto rest = text.substr(found + phrase.size());
    const auto end = std::min(rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), rest.size());
    return end == 0 ? "search" : std::string{rest.substr(0, end)};
}

std::span<const Tool> known_tools()
{
    static constexpr std::array tools{
        Tool{.name = "search", .use = search},
        Tool{.name = "count_words", .use = count_words},
        Tool{.name = "unstable", .use = unstable},
    };
    return tools;
}

} // namespace wsrace::reference
