// No sanitizer report in the target's output, and no crash. Identical reports are folded by the top frames
// of their stacks.
//
// A crash is a fatal signal that the harness does not send, exit status 66 without a report that explains
// it, or an exit that the harness did not ask for.
#include "checks/sanitizer_report.hpp"

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
    std::string_view name;
};
constexpr std::array<Signal, 7> fatal_signals{{{4, "SIGILL"},
                                               {5, "SIGTRAP"},
                                               {6, "SIGABRT"},
                                               {7, "SIGBUS"},
                                               {8, "SIGFPE"},
                                               {11, "SIGSEGV"},
                                               {31, "SIGSYS"}}};

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
        auto violation = violation_at(
            history, first.position, signature,
            fmt::format("{} ({} time{}), first at {}: {}", first.kind, same.size(),
                        same.size() == 1 ? "" : "s", moment(history.events[first.position].at),
                        first.frames.empty() ? "no frame with a source line"
                                             : fmt::format("{}", fmt::join(first.frames, " and "))),
            "no sanitizer report");
        violation.evidence.clear();
        for (const auto* report : same) violation.evidence.push_back(report->position);
        findings.add(std::move(violation));
    }
}

class Exits {
public:
    Exits(Findings& findings, const History& history, bool explained)
        : findings_(findings), history_(history), explained_(explained)
    {}

    void judge(std::uint32_t position)
    {
        const Event& event = history_.events[position];
        switch (event.life_cycle()) {
        case LifeCycle::spawned: terminating_ = false; break;
        case LifeCycle::terminating: terminating_ = true; break;
        case LifeCycle::exited: exited(position, event.value); break;
        case LifeCycle::killed: killed(position, event.value); break;
        case LifeCycle::port_open: came_up_ = true; break;
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
        if (!terminating_ && came_up_)
            add(position, "unexpected exit",
                fmt::format("the target exited on its own with status {}", status));
    }

    void killed(std::uint32_t position, int number)
    {
        findings_.judged();
        for (const auto& signal : fatal_signals) {
            if (signal.number != number) continue;
            add(position, fmt::format("killed by {}", signal.name),
                fmt::format("the target died of {}", signal.name));
        }
    }

    void add(std::uint32_t position, std::string signature, const std::string& what)
    {
        findings_.add(violation_at(history_, position, std::move(signature),
                                   fmt::format("{}, at {}", what, moment(history_.events[position].at)),
                                   "a target that runs until it is told to end"));
    }

    Findings& findings_;
    const History& history_;
    bool explained_; // a report was found, which is why the status is what it is
    bool terminating_ = false;
    bool came_up_ = false; // one that ends before is a target that could not be started, not a crash
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
        if (event.kind == EventKind::log) findings.judged();
        if (event.kind != EventKind::life_cycle) continue;
        started = true;
        exits.judge(position);
    }
    judge_reports(findings, history, reports);
    if (started) return std::move(findings).result_or_skipped("the target wrote nothing and did not exit");
    return std::move(findings).result("the target wrote nothing, and was not seen to start");
}

} // namespace wsrace
