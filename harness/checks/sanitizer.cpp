// No sanitizer report in the target's output, and no crash. Identical reports are folded by the top frames
// of their stacks.
//
// A crash is a signal that only a fault of the target raises, exit status 66 without a report that explains
// it, and every exit or signal that the harness did not ask for: it says `terminating` before it sends one.
// Reports may be in output that was too large to be kept: without any finding that is inconclusive.
#include "checks/sanitizer_report.hpp"

#include "checks/cut_output.hpp"
#include "checks/findings.hpp"
#include "checks/judge.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

namespace wsrace {

namespace {

constexpr int sanitizer_exit = 66;

struct Signal {
    int number;
    std::string_view name; // empty: not known
    bool fatal;            // raised by a fault of the process itself: wrong even while it is ending
};
constexpr int kill_signal = 9;
// Those that end a process, by their numbers on Linux.
constexpr std::array<Signal, 16> signals{{{1, "SIGHUP", false},
                                          {2, "SIGINT", false},
                                          {3, "SIGQUIT", false},
                                          {4, "SIGILL", true},
                                          {5, "SIGTRAP", true},
                                          {6, "SIGABRT", true},
                                          {7, "SIGBUS", true},
                                          {8, "SIGFPE", true},
                                          {9, "SIGKILL", false},
                                          {11, "SIGSEGV", true},
                                          {13, "SIGPIPE", false},
                                          {14, "SIGALRM", false},
                                          {15, "SIGTERM", false},
                                          {24, "SIGXCPU", false},
                                          {25, "SIGXFSZ", false},
                                          {31, "SIGSYS", true}}};

Signal signal_of(int number)
{
    const auto* const found = std::find_if(signals.begin(), signals.end(),
                                           [&](const Signal& signal) { return signal.number == number; });
    return found != signals.end() ? *found : Signal{number, {}, false};
}

constexpr std::size_t told_reports = 4; // of those that say the same
constexpr std::size_t told_lines = 6;   // of a crash
constexpr std::size_t told_steps = 8;

// What users were doing when the report was written: it arrives a moment after what it is about. A file of
// reports is read only every 250 ms.
std::vector<std::uint32_t> steps_in_flight(const History& history, std::uint32_t report)
{
    const bool from_file = history.events[report].kind == EventKind::log &&
                           history.events[report].value == static_cast<std::int32_t>(LogStream::report);
    const Duration moment_before = std::chrono::milliseconds{from_file ? 300 : 50};
    std::vector<std::uint32_t> steps; // the latest first
    for (auto position = report; position-- > 0 && steps.size() < told_steps;) {
        const Event& event = history.events[position];
        if (history.events[report].at - event.at > moment_before) break;
        if (event.kind == EventKind::step && event.user != no_user) steps.push_back(position);
    }
    return steps;
}

std::string in_flight(const History& history, const std::vector<std::uint32_t>& steps)
{
    constexpr std::size_t named = 3;
    std::vector<std::string> out;
    for (std::size_t i = 0; i < std::min(steps.size(), named); ++i) {
        const Event& event = history.events[steps[i]];
        out.push_back(fmt::format("{} of {}", name(event.step()), who(event)));
    }
    return out.empty() ? std::string{} : fmt::format("; in flight: {}", fmt::join(out, ", "));
}

void judge_reports(Findings& findings, const History& history, const std::vector<SanitizerReport>& reports)
{
    std::map<std::string, std::vector<const SanitizerReport*>> folded;
    for (const auto& report : reports) {
        auto places = report.places;
        std::sort(places.begin(), places.end()); // which of two racing threads comes first is chance
        folded[fmt::format("{} at {}", report.kind,
                           places.empty() ? "?" : fmt::format("{}", fmt::join(places, ", ")))]
            .push_back(&report);
    }
    for (const auto& [signature, same] : folded) {
        const SanitizerReport& first = *same.front();
        const auto steps = steps_in_flight(history, first.position);
        auto violation = violation_at(
            history, first.position, signature,
            fmt::format("{} ({} time{}), first at {}: {}{}", first.kind, same.size(),
                        same.size() == 1 ? "" : "s", moment(history.events[first.position].at),
                        first.frames.empty() ? "no frame with a source line"
                                             : fmt::format("{}", fmt::join(first.frames, " and ")),
                        in_flight(history, steps)),
            "no sanitizer report");
        auto& evidence = violation.evidence;
        evidence.insert(evidence.end(), first.lines.begin(), first.lines.end());
        evidence.insert(evidence.end(), steps.begin(), steps.end());
        for (std::size_t i = 1; i < std::min(same.size(), told_reports); ++i)
            evidence.push_back(same[i]->position);
        findings.add(std::move(violation));
    }
}

// The last lines that an instance wrote before it ended; what was still in the pipe is read a little later.
std::vector<std::uint32_t> last_output(const History& history, std::uint32_t exit)
{
    constexpr Duration in_the_pipe = std::chrono::milliseconds{200};
    const Event& end = history.events[exit];
    const auto said = [&](const Event& event) {
        return event.kind == EventKind::log && event.slot == end.slot;
    };
    const auto begins_anew = [&](const Event& event) {
        return event.kind == EventKind::life_cycle && event.slot == end.slot &&
               event.life_cycle() == LifeCycle::spawned;
    };
    std::vector<std::uint32_t> lines;
    for (auto position = exit; position-- > 0 && lines.size() < told_lines;) {
        if (begins_anew(history.events[position])) break;
        if (said(history.events[position])) lines.push_back(position);
    }
    std::reverse(lines.begin(), lines.end());
    for (auto position = exit + 1; position < history.events.size(); ++position) {
        const Event& event = history.events[position];
        if (event.at - end.at > in_the_pipe || begins_anew(event)) break;
        if (said(event)) lines.push_back(position);
    }
    if (lines.size() > told_lines) lines.erase(lines.begin(), lines.end() - std::ptrdiff_t{told_lines});
    return lines;
}

class Exits {
    struct Life {
        bool terminating = false;
        bool came_up = false; // one that ends before is a target that could not be started, not a crash
    };

public:
    Exits(Findings& findings, const History& history, bool explained)
        : findings_(findings), history_(history), explained_(explained)
    {}

    void judge(std::uint32_t position)
    {
        const Event& event = history_.events[position];
        Life& life = lives_[event.slot];
        switch (event.life_cycle()) {
        case LifeCycle::spawned: life.terminating = false; break;
        case LifeCycle::terminating: life.terminating = true; break;
        case LifeCycle::exited: exited(position, event.value); break;
        case LifeCycle::killed: killed(position, event.value); break;
        case LifeCycle::port_open: life.came_up = true; break;
        case LifeCycle::ready:
        case LifeCycle::paused:
        case LifeCycle::resumed:
        case LifeCycle::slowed:
        case LifeCycle::restored: break;
        }
    }

private:
    void exited(std::uint32_t position, int status)
    {
        findings_.judged();
        if (status == sanitizer_exit && explained_) return;
        if (status == sanitizer_exit)
            return add(position, "exit status 66", "the target exited with a sanitizer's status");
        const Life& life = lives_[history_.events[position].slot];
        if (!life.terminating && life.came_up)
            add(position, "unexpected exit",
                fmt::format("the target exited on its own with status {}", status));
    }

    void killed(std::uint32_t position, int number)
    {
        findings_.judged();
        const Signal signal = signal_of(number);
        if (lives_[history_.events[position].slot].terminating && !signal.fatal) return;
        const auto named = signal.name.empty() ? fmt::format("signal {}", number) : std::string{signal.name};
        const auto* const hint = number == kill_signal ? "; was it the OOM killer?" : "";
        add(position, fmt::format("killed by {}", named),
            signal.fatal ? fmt::format("the target died of {}", named)
                         : fmt::format("the target was killed by {}, not by the harness{}", named, hint));
    }

    void add(std::uint32_t position, std::string signature, const std::string& what)
    {
        const auto lines = last_output(history_, position);
        const auto steps = steps_in_flight(history_, position);
        auto message = fmt::format("{}, at {}{}", what, moment(history_.events[position].at),
                                   in_flight(history_, steps));
        if (!lines.empty())
            message += fmt::format("; its last output: {}",
                                   history_.text(history_.events[lines.back()].text).substr(0, 300));
        auto violation = violation_at(history_, position, std::move(signature), std::move(message),
                                      "a target that runs until it is told to end");
        violation.evidence.insert(violation.evidence.end(), lines.begin(), lines.end());
        violation.evidence.insert(violation.evidence.end(), steps.begin(), steps.end());
        findings_.add(std::move(violation));
    }

    Findings& findings_;
    const History& history_;
    bool explained_;                      // a report was found, which is why the status is what it is
    std::map<std::uint16_t, Life> lives_; // by instance
};

} // namespace

CheckResult judge_sanitizer(const CheckInput& input)
{
    if (!input.expectations.server_output) return skipped("sanitizer", "the target's output is not captured");
    const History& history = input.history;
    const auto reports = sanitizer_reports(history);
    Findings findings("sanitizer", "lines and exits");
    Exits exits(findings, history, !reports.empty());
    bool started = false;
    for (std::uint32_t position = 0; position < history.events.size(); ++position) {
        const Event& event = history.events[position];
        const bool cut = event.value == static_cast<std::int32_t>(LogStream::cut);
        if (event.kind == EventKind::log && !cut) findings.judged();
        if (event.kind != EventKind::life_cycle) continue;
        started = true;
        exits.judge(position);
    }
    judge_reports(findings, history, reports);
    if (started)
        return unless_cut(history,
                          std::move(findings).result_or_skipped("the target wrote nothing and did not exit"));
    return unless_cut(history,
                      std::move(findings).result("the target wrote nothing, and was not seen to start"));
}

} // namespace wsrace
