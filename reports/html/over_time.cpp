#include "reports/html/over_time.hpp"

#include "core/ingress_act.hpp"
#include "reports/clean_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace wsrace {

namespace {

constexpr Duration together = std::chrono::milliseconds{200}; // acts of one fault that are one window

// The shortest time that a person would choose and that gives few enough buckets.
Duration bucket_for(Duration whole)
{
    static constexpr std::array steps{1, 2, 5, 10, 20, 50, 100, 200, 500};
    for (std::int64_t unit = 1'000'000; unit < 1'000'000'000'000; unit *= 1000)
        for (const auto step : steps)
            if (whole / Duration{unit * step} < static_cast<std::int64_t>(most_buckets))
                return Duration{unit * step};
    return whole;
}

bool is_opening(const Event& event)
{
    return event.is_step(StepKind::upgrade_answered) && event.outcome == Outcome::ok;
}

Ending ending_of(const Event& end)
{
    const auto code = end.value;
    switch (end.end()) {
    case EndKind::peer_closed: return {fmt::format("{} by the target", code == 0 ? 1005 : code), 0, true};
    case EndKind::we_closed: return {fmt::format("closed by us, answered with {}", code), 0, false};
    case EndKind::we_dropped: return {"cut by us on purpose", 0, false};
    case EndKind::eof: return {"ended by the target without a close frame (1006)", 0, true};
    case EndKind::reset: return {"reset by the target (1006)", 0, true};
    case EndKind::timeout: return {"our close was not answered in time", 0, true};
    case EndKind::protocol_error: return {"violation of RFC 6455 by the target", 0, true};
    case EndKind::cancelled: return {"interrupted", 0, false};
    }
    return {"invalid", 0, true};
}

std::vector<Ending> by_frequency(const std::map<std::string, Ending>& found)
{
    std::vector<Ending> out;
    for (const auto& [text, ending] : found) out.push_back(ending);
    std::stable_sort(out.begin(), out.end(),
                     [](const Ending& a, const Ending& b) { return a.count > b.count; });
    return out;
}

std::string refusal_text(const Event& step)
{
    if (step.outcome == Outcome::http_status)
        return fmt::format("HTTP {} ({})", step.value, name(step.step()));
    return fmt::format("{} ({})", name(step.outcome), name(step.step()));
}

// The states of one instance, each open until the next event ends it.
class Windows {
public:
    Windows(const History& history, std::vector<TargetWindow>& out) : history_{history}, out_{out} {}

    void take(const Event& event)
    {
        auto& states = states_[event.slot];
        switch (event.life_cycle()) {
        case LifeCycle::spawned:
            close(states.down, event.at);
            open(states.starting, event, "starting", false);
            break;
        case LifeCycle::ready: close(states.starting, event.at); break;
        case LifeCycle::terminating: open(states.ending, event, "terminating", true); break;
        case LifeCycle::exited:
        case LifeCycle::killed:
            for (auto* state : {&states.starting, &states.ending, &states.paused, &states.slowed})
                close(*state, event.at);
            open(states.down, event, "down", true);
            break;
        case LifeCycle::paused: open(states.paused, event, "paused", true); break;
        case LifeCycle::resumed: close(states.paused, event.at); break;
        case LifeCycle::slowed:
            open(states.slowed, event, fmt::format("slowed to {} %", event.value), true);
            break;
        case LifeCycle::restored: close(states.slowed, event.at); break;
        case LifeCycle::port_open: break;
        }
    }

    // "dependency auth: delay 37.3 ms, connection 0": the same one for all delays and connections.
    void fault(const Event& event)
    {
        const auto words = history_.text(event.text);
        const auto numbers = words.find_first_of("0123456789,", words.find(':') + 1);
        auto kind = one_line(clean_text(words.substr(0, numbers)), 60);
        auto& last = faults_[kind];
        if (last && event.at - out_[*last].until <= together) {
            out_[*last].until = event.at;
            return;
        }
        if (out_.size() >= 2 * most_windows) return;
        last = out_.size();
        out_.push_back({event.at, event.at, std::move(kind), true});
    }

private:
    using Place = std::optional<std::size_t>;
    struct States {
        Place starting, ending, paused, slowed, down;
    };

    void open(Place& place, const Event& event, const std::string& what, bool fault)
    {
        close(place, event.at);
        place = out_.size();
        const auto text = history_.info.instances > 1 ? fmt::format("instance {} {}", event.slot, what)
                                                      : fmt::format("server {}", what);
        out_.push_back({event.at, history_.duration(), text, fault});
    }

    void close(Place& place, Instant at)
    {
        if (place) out_[*place].until = at;
        place.reset();
    }

    const History& history_;
    std::vector<TargetWindow>& out_;
    std::map<std::uint16_t, States> states_;
    std::map<std::string, Place> faults_;
};

} // namespace

OverTime over_time(const History& history, const RunVerdict& verdict)
{
    OverTime out;
    if (history.events.empty()) return out;
    out.bucket = bucket_for(history.duration());
    const auto size = static_cast<std::size_t>(history.duration() / out.bucket) + 1;
    for (auto* series : {&out.open, &out.frames, &out.requests, &out.ends, &out.violations})
        series->resize(size);
    const auto place = [&](Instant at) {
        return std::min(static_cast<std::size_t>(std::max<std::int64_t>(at / out.bucket, 0)), size - 1);
    };
    std::uint64_t open = 0;
    std::size_t reached = 0;
    for (const Event& event : history.events) {
        const auto at = place(event.at);
        for (; reached < at; ++reached) out.open[reached] = open;
        if (is_opening(event)) ++open;
        if (event.kind == EventKind::end && open > 0) --open;
        if (event.kind == EventKind::end && ending_of(event).by_target) ++out.ends[at];
        if (event.kind == EventKind::frame) ++out.frames[at];
        if (event.is_step(StepKind::request_sent)) ++out.requests[at];
    }
    for (; reached < size; ++reached) out.open[reached] = open;
    for (const auto& check : verdict.checks)
        for (const auto& violation : check.violations) ++out.violations[place(violation.at)];
    return out;
}

std::vector<Ending> endings_of(const History& history)
{
    std::map<std::string, Ending> found;
    for (const Event& event : history.events) {
        if (event.kind != EventKind::end) continue;
        auto ending = ending_of(event);
        auto& its = found.try_emplace(ending.text, ending).first->second;
        ++its.count;
    }
    return by_frequency(found);
}

std::vector<Ending> refusals_of(const History& history)
{
    std::map<std::string, Ending> found;
    for (const Event& event : history.events) {
        const auto is_attempt = event.kind == EventKind::step &&
                                event.type <= static_cast<std::uint8_t>(StepKind::upgrade_answered);
        if (!is_attempt || event.outcome == Outcome::ok || event.outcome == Outcome::skipped) continue;
        const auto text = refusal_text(event);
        ++found.try_emplace(text, Ending{text, 0, event.outcome != Outcome::cancelled}).first->second.count;
    }
    return by_frequency(found);
}

std::vector<TargetWindow> target_windows(const History& history)
{
    std::vector<TargetWindow> out;
    Windows windows{history, out};
    for (const Event& event : history.events) {
        if (event.kind == EventKind::life_cycle) windows.take(event);
        if (event.kind == EventKind::fault && event.user == no_user && ingress_act(event) == IngressAct::none)
            windows.fault(event);
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const TargetWindow& a, const TargetWindow& b) { return a.from < b.from; });
    if (out.size() > most_windows) out.resize(most_windows);
    return out;
}

} // namespace wsrace
