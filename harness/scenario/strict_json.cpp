#include "scenario/strict_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <vector>

namespace wsrace {
namespace {

// Deeper documents would exhaust the stack of whoever walks them recursively.
constexpr int deepest = 64;

// Follows the parser and notices a field that stands twice in its object.
class DuplicateFinder {
public:
    explicit DuplicateFinder(Mistakes& mistakes) : mistakes_(mistakes) {}

    void visit(int depth, Json::parse_event_t event, const Json& parsed)
    {
        if (depth > deepest) too_deep_ = true;
        switch (event) {
        case Json::parse_event_t::object_start: open_.emplace_back(); break;
        case Json::parse_event_t::array_start: open_.emplace_back().is_array = true; break;
        case Json::parse_event_t::key: enter(parsed.get_ref<const std::string&>()); break;
        case Json::parse_event_t::value: advance(); break;
        case Json::parse_event_t::object_end:
        case Json::parse_event_t::array_end:
            open_.pop_back();
            advance();
            break;
        }
    }

    bool found() const { return found_; }
    bool too_deep() const { return too_deep_; }

private:
    struct Container {
        bool is_array = false;
        std::size_t index = 0;
        std::string field;
        std::set<std::string> fields;
    };

    void enter(const std::string& field)
    {
        open_.back().field = field;
        if (open_.back().fields.insert(field).second) return;
        found_ = true;
        mistakes_.add(path(), "this field stands twice; keep one of them");
    }

    void advance()
    {
        if (!open_.empty() && open_.back().is_array) ++open_.back().index;
    }

    std::string path() const
    {
        std::string text = "$";
        for (const Container& container : open_)
            text = container.is_array ? item_path(text, container.index) : member_path(text, container.field);
        return text;
    }

    Mistakes& mistakes_;
    std::vector<Container> open_;
    bool found_ = false;
    bool too_deep_ = false;
};

std::string place_of(std::string_view text, std::size_t byte)
{
    const std::string_view before = text.substr(0, std::min(byte > 0 ? byte - 1 : 0, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return fmt::format("line {}, column {}", line, before.size() - start + 1);
}

// The parser's own words without its prefix "[json.exception...] parse error at line 1, column 2: ".
std::string reason_of(const std::string& what)
{
    for (const std::string_view mark : {": ", "] "}) {
        const auto at = what.find(mark);
        if (at != std::string::npos) return "not JSON: " + what.substr(at + mark.size());
    }
    return "not JSON: " + what;
}

} // namespace

std::optional<Json> parse_strict_json(std::string_view text, Mistakes& mistakes)
{
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        mistakes.add("line 1, column 1", "the file is empty; expected a JSON object");
        return std::nullopt;
    }
    if (const auto nul = text.find('\0');
        nul != std::string_view::npos) { // the parser would stop there, content
        mistakes.add(place_of(text, nul + 1), "not JSON: a NUL byte; expected text");
        return std::nullopt;
    }
    DuplicateFinder duplicates(mistakes);
    try {
        Json document = Json::parse(text, [&](int depth, Json::parse_event_t event, Json& parsed) {
            duplicates.visit(depth, event, parsed);
            return true;
        });
        if (duplicates.too_deep()) mistakes.add("$", fmt::format("nested more than {} levels deep", deepest));
        if (duplicates.found() || duplicates.too_deep()) return std::nullopt;
        return document;
    } catch (const Json::parse_error& error) {
        mistakes.add(place_of(text, error.byte), reason_of(error.what()));
    } catch (const Json::exception& error) { // a number beyond the range of double
        mistakes.add("$", reason_of(error.what()));
    }
    return std::nullopt;
}

std::string member_path(const std::string& path, std::string_view field)
{
    const auto plain = [](char c) {
        return c == '_' || c == '$' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
               (c >= 'A' && c <= 'Z');
    };
    if (!field.empty() && std::all_of(field.begin(), field.end(), plain))
        return fmt::format("{}.{}", path, field);
    return fmt::format("{}[\"{}\"]", path, field);
}

std::string item_path(const std::string& path, std::size_t index)
{
    return fmt::format("{}[{}]", path, index);
}

} // namespace wsrace
