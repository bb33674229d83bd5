#include "checks/punctuality.hpp"

#include "core/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace wsrace {

namespace {

using Result = Punctuality::Result;

struct Tally {
    Punctuality result;
    std::vector<Duration> samples;
    std::map<Symbol, std::vector<Instant>> released; // of a gate, by group
};

void take_gate(const Event& event, Tally& gate)
{
    switch (event.gate()) {
    case GateStep::opened: gate.result.missing += static_cast<std::uint64_t>(event.value); return;
    case GateStep::released: gate.released[event.item].push_back(event.at); return;
    case GateStep::late: ++gate.result.late; return;
    case GateStep::left: ++gate.result.left; return;
    }
}

void take_constraint(const Event& event, Tally& constraint)
{
    auto& result = constraint.result;
    const auto planned = event.planned();
    if (event.outcome == Outcome::timeout)
        ++result.missing;
    else if (event.outcome != Outcome::ok || !planned)
        ++result.left;
    else {
        ++result.met;
        constraint.samples.push_back(event.at - *planned);
        if (event.at - *planned > result.tolerance) ++result.late;
    }
}

void measure_skew(Tally& gate)
{
    for (auto& [group, times] : gate.released) {
        gate.result.met += times.size();
        std::sort(times.begin(), times.end());
        for (std::size_t i = 1; i < times.size(); ++i) gate.samples.push_back(times[i] - times.front());
    }
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view several)
{
    return fmt::format("{} {}", count, count == 1 ? one : several);
}

// What is told in any case.
std::string gate_text(const Punctuality& gate)
{
    auto text = counted(gate.met, "connection was released", "connections were released");
    if (gate.missing > 0) text += fmt::format(", {} had not come when time was up", gate.missing);
    if (gate.late > 0) text += fmt::format(", {} came too late", gate.late);
    if (gate.left > 0) text += fmt::format(", {} could not come any more", gate.left);
    return text;
}

std::string constraint_text(const Punctuality& constraint)
{
    auto text = counted(constraint.met, "step was done when due", "steps were done when due");
    if (constraint.late > 0) text += fmt::format(", {} of them too late", constraint.late);
    if (constraint.missing > 0)
        text += fmt::format(", for {} what it waited for had not come when time was up", constraint.missing);
    if (constraint.left > 0)
        text += fmt::format(", for {} what it waited for could not come any more", constraint.left);
    return text;
}

Punctuality judged(Tally tally, bool is_gate)
{
    auto result = std::move(tally.result);
    result.p50 = quantile(tally.samples, 0.5);
    result.p99 = quantile(tally.samples, 0.99);
    result.max = quantile(tally.samples, 1.0);
    const auto too_late = result.p99 > result.tolerance;
    const auto too_few = result.met < (is_gate ? 2 : 1);
    result.result = Result::kept;
    if (too_few) result.result = Result::unmet;
    if (result.missing > 0 || too_late) result.result = Result::missed;
    result.explanation = is_gate ? gate_text(result) : constraint_text(result);
    if (!tally.samples.empty())
        result.explanation += fmt::format("; {} p99 {}, at most {} wanted", is_gate ? "skew" : "lateness",
                                          format_duration(result.p99), format_duration(result.tolerance));
    return result;
}

std::vector<Tally> tallies(const std::vector<Meeting>& meetings, std::string_view kind)
{
    std::vector<Tally> out;
    for (const auto& meeting : meetings) {
        auto& tally = out.emplace_back();
        tally.result.id = fmt::format("{} {}", kind, out.size() - 1);
        tally.result.text = meeting.text;
        tally.result.tolerance = meeting.tolerance;
    }
    return out;
}

} // namespace

std::vector<Punctuality> punctuality(const Expectations& expectations, const History& history)
{
    if (expectations.gates.empty() && expectations.constraints.empty()) return {};
    auto gates = tallies(expectations.gates, "gate");
    auto constraints = tallies(expectations.constraints, "constraint");
    for (const Event& event : history.events) {
        if (event.kind == EventKind::gate && event.request < gates.size())
            take_gate(event, gates[event.request]);
        if (event.kind == EventKind::constraint && event.request < constraints.size())
            take_constraint(event, constraints[event.request]);
    }
    std::vector<Punctuality> out;
    for (auto& gate : gates) {
        measure_skew(gate);
        out.push_back(judged(std::move(gate), true));
    }
    for (auto& constraint : constraints) out.push_back(judged(std::move(constraint), false));
    return out;
}

} // namespace wsrace
