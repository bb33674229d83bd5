// What a supervised target writes: lines, reports of sanitizers, secrets. The first line of the input is also
// tried as a pattern for the others.
#include "fuzz/target.hpp"

#include "checks/log_patterns.hpp"
#include "checks/sanitizer_report.hpp"
#include "core/redact.hpp"
#include "reports/clean_text.hpp"
#include "target/output_reader.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

using namespace wsrace;
using namespace wsrace::fuzz;

namespace {

using Lines = std::vector<std::string>;

Lines lines_of(const std::vector<std::string_view>& stream)
{
    Lines lines;
    LineSplitter splitter;
    const auto sink = [&](std::string_view line) { lines.emplace_back(line); };
    for (const auto piece : stream) splitter.add(piece, sink);
    splitter.finish(sink);
    return lines;
}

std::string without_ends(std::string_view text)
{
    std::string out{text};
    std::erase(out, '\n');
    return out;
}

Lines look_at_lines(std::string_view bytes, Draws& draws)
{
    auto lines = lines_of({bytes});
    require(lines == lines_of(pieces(bytes, draws)), "lines are the same however the output comes");
    std::string all;
    for (const auto& line : lines) {
        require(line.find('\n') == std::string::npos, "a line has no end of line in it", line);
        all += line;
    }
    require(all == without_ends(bytes), "all that was written is in the lines");
    return lines;
}

void look_at_secrets(const std::string& line)
{
    const auto once = redact(line);
    require(redact(once) == once, "what is redacted twice is redacted once", once);
}

bool steers(unsigned char c) { return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7F; }

void look_at_clean_text(const std::string& line)
{
    const auto clean = clean_text(line, 200);
    require(clean.size() <= 240, "clean text is not longer than its limit, and a remark");
    require(std::none_of(clean.begin(), clean.end(),
                         [](char c) { return steers(static_cast<unsigned char>(c)); }),
            "clean text does not steer a terminal", clean);
    try {
        const auto ignored = nlohmann::json(clean).dump(); // throws at what is not UTF-8
    } catch (const nlohmann::json::type_error& error) {
        broken("clean text is UTF-8", error.what());
    }
    const auto line_of_it = one_line(clean, 50);
    require(line_of_it.find_first_of("\n\t") == std::string::npos, "one line is one line", line_of_it);
}

Event said(std::uint16_t instance, LogStream stream, Symbol text)
{
    Event event;
    event.kind = EventKind::log;
    event.slot = instance;
    event.value = static_cast<std::int32_t>(stream);
    event.text = text;
    return event;
}

// The same output in two streams, line by line.
void look_at_reports(const Lines& lines)
{
    History one;
    History both;
    for (const auto& line : lines) {
        one.events.push_back(said(0, LogStream::err, one.intern(line)));
        both.events.push_back(said(0, LogStream::err, both.intern(line)));
        both.events.push_back(said(1, LogStream::out, both.intern(line)));
    }
    const auto reports = sanitizer_reports(one);
    std::vector<SanitizerReport> first;
    for (auto& report : sanitizer_reports(both))
        if (report.position % 2 == 0) first.push_back(std::move(report));
    require(first.size() == reports.size(), "another stream makes no report, and hides none");
    for (std::size_t i = 0; i < reports.size(); ++i) {
        const auto& report = reports[i];
        require(report.kind == first[i].kind && report.frames == first[i].frames &&
                    report.places == first[i].places && 2 * report.position == first[i].position,
                "another stream does not disturb a report", report.kind);
        require(report.frames.size() == report.places.size() && report.places.size() <= 2,
                "a report names at most two frames, each with its place", report.kind);
        require(std::is_sorted(report.lines.begin(), report.lines.end()), "frames come in order",
                report.kind);
        require(report.position < lines.size() &&
                    (report.lines.empty() || report.lines.back() < lines.size()),
                "a report is in the output", report.kind);
    }
}

// Only patterns that cannot make the search take for ever.
void look_at_pattern(const std::string& pattern, const Lines& lines)
{
    if (pattern.empty() || pattern.size() > 12 || pattern.find_first_of("([{|") != std::string::npos) return;
    try {
        const LogPatterns patterns{{pattern}};
        const std::regex expression{pattern, std::regex::ECMAScript};
        for (const auto& line : lines) {
            if (line.size() > 24) continue;
            const auto found = patterns.matching(line);
            const auto matches = std::regex_search(line, expression);
            require(found.empty() ? !matches : (matches || found != pattern),
                    "a pattern's text is in what it matches", line);
        }
    } catch (const std::runtime_error&) { // no regular expression
    }
}

} // namespace

void wsrace::fuzz::look_at(std::string_view input)
{
    Draws draws{input};
    const auto lines = look_at_lines(input, draws);
    static const LogPatterns patterns{{"ERR[0-9]+", "fail(ed|ure)"}};
    for (const auto& line : lines) {
        look_at_secrets(line);
        look_at_clean_text(line);
        const auto found = patterns.matching(line);
        require(found.empty() || found.find_first_of("[(") != std::string_view::npos ||
                    line.find(found) != std::string::npos,
                "a line is told by what is in it", line);
    }
    look_at_reports(lines);
    if (!lines.empty()) look_at_pattern(lines.front(), lines);
}
