#include "reports/markdown.hpp"

#include "reports/clean_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace::markdown {

namespace {

// A fence longer than any run of backticks in the text.
std::string fence_for(std::string_view text, std::size_t shortest)
{
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    return std::string(std::max(shortest, longest + 1), '`');
}

} // namespace

std::string escape(std::string_view text, std::size_t longest)
{
    static constexpr std::string_view no_space{
        "\u200b"}; // invisible: what begins a mention or a link is not followed by it
    const auto line = one_line(text, longest);
    std::string escaped;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '<')
            escaped += "&lt;";
        else if (c == '&')
            escaped += "&amp;";
        else if (std::string_view{"\\`*_[]|~>"}.find(c) != std::string_view::npos)
            escaped.append("\\").append(1, c);
        else
            escaped += c;
        if (c == '@' || c == '#' || line.substr(i, 2) == ":/") escaped += no_space;
    }
    return escaped;
}

std::string code(std::string_view text)
{
    const auto line = one_line(text, longest_text);
    if (line.empty()) return {};
    const auto fence = fence_for(line, 1);
    const std::string_view space = line.front() == '`' || line.back() == '`' ? " " : "";
    return fmt::format("{0}{1}{2}{1}{0}", fence, space, line);
}

std::string cell(std::string_view text)
{
    auto cell_text = code(text);
    for (std::size_t at = 0; (at = cell_text.find('|', at)) != std::string::npos; at += 2)
        cell_text.insert(at, "\\");
    return cell_text;
}

std::string block(std::string_view language, const std::string& text)
{
    const auto fence = fence_for(text, 3);
    return fmt::format("{0}{1}\n{2}\n{0}\n", fence, language, text);
}

} // namespace wsrace::markdown
