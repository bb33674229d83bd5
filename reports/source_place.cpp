#include "reports/source_place.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace wsrace {

namespace {

constexpr std::size_t longest_stack = 60; // lines that are looked at behind the one that announces a stack
constexpr std::string_view digits = "0123456789";
constexpr std::string_view python_file = "File \"";
constexpr std::string_view python_line = "\", line ";

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

bool is_source_file(std::string_view path)
{
    static constexpr std::array<std::string_view, 34> endings{
        "c",  "cc", "cpp", "cxx",  "h",   "hh",  "hpp", "hxx", "ipp",   "tpp",  "inl", "m",
        "mm", "py", "pyx", "js",   "cjs", "mjs", "jsx", "ts",  "cts",   "mts",  "tsx", "go",
        "rs", "rb", "php", "java", "kt",  "cs",  "ex",  "erl", "scala", "swift"};
    const auto dot = path.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || path.find('/', dot) != std::string_view::npos)
        return false;
    return std::find(endings.begin(), endings.end(), path.substr(dot + 1)) != endings.end();
}

std::optional<std::uint32_t> number_at(std::string_view text)
{
    std::uint32_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || stop == text.data() || number == 0) return std::nullopt;
    return number;
}

std::string_view without_scheme(std::string_view path)
{
    constexpr std::string_view file = "file://";
    if (path.starts_with(file)) path.remove_prefix(file.size());
    return path;
}

// `File "/app/server.py", line 42, in send`
std::optional<SourcePlace> python_place(std::string_view line)
{
    const auto file = line.find(python_file);
    if (file == std::string_view::npos) return std::nullopt;
    const auto path = line.substr(file + python_file.size());
    const auto end = path.find(python_line);
    if (end == std::string_view::npos) return std::nullopt;
    const auto number = number_at(path.substr(end + python_line.size()));
    if (!number || !is_source_file(path.substr(0, end))) return std::nullopt;
    return SourcePlace{.path = std::string{path.substr(0, end)}, .line = *number};
}

// The path that ends at `colon`, where a line number follows it.
std::optional<SourcePlace> place_before(std::string_view line, std::size_t colon)
{
    const auto number = number_at(line.substr(colon + 1));
    if (!number) return std::nullopt;
    const auto before = line.substr(0, colon);
    const auto stop = before.find_last_of(" \t\"'`([{<>=,;|");
    const auto path = without_scheme(before.substr(stop == std::string_view::npos ? 0 : stop + 1));
    if (!is_source_file(path) || path.find("://") != std::string_view::npos) return std::nullopt;
    SourcePlace place{.path = std::string{path}, .line = *number};
    const auto after = line.find_first_not_of(digits, colon + 1);
    if (after != std::string_view::npos && line[after] == ':')
        place.column = number_at(line.substr(after + 1)).value_or(0);
    return place;
}

bool is_library(std::string_view path)
{
    static constexpr std::array<std::string_view, 9> marks{
        "libsanitizer", "compiler-rt",   "/usr/include/", "/usr/lib/",       "/lib/gcc/",
        "/c++/",        "site-packages", "node_modules",  "/go/src/runtime/"};
    return std::any_of(marks.begin(), marks.end(), [&](auto mark) { return contains(path, mark); });
}

bool announces_stack(std::string_view line)
{
    static constexpr std::array<std::string_view, 6> words{"Traceback", "panic",    "rror",
                                                           "xception",  "ejection", "fatal"};
    return !contains(line, "Sanitizer") && // whose frames are cited themselves
           std::any_of(words.begin(), words.end(), [&](auto word) { return contains(line, word); });
}

// Reads what the same stream says behind such a line, for as long as it may belong to the stack.
class Stack {
public:
    explicit Stack(std::string_view head)
        : traceback_{contains(head, "Traceback")}, go_{contains(head, "panic:") ||
                                                       head.starts_with("fatal error: ")}
    {}

    // Whether the stack goes on behind this line.
    bool line(std::string_view text)
    {
        const bool indented = text.starts_with(' ') || text.starts_with('\t');
        if (!indented) {
            traceback_ = traceback_ || contains(text, "Traceback");
            if (!places_.empty()) return go_ && !text.empty(); // Go writes its functions at the margin
            return ++at_the_margin_ < (go_ ? 12U : 4U);
        }
        for (auto& place : source_places(text)) places_.push_back(std::move(place));
        return true;
    }

    std::vector<SourcePlace> innermost_first() &&
    {
        if (traceback_) std::reverse(places_.begin(), places_.end());
        return std::move(places_);
    }

private:
    bool traceback_;
    bool go_;
    std::size_t at_the_margin_ = 0; // lines before the first place
    std::vector<SourcePlace> places_;
};

std::vector<SourcePlace> stack_behind(const History& history, std::uint32_t position)
{
    const Event& head = history.events[position];
    Stack stack{history.text(head.text)};
    std::size_t looked_at = 0;
    for (auto next = position + 1; next < history.events.size() && looked_at < longest_stack; ++next) {
        const Event& event = history.events[next];
        if (event.kind != EventKind::log || event.slot != head.slot || event.value != head.value) continue;
        ++looked_at;
        if (!stack.line(history.text(event.text))) break;
    }
    return std::move(stack).innermost_first();
}

} // namespace

std::vector<SourcePlace> source_places(std::string_view line)
{
    std::vector<SourcePlace> places;
    if (auto place = python_place(line)) places.push_back(std::move(*place));
    for (auto colon = line.find(':'); colon != std::string_view::npos; colon = line.find(':', colon + 1))
        if (auto place = place_before(line, colon)) places.push_back(std::move(*place));
    return places;
}

std::vector<SourcePlace> source_places(const History& history, const std::vector<std::uint32_t>& evidence)
{
    std::vector<SourcePlace> all;
    std::size_t python = 0; // of a traceback whose lines are cited themselves: the last is the innermost
    for (const auto position : evidence) {
        if (position >= history.events.size() || history.events[position].kind != EventKind::log) continue;
        const auto line = history.text(history.events[position].text);
        auto found = source_places(line);
        if (found.empty() && announces_stack(line))
            found = stack_behind(history, position);
        else if (python_place(line))
            ++python;
        all.insert(all.end(), found.begin(), found.end());
    }
    if (python > 1 && python == all.size()) std::reverse(all.begin(), all.end());
    std::stable_partition(all.begin(), all.end(), [](const auto& place) { return !is_library(place.path); });
    std::vector<SourcePlace> places;
    for (auto& place : all)
        if (std::find(places.begin(), places.end(), place) == places.end())
            places.push_back(std::move(place));
    return places;
}

} // namespace wsrace
