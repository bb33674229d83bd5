// One mistake each in when a run yields something.
#include "support/planting.hpp"
#include "support/random_history.hpp"
#include "support/story.hpp"

#include <algorithm>
#include <set>

namespace wsrace::test {

namespace {

// The frames after the k-th never come, and the journey waits in vain.
bool silence_after(History& history, RandomEngine& random, std::size_t k)
{
    const auto run = some_run(history, random, [&](const Run& candidate) {
        const bool no_more = k > 0 || candidate.accepted == candidate.first; // not even an acknowledgement
        return single_tab(candidate) && no_more && history.events[candidate.sent].at < ms(5'000);
    });
    const bool dropped = std::any_of(history.events.begin(), history.events.end(), [](const Event& event) {
        return event.user == 0 && event.is_step(StepKind::drop);
    });
    if (!run || dropped) return false; // a drop soon after would excuse the target
    const std::set<std::uint32_t> gone(run->frames.begin() + static_cast<std::ptrdiff_t>(k),
                                       run->frames.end());
    remove_frames(history, [&](std::uint32_t position, const Event&) { return gone.contains(position); });
    return true;
}

bool silence(History& history, RandomEngine& random) { return silence_after(history, random, 0); }
bool agent_death(History& history, RandomEngine& random)
{
    return silence_after(history, random, 1 + random() % 3);
}

bool slow_end(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, [&](const Run& candidate) {
        const RunTable table(history, connections_of(history));
        const Run* next = table.find(
            {candidate.id.user, candidate.id.slot, static_cast<std::uint16_t>(candidate.id.request + 1)});
        return next == nullptr; // nothing comes after it on its connection
    });
    if (!run) return false;
    Event terminal = history.events[run->terminal];
    remove_frames(history, [&](std::uint32_t position, const Event&) { return position == run->terminal; });
    insert(history, terminal, ms(6'000));
    return true;
}

// A pong that never comes, of a ping while a run is going on, or of one while none is.
bool pong_missing(History& history, RandomEngine& random, bool during)
{
    const RunTable table(history, connections_of(history));
    const auto busy = [&](std::uint32_t position) {
        const Event& event = history.events[position];
        return std::any_of(table.runs().begin(), table.runs().end(), [&](const Run& run) {
            return run.id.user.value == event.user && run.id.slot.value == event.slot &&
                   run.sent < position && std::min(run.terminal, run.refusal) > position;
        });
    };
    std::vector<std::uint32_t> awaited;
    for (std::uint32_t position = 0; position < history.events.size(); ++position)
        if (history.events[position].is_step(StepKind::pong_awaited) && busy(position) == during)
            awaited.push_back(position);
    if (awaited.empty()) return false;
    Event& step = history.events[awaited[random() % awaited.size()]];
    step.outcome = Outcome::timeout;
    const Event chosen = step;
    remove_frames(history, [&](std::uint32_t, const Event& event) {
        return event.is_frame(FrameType::pong) && event.connection() == chosen.connection();
    });
    return true;
}

bool pong_missing_during_a_run(History& history, RandomEngine& random)
{
    return pong_missing(history, random, true);
}

bool pong_missing_between_runs(History& history, RandomEngine& random)
{
    return pong_missing(history, random, false);
}

void silent_after_acknowledgement(Story& told)
{
    told.tab().opens().request(0).bare(FrameType::acknowledgement);
}

// It stalls itself, which is no other tab's doing.
void silent_after_its_own_stall(Story& told)
{
    told.tab().opens().request(0).event(FrameType::agent_started).stalls();
    told.tab(1).opens();
}

void slow_start(Story& told) { told.tab().opens().request(0).after(6'000).five_events(); }

void no_end(Story& told)
{
    auto tab = told.tab().opens().request(0).event(FrameType::agent_started);
    for (int step = 1; tab.now() < ms(57'500); ++step)
        tab.after(2'000).event(FrameType::agent_thinking, std::to_string(step));
}

void slow_stop(Story& told)
{
    auto tab = told.tab().opens().request(0).event(FrameType::agent_started).stop(0);
    tab.after(6'000).event(FrameType::agent_completed).flagged(Flag::failed_status);
}

void stop_ignored(Story& told) { told.tab().opens().request(0).event(FrameType::agent_started).stop(0); }

void slow_pong_during_a_run(Story& told)
{
    auto tab = told.tab().opens().request(0).event(FrameType::agent_started).ping();
    tab.after(1'500).pong(Outcome::timeout).bare(FrameType::pong);
    tab.event(FrameType::agent_thinking).event(FrameType::tool_executing, "x");
    tab.event(FrameType::tool_completed, "x").event(FrameType::agent_completed);
}

void slow_pong(Story& told) { told.tab().opens().ping().after(1'500).pong(); }

} // namespace

std::span<const Mistake> liveness_mistakes()
{
    static const std::vector<Mistake> all{
        {"a request that is never answered",
         silence,
         {"five_events: nothing at all", "liveness: hang: no event at all"}},
        {"an agent that dies silently",
         agent_death,
         {"five_events: no *", "acknowledged: silence after *", "liveness: hang after *"}},
        {"an acknowledgement and nothing else",
         story(silent_after_acknowledgement),
         {"five_events: nothing at all", "acknowledged: silence after *", "liveness: hang: no event at all"}},
        {"a run that its own connection's stall silences",
         story(silent_after_its_own_stall),
         {"five_events: no *", "acknowledged: silence after *", "liveness: hang after *"}},
        {"a start that comes late", story(slow_start), {"liveness: slow: first event"}},
        {"an end that comes late", slow_end, {"liveness: slow: gap before *"}},
        {"a run that never ends, though it goes on",
         story(no_end),
         {"five_events: no *", "acknowledged: silence after *", "liveness: slow: no end of the run"}},
        {"a stop that is honoured late", story(slow_stop), {"liveness: slow: stop_agent"}},
        {"a stop that is ignored", story(stop_ignored), {"liveness: hang: stop_agent ignored"}},
        {"a ping that is not answered during a run",
         pong_missing_during_a_run,
         {"liveness: hang: ping unanswered during a run"}},
        {"a ping that is not answered between runs",
         pong_missing_between_runs,
         {"liveness: hang: ping unanswered"}},
        {"a pong that comes late during a run",
         story(slow_pong_during_a_run),
         {"liveness: slow: pong during a run"}},
        {"a pong that comes late between runs", story(slow_pong), {"liveness: slow: pong"}},
    };
    return all;
}

} // namespace wsrace::test
