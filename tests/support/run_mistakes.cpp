// One mistake each in what a run yields.
#include "support/planting.hpp"
#include "support/random_history.hpp"
#include "support/story.hpp"

#include <algorithm>
#include <set>

namespace wsrace::test {

namespace {

bool remove_type(History& history, const std::optional<Run>& run, std::initializer_list<FrameType> types)
{
    if (!run) return false;
    std::set<std::uint32_t> gone;
    for (const auto position : run->frames)
        if (std::find(types.begin(), types.end(), history.events[position].frame()) != types.end())
            gone.insert(position);
    remove_frames(history, [&](std::uint32_t position, const Event&) { return gone.contains(position); });
    return true;
}

bool no_start(History& history, RandomEngine& random)
{
    return remove_type(history, some_run(history, random, anybody), {FrameType::agent_started});
}

bool no_tools(History& history, RandomEngine& random)
{
    return remove_type(history, some_run(history, random, anybody),
                       {FrameType::tool_executing, FrameType::tool_completed});
}

bool no_thinking(History& history, RandomEngine& random)
{
    return remove_type(history, some_run(history, random, anybody), {FrameType::agent_thinking});
}

bool squatter_without_tools(History& history, RandomEngine& random)
{
    return remove_type(history, some_run(history, random, [](const Run& run) { return run.squats; }),
                       {FrameType::tool_executing, FrameType::tool_completed});
}

bool failed_run(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    history.events[run->terminal].type = static_cast<std::uint8_t>(FrameType::agent_error);
    return true;
}

bool failed_status(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    history.events[run->terminal].set(Flag::failed_status);
    return remove_type(history, run, {FrameType::tool_executing, FrameType::tool_completed});
}

bool refused(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    Event answer = history.events[run->terminal];
    answer.type = static_cast<std::uint8_t>(FrameType::error_message);
    const std::set<std::uint32_t> gone(run->frames.begin(), run->frames.end());
    const auto acknowledged = run->accepted;
    remove_frames(history, [&](std::uint32_t position, const Event&) {
        return gone.contains(position) || position == acknowledged;
    });
    insert(history, answer);
    return true;
}

// An event of the run comes again a millisecond later, perhaps as another one.
template <typename Change>
bool again(History& history, RandomEngine& random, std::initializer_list<FrameType> types, Change&& change)
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    std::vector<std::uint32_t> candidates;
    for (const auto position : run->frames) {
        const Event& frame = history.events[position];
        const bool told_apart = frame.item != no_symbol ? !frame.has(Flag::item_is_tool) : true;
        if (told_apart && std::find(types.begin(), types.end(), frame.frame()) != types.end())
            candidates.push_back(position);
    }
    if (candidates.empty()) return false;
    Event copy = history.events[candidates[random() % candidates.size()]];
    change(copy);
    insert(history, copy, ms(1));
    return true;
}

void as_it_is(Event& /*frame*/) {}

bool repeated(History& history, RandomEngine& random)
{
    return again(history, random,
                 {FrameType::agent_thinking, FrameType::tool_executing, FrameType::tool_completed}, as_it_is);
}

bool replayed(History& history, RandomEngine& random)
{
    return again(history, random, {FrameType::agent_thinking, FrameType::tool_executing},
                 [](Event& frame) { frame.set(Flag::recovered); });
}

bool second_start(History& history, RandomEngine& random)
{
    return again(history, random, {FrameType::agent_started}, as_it_is);
}

bool second_terminal(History& history, RandomEngine& random)
{
    return again(history, random, {FrameType::agent_completed}, as_it_is);
}

bool completed_then_failed(History& history, RandomEngine& random)
{
    return again(history, random, {FrameType::agent_completed},
                 [](Event& frame) { frame.type = static_cast<std::uint8_t>(FrameType::agent_error); });
}

// What happened before a drop has nothing to do with it.
bool repeated_before_a_drop(History& history, RandomEngine& /*random*/)
{
    const RunTable table(history, connections_of(history));
    for (const Run& run : table.runs()) {
        if (run.drops.empty() || run.first == nowhere) continue;
        insert(history, history.events[run.first]);
        return true;
    }
    return false;
}

bool late_start(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    const Event started = history.events[run->first];
    const Instant second = history.events[run->frames[1]].at;
    remove_frames(history, [&](std::uint32_t position, const Event&) { return position == run->first; });
    insert(history, started, second - started.at);
    return true;
}

bool event_after_end(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    Event frame = history.events[run->terminal];
    frame.type = static_cast<std::uint8_t>(FrameType::agent_thinking);
    frame.item = history.intern("999");
    insert(history, frame, ms(5));
    return true;
}

// An event says that it happened before the one that is the newest so far, though after the run's start.
bool timestamp_back(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, [&](const Run& candidate) {
        const auto stamp = [&](std::uint32_t position) { return history.events[position].stamp; };
        const auto before = candidate.frames[candidate.frames.size() - 2];
        return stamp(candidate.first) != no_stamp && stamp(before) > stamp(candidate.first) + 1;
    });
    if (!run) return false;
    history.events[run->terminal].stamp = history.events[run->frames[run->frames.size() - 2]].stamp - 1;
    return true;
}

bool bad_timestamp(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    Event& frame = history.events[run->frames[random() % run->frames.size()]];
    frame.stamp = no_stamp;
    frame.set(Flag::bad_timestamp);
    return true;
}

// One of several tools loses its beginning or its end.
bool half_a_tool(History& history, RandomEngine& random, FrameType half)
{
    const auto run = some_run(history, random, [&](const Run& candidate) {
        return nth_of(history, candidate, half, 1) != nowhere;
    });
    if (!run) return false;
    const auto gone = nth_of(history, *run, half, random() % 2);
    remove_frames(history, [&](std::uint32_t position, const Event&) { return position == gone; });
    return true;
}

bool unfinished_tool(History& history, RandomEngine& random)
{
    return half_a_tool(history, random, FrameType::tool_completed);
}

bool unbegun_tool(History& history, RandomEngine& random)
{
    return half_a_tool(history, random, FrameType::tool_executing);
}

bool tool_the_wrong_way_round(History& history, RandomEngine& random)
{
    const auto by_id = [&](std::uint32_t position) {
        return position != nowhere && !history.events[position].has(Flag::item_is_tool);
    };
    const auto run = some_run(history, random, [&](const Run& candidate) {
        return by_id(nth_of(history, candidate, FrameType::tool_executing)) &&
               by_id(nth_of(history, candidate, FrameType::tool_completed));
    });
    if (!run) return false;
    Event& executing = history.events[nth_of(history, *run, FrameType::tool_executing)];
    for (const auto position : run->frames) {
        Event& frame = history.events[position];
        if (frame.is_frame(FrameType::tool_completed) && frame.item == executing.item)
            std::swap(frame.type, executing.type);
    }
    return true;
}

void late(Story& told)
{
    auto tab = told.tab().opens().request(0).event(FrameType::agent_started);
    for (const auto* step : {"1", "2", "3"}) tab.after(3'500).event(FrameType::agent_thinking, step);
    tab.event(FrameType::tool_executing, "x").event(FrameType::tool_completed, "x");
    tab.event(FrameType::agent_completed);
}

} // namespace

std::span<const Mistake> run_mistakes()
{
    static const std::vector<Mistake> all{
        {"no agent_started", no_start, {"five_events: no *"}},
        {"no tool events", no_tools, {"five_events: no *"}},
        {"no thinking", no_thinking, {"five_events: no *"}},
        {"no tool events for who named another user's thread", squatter_without_tools, {"five_events: no *"}},
        {"a run that fails where none may",
         failed_run,
         {"five_events: *; the run ended with agent_error"},
         Setting::strict},
        {"a run that says it failed where none may",
         failed_status,
         {"five_events: *; the run ended with a failed status"},
         Setting::strict},
        {"a request refused where none may be",
         refused,
         {"five_events: *; refused by an error_message"},
         Setting::strict},
        {"a run that takes too long in all",
         story(late),
         {"five_events: late *", "liveness: slow: terminal event"}},
        {"a frame delivered twice", repeated, {"exactly_once: * twice"}},
        {"a replay of what had arrived", replayed, {"exactly_once: * twice (recovered)"}},
        {"a second start", second_start, {"exactly_once: agent_started twice"}},
        {"a second terminal event", second_terminal, {"exactly_once: agent_completed twice"}},
        {"completed, then failed", completed_then_failed, {"exactly_once: agent_error twice"}},
        {"a second start before a drop", repeated_before_a_drop, {"exactly_once: agent_started twice"}},
        {"started after the next event", late_start, {"event_order: * before agent_started"}},
        {"an event after the end", event_after_end, {"event_order: * after agent_completed"}},
        {"a timestamp that goes back", timestamp_back, {"event_order: timestamp goes back at *"}},
        {"a timestamp that does not parse",
         bad_timestamp,
         {"event_order: * has a timestamp that does not parse"}},
        {"a tool that never completes",
         unfinished_tool,
         {"tool_pairing: tool_executing without tool_completed"}},
        {"a tool that never began", unbegun_tool, {"tool_pairing: tool_completed without tool_executing"}},
        {"a tool the wrong way round",
         tool_the_wrong_way_round,
         {"tool_pairing: tool_completed before tool_executing"}},
    };
    return all;
}

} // namespace wsrace::test
