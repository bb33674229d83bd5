#include "explore/symptom.hpp"

#include "checks/judge.hpp"
#include "core/log_template.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace wsrace {

namespace {

using Words = std::string_view;

struct Class {
    int rank;
    std::string name;
    Family family;
    std::vector<std::string> files{};
};

constexpr int unknown_rank =
    120; // a check that is not known here: between what was found and what is missing
constexpr std::size_t longest_traceback = 200; // lines
constexpr Words sanitizer = "sanitizer: ";

bool has(Words text, Words part) { return text.find(part) != Words::npos; }
Words until(Words text, Words stop) { return text.substr(0, text.find(stop)); }

void replace_all(std::string& text, Words what, Words by)
{
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

// Frames in the middle of a run are alike: which of them is hit is chance.
std::string without_frames(Words text)
{
    std::string out{text};
    for (const auto type : five_events) replace_all(out, name(type), "event");
    replace_all(out, name(FrameType::agent_error), "event");
    while (has(out, "event, event")) replace_all(out, "event, event", "event");
    return out;
}

Class of_isolation(Words text)
{
    static constexpr std::array<Words, 5> evidence{"canary of another user", "canary of another run",
                                                   "run id of another user", "thread id of another user",
                                                   "user id of another user"};
    for (std::size_t i = 0; i < evidence.size(); ++i)
        if (text.starts_with(evidence[i]))
            return {static_cast<int>(10 + i), std::string{evidence[i]}, Family::identity};
    return {15, without_frames(until(text, " in ")), Family::identity};
}

// What only the nearness in time speaks for stands behind the close itself, which says what came.
Class of_tab_independence(Words text)
{
    const std::string what{until(text, " after ")};
    if (text.starts_with("connection of another user")) return {103, what, Family::failure};
    return {80, what, Family::failure};
}

Class of_close(Words text)
{
    for (const Words code : {"our close not answered", "protocol error", "unoffered subprotocol"})
        if (text.starts_with(code)) return {102, std::string{code}, Family::failure};
    const auto code = until(text, " ");
    return {code == "1011" ? 100 : 101, std::string{code}, Family::failure};
}

Class of_five_events(Words text)
{
    if (has(text, "; the target closed with") || has(text, "; the connection ended"))
        return {142, "cut short", Family::loss};
    if (has(text, "; refused by an error_message")) return {130, "refused by an error_message", Family::loss};
    if (has(text, "; the run ended with")) return {131, "failed runs", Family::loss};
    if (text.starts_with("late ")) return {160, "slow", Family::loss};
    const auto missing = until(text, ";");
    const bool ended = text.starts_with("no ") && !has(missing, name(FrameType::agent_completed));
    if (ended) return {132, "events missing from a run that was completed", Family::loss};
    return {140, "silence", Family::loss};
}

Class of_liveness(Words text)
{
    if (has(text, "ping") || has(text, "pong") || has(text, "stop_agent"))
        return {125, std::string{has(text, "stop_agent") ? "stop_agent" : "pings"}, Family::loss};
    if (text.starts_with("hang")) return {140, "silence", Family::loss};
    return {160, "slow", Family::loss};
}

// "registry.cpp:27, session.hpp:181": the files without their extension, each once, ascending. A header is
// its source file.
std::vector<std::string> files_of(Words places)
{
    std::set<std::string> files;
    while (!places.empty()) {
        const auto place = until(places, ", ");
        if (place != "?") files.emplace(until(place, "."));
        places.remove_prefix(std::min(places.size(), place.size() + 2));
    }
    return {files.begin(), files.end()};
}

bool is_misuse(Words report)
{
    static constexpr std::array<Words, 5> kinds{"use-after-", "double-free", "attempting free",
                                                "buffer-overflow", "SEGV"};
    return std::any_of(kinds.begin(), kinds.end(), [&](Words kind) { return has(report, kind); });
}

bool is_crash(Words text)
{
    return text.starts_with("killed by") || text.starts_with("exit status") ||
           text.starts_with("unexpected exit");
}

// Races within one file come first: who locks too little, and not who calls it, is what they have in common.
Class of_sanitizer(Words text)
{
    if (is_crash(text)) return {3, std::string{text}, Family::failure};
    const auto what = until(text, " at ");
    auto files = files_of(text.substr(std::min(text.size(), what.size() + 4)));
    if (!names_a_race(what) || files.empty()) {
        const auto family = names_a_race(what) ? Family::race : Family::failure;
        return {2, std::string{text}, is_misuse(what) ? Family::memory : family, std::move(files)};
    }
    auto name = fmt::format("{} in {}", what, fmt::join(files, ", "));
    return {files.size() == 1 ? 0 : 1, std::move(name), Family::race, std::move(files)};
}

Class of_reconnect(Words text)
{
    if (has(text, "out of order") || has(text, "again") || has(text, "after the end"))
        return {45, without_frames(until(text, " after the drop")), Family::content};
    const bool none = text.starts_with("rest without");
    return {70, none ? "rest incomplete" : std::string{text}, Family::loss};
}

// Which of the events in the middle came twice is chance; of those that were replayed, which one at all.
Class of_exactly_once(Words text)
{
    if (has(text, "(recovered)")) return {41, "replayed events twice", Family::content};
    const bool ends = text.starts_with(name(FrameType::agent_started)) ||
                      text.starts_with(name(FrameType::agent_completed)) ||
                      text.starts_with(name(FrameType::agent_error));
    return {40, ends ? std::string{text} : "events twice", Family::content};
}

// The exception at the end of a traceback: the first line of the same stream that is not indented.
std::string exception_of(const Violation& violation, const History& history)
{
    if (violation.evidence.empty() || violation.evidence.front() >= history.events.size()) return {};
    const auto first = violation.evidence.front();
    const Event& headline = history.events[first];
    std::size_t seen = 0;
    for (std::size_t at = first + 1; at < history.events.size() && seen < longest_traceback; ++at) {
        const Event& event = history.events[at];
        if (event.kind != EventKind::log || event.slot != headline.slot || event.value != headline.value)
            continue;
        ++seen;
        const auto line = history.text(event.text);
        if (!line.empty() && line.front() != ' ' && line.front() != '\t') return log_template(line);
    }
    return {};
}

Class of_server_log(Words text, const Violation& violation, const History& history)
{
    if (has(text, "eprecat")) return {200, std::string{text}, Family::remark};
    if (has(text, "Traceback (most recent call last)"))
        if (auto exception = exception_of(violation, history); !exception.empty())
            return {60, "traceback: " + exception, Family::failure};
    return {61, std::string{text}, Family::failure};
}

Class of_thresholds(Words text) { return {190, std::string{until(text, " ")}, Family::loss}; }

Class by_check(const Violation& violation, Words text, const History& history)
{
    const Words check = violation.check;
    if (check == "sanitizer") return of_sanitizer(text);
    if (check == "isolation") return of_isolation(text);
    if (check == "credentials") return {20, std::string{text}, Family::identity};
    if (check == "routing") return {30, without_frames(until(text, " at /")), Family::identity};
    if (check == "exactly_once") return of_exactly_once(text);
    if (check == "event_order") {
        if (has(text, "does not parse")) return {201, "timestamps", Family::remark};
        return {50, "out of order", Family::content};
    }
    if (check == "server_log") return of_server_log(text, violation, history);
    if (check == "reconnect") return of_reconnect(text);
    if (check == "tab_independence") return of_tab_independence(text);
    if (check == "idle_delivery") return {90, std::string{text}, Family::loss};
    if (check == "close_codes") return of_close(text);
    if (check == "tool_pairing") return {141, "tools without their end", Family::loss};
    if (check == "liveness") return of_liveness(text);
    if (check == "five_events") return of_five_events(text);
    if (check == "acknowledged") return {140, "silence", Family::loss};
    if (check == "overload_refusal") return {150, std::string{text}, Family::loss};
    if (check == "handshake") return {151, std::string{text}, Family::loss};
    if (check == "baseline") return {170, std::string{text}, Family::leak};
    if (check == "schema") return {202, std::string{text}, Family::remark};
    if (check == "thresholds") return of_thresholds(text);
    return {unknown_rank, std::string{text}, Family::content};
}

} // namespace

Symptom symptom_of(const Violation& violation, const History& history)
{
    Words text = violation.signature;
    const auto prefix = violation.check + ": ";
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
    auto found = by_check(violation, text, history);
    // Several checks say each of these, and all of them mean the same.
    Words check = violation.check;
    if (found.name == "silence") check = "five_events";
    if (found.name == "slow") check = "liveness";
    return {.rank = found.rank,
            .name = std::string{check} + ": " + found.name,
            .family = found.family,
            .detail = violation.signature,
            .files = std::move(found.files)};
}

bool names_a_race(std::string_view symptom)
{
    return has(symptom, "ThreadSanitizer: data race") || has(symptom, "Go: data race");
}

bool names_a_report(std::string_view symptom)
{
    return symptom.starts_with(sanitizer) && !is_crash(symptom.substr(sanitizer.size()));
}

bool names_a_check(std::string_view symptom)
{
    const auto id = until(symptom, ": ");
    const auto checks = check_table();
    const auto is_it = [id](const CheckEntry& check) { return check.id == id; };
    return symptom.empty() || id == "thresholds" || std::any_of(checks.begin(), checks.end(), is_it);
}

std::string as_named_now(const std::string& symptom)
{
    if (!names_a_race(symptom) || !names_a_report(symptom) || !has(symptom, " at ")) return symptom;
    return std::string{sanitizer} + of_sanitizer(Words{symptom}.substr(sanitizer.size())).name;
}

} // namespace wsrace
