#include "checks/sanitizer_report.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace wsrace {

namespace {

constexpr std::size_t longest_report = 400; // lines
constexpr std::size_t told_stacks = 2;
constexpr std::string_view anonymous = "(anonymous namespace)";

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string_view until(std::string_view text, std::string_view stop)
{
    return trimmed(text.substr(0, text.find(stop)));
}

// "/src/app/registry.cpp:42:7" as "registry.cpp:42": paths and columns differ between machines and builds.
std::string place_of(std::string_view path)
{
    const auto slash = path.rfind('/');
    if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
    const auto line = path.find(':');
    if (line == std::string_view::npos) return std::string{path};
    const auto end = path.find_first_not_of("0123456789", line + 1);
    return std::string{path.substr(0, end)};
}

// What the headline names, if it is one.
std::optional<std::string> headline(std::string_view line)
{
    struct Spelling {
        std::string_view marker, tool;
    };
    static constexpr std::array<Spelling, 8> spellings{{{"WARNING: ThreadSanitizer: ", "ThreadSanitizer"},
                                                        {"ERROR: ThreadSanitizer: ", "ThreadSanitizer"},
                                                        {"ERROR: AddressSanitizer: ", "AddressSanitizer"},
                                                        {"AddressSanitizer:DEADLYSIGNAL", "AddressSanitizer"},
                                                        {"ERROR: LeakSanitizer: ", "LeakSanitizer"},
                                                        {"WARNING: MemorySanitizer: ", "MemorySanitizer"},
                                                        {"ERROR: UndefinedBehaviorSanitizer: ", "UBSan"},
                                                        {"Fatal Python error: ", "Python: fatal error"}}};
    for (const auto& [marker, tool] : spellings) {
        const auto at = line.find(marker);
        if (at == std::string_view::npos) continue;
        if (marker.ends_with("DEADLYSIGNAL")) return std::nullopt; // its report follows
        const auto what = until(until(line.substr(at + marker.size()), " (pid="), " on ");
        return std::string{tool} + ": " + std::string{what};
    }
    if (contains(line, "WARNING: DATA RACE")) return "Go: data race";
    return std::nullopt;
}

// A function's name without its parameters.
std::string function_name(std::string_view function)
{
    if (const auto at = function.find(anonymous); at != std::string_view::npos) {
        const auto rest = function.substr(at + anonymous.size());
        return std::string{function.substr(0, at)} + std::string{anonymous} + function_name(rest);
    }
    constexpr std::string_view call = "operator()";
    if (const auto at = function.find(call); at != std::string_view::npos)
        return std::string{function.substr(0, at + call.size())};
    return std::string{until(function, "(")};
}

// Without "(server+0x1234)" and "(BuildId: 12ab)" at its end.
std::string_view without_module(std::string_view line)
{
    for (auto at = line.rfind(" ("); at != std::string_view::npos && line.ends_with(')');
         at = line.rfind(" (")) {
        const auto group = line.substr(at);
        if (!contains(group, "+0x") && !contains(group, "BuildId")) break;
        line = trimmed(line.substr(0, at));
    }
    return line;
}

// "    #0 send(int) /src/registry.cpp:42:7 (server+0x1234)", with or without an address in front.
std::optional<std::pair<std::string, std::string>> stack_frame(std::string_view line)
{
    line = trimmed(line);
    if (!line.starts_with('#')) return std::nullopt;
    line = without_module(line);
    const auto space = line.rfind(' ');
    if (space == std::string_view::npos) return std::nullopt;
    const auto path = line.substr(space + 1);
    const bool source = contains(path, ":") && contains(path, ".");
    if (!source || contains(path, "libsanitizer") || contains(path, "compiler-rt") ||
        contains(path, "/usr/include/") || contains(path, "/lib/gcc/") || contains(path, "/c++/"))
        return std::nullopt;
    auto function = trimmed(line.substr(line.find(' ') + 1, space - line.find(' ')));
    if (const auto in = function.find(" in "); function.starts_with("0x") && in != std::string_view::npos)
        function = trimmed(function.substr(in + 4));
    return std::pair{function_name(function), place_of(path)};
}

// "signed integer overflow: 5 + 2147483647 cannot be ..." and "load of misaligned address 0x55f0" without
// what differs each time.
std::string without_values(std::string_view text)
{
    static constexpr std::string_view decimal = "0123456789", hexadecimal = "0123456789abcdef";
    text = until(text, ": ");
    std::string out;
    while (!text.empty()) {
        const bool address = text.starts_with("0x");
        const auto length = text.find_first_not_of(address ? hexadecimal : decimal, address ? 2 : 0);
        if (length == 0) {
            out += text.front();
            text.remove_prefix(1);
        } else {
            out += '#';
            text.remove_prefix(std::min(length, text.size()));
        }
    }
    return out;
}

// Collects the report that one stream is in the middle of.
class Reader {
public:
    void line(std::string_view text, std::uint32_t position, std::vector<SanitizerReport>& reports)
    {
        if (const auto undefined = text.find(": runtime error: "); undefined != std::string_view::npos) {
            const auto place = place_of(trimmed(text.substr(0, undefined)));
            begin(reports, "UBSan: " + without_values(text.substr(undefined + 17)), position);
            reports.back().frames = reports.back().places = {place};
            undefined_ = true; // a signal's report, UBSan's own too, says where in its stack
            return;
        }
        if (auto kind = headline(text)) return begin(reports, std::move(*kind), position);
        if (!index_) return;
        const bool over = text.starts_with("==================") || text.starts_with("SUMMARY: ");
        if (over || ++lines_ > longest_report) {
            index_.reset();
            return;
        }
        collect(text, position, reports[*index_]);
    }

private:
    void begin(std::vector<SanitizerReport>& reports, std::string kind, std::uint32_t position)
    {
        index_ = reports.size();
        lines_ = 0;
        in_stack_ = false;
        function_.clear();
        undefined_ = false;
        go_ = kind.starts_with("Go:");
        python_ = kind.starts_with("Python:");
        reports.push_back({std::move(kind), {}, {}, position, {}});
    }

    void collect(std::string_view text, std::uint32_t position, SanitizerReport& report)
    {
        position_ = position;
        if (go_) return collect_go(text, report);
        if (python_) return collect_python(text, report);
        if (undefined_) return collect_undefined(text, report);
        const bool numbered = trimmed(text).starts_with('#');
        if (!numbered || trimmed(text).starts_with("#0 ")) in_stack_ = false; // a new stack begins
        if (!numbered || in_stack_) return;
        if (const auto frame = stack_frame(text)) add(report, frame->first, frame->second);
    }

    // The headline has said where. A stack follows where it was asked for; in a library's header it is the
    // caller who is of interest.
    void collect_undefined(std::string_view text, SanitizerReport& report)
    {
        const auto frame = in_stack_ ? std::nullopt : stack_frame(text);
        if (!frame) return;
        if (frame->second == report.places.front()) {
            report.frames.clear();
            report.places.clear();
        }
        add(report, frame->first, frame->second);
    }

    // Two lines for each frame: "  main.send()" and "      /src/registry.go:42 +0x1d".
    void collect_go(std::string_view text, SanitizerReport& report)
    {
        const auto line = trimmed(text);
        if (line.empty() || line.ends_with(':')) {
            in_stack_ = false;
            function_.clear();
        } else if (const auto place = line.find(".go:"); place != std::string_view::npos) {
            if (!in_stack_ && !contains(line, "/runtime/"))
                add(report, function_, place_of(until(line, " +")));
        } else {
            function_ = until(line, "(");
        }
    }

    // "Current thread 0x7f12 (most recent call first):", then "  File "/app/server.py", line 42 in send".
    void collect_python(std::string_view text, SanitizerReport& report)
    {
        const auto line = trimmed(text);
        if (line.ends_with("(most recent call first):")) in_stack_ = false;
        const auto number = line.find("\", line ");
        const auto in = line.find(" in ", number == std::string_view::npos ? 0 : number);
        if (in_stack_ || !line.starts_with("File \"") || number == std::string_view::npos ||
            in == std::string_view::npos)
            return;
        const auto path = std::string{line.substr(6, number - 6)};
        const auto digits = std::string{line.substr(number + 8, in - number - 8)};
        add(report, line.substr(in + 4), place_of(path + ":" + digits));
    }

    void add(SanitizerReport& report, std::string_view function, const std::string& place)
    {
        in_stack_ = true;
        if (report.places.size() >= told_stacks) return;
        report.lines.push_back(position_);
        report.places.push_back(place);
        report.frames.push_back(std::string{function} + " (" + place + ")");
    }

    std::optional<std::size_t> index_; // of the report that goes on
    std::size_t lines_ = 0;
    bool in_stack_ = false; // the stack's top frame has been found
    bool undefined_ = false;
    bool go_ = false;
    bool python_ = false;
    std::uint32_t position_ = 0; // of the line that is read
    std::string function_;       // Go: of the next place
};

} // namespace

std::vector<SanitizerReport> sanitizer_reports(const History& history)
{
    std::vector<SanitizerReport> reports;
    std::map<std::pair<std::uint16_t, std::int32_t>, Reader> streams; // by instance and LogStream
    for (std::uint32_t position = 0; position < history.events.size(); ++position) {
        const Event& event = history.events[position];
        if (event.kind != EventKind::log) continue;
        streams[{event.slot, event.value}].line(history.text(event.text), position, reports);
    }
    return reports;
}

} // namespace wsrace
