// One agent_started and one terminal event per run; no frame delivered twice, replays marked `recovered` included.
//
// Frames that carry neither an execution id nor a step number cannot be told from another step of the same kind, and are not compared.
// Where events go to all of a user's connections, each connection is held to it on its own.
#include "checks/applicable.hpp"

#include <fmt/format.h>

namespace wsrace {

namespace {

void add(Findings& findings, const History& history, const Run& run, std::span<const std::uint32_t> before,
         std::uint32_t position)
{
    const Event& frame = history.events[position];
    const auto earlier = std::find_if(before.begin(), before.end(), [&](std::uint32_t candidate) {
        return candidate != position && is_repeat(history.events[candidate], frame);
    });
    if (earlier == before.end()) return;
    const Event& first = history.events[*earlier];
    const auto item = history.text(frame.item);
    auto violation = violation_at(
        history, position,
        fmt::format("{} twice{}", name(frame.frame()), frame.has(Flag::recovered) ? " (recovered)" : ""),
        fmt::format("{}, asked by {}: {}{}{} at {}, after {} at {}", to_string(frame.connection()), to_string(run.id),
                    name(frame.frame()), item.empty() ? "" : " ", item, moment(frame.at), name(first.frame()),
                    moment(first.at)),
        "each event of a run once");
    violation.request = run.id.request;
    violation.evidence.push_back(*earlier);
    findings.add(std::move(violation));
}

// Deliveries to the user's other connections, which the scenario declares to be right.
void judge_copies(Findings& findings, const History& history, const Run& run)
{
    for (std::size_t i = 0; i < run.strays.size(); ++i) {
        const Event& frame = history.events[run.strays[i]];
        if (frame.user != run.id.user.value) continue;
        std::vector<std::uint32_t> before;
        for (std::size_t k = 0; k < i; ++k)
            if (history.events[run.strays[k]].connection() == frame.connection()) before.push_back(run.strays[k]);
        add(findings, history, run, before, run.strays[i]);
    }
}

} // namespace

CheckResult judge_exactly_once(const CheckInput& input)
{
    if (sends_no_requests(input)) return skipped("exactly_once", no_requests_planned);
    Findings findings("exactly_once", "runs");
    for (const Run& run : input.runs.runs()) {
        if (run.first == nowhere) continue;
        findings.judged();
        for (const auto position : run.repeats) add(findings, input.history, run, run.frames, position);
        if (input.expectations.routing == RoutingPolicy::all_connections) judge_copies(findings, input.history, run);
    }
    return std::move(findings).result("no run yielded an event");
}

} // namespace wsrace
