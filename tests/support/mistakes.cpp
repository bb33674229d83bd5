// One mistake each: what a target with a race does wrong, in an otherwise flawless history.
#include "support/history_builder.hpp"
#include "support/planting.hpp"
#include "support/random_history.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace wsrace::test {

namespace {

bool remove_type(History& history, RandomEngine& random, std::initializer_list<FrameType> types)
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    std::set<std::uint32_t> gone;
    for (const auto position : run->frames)
        if (std::find(types.begin(), types.end(), history.events[position].frame()) != types.end())
            gone.insert(position);
    remove_frames(history, [&](std::uint32_t position, const Event&) { return gone.contains(position); });
    return true;
}

bool close_1011(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, single_tab);
    if (!run) return false;
    const Event last = history.events[run->frames[random() % (run->frames.size() - 1)]];
    remove_frames(history, [&](std::uint32_t, const Event& event) {
        const bool same = event.user == last.user && event.kind != EventKind::life_cycle;
        return same && (event.incarnation > last.incarnation ||
                        (event.connection() == last.connection() && event.at > last.at));
    });
    Event end = last;
    end.kind = EventKind::end;
    end.type = static_cast<std::uint8_t>(EndKind::peer_closed);
    end.flags = 0;
    end.request = no_request;
    end.value = 1011;
    end.run = end.item = end.text = no_symbol;
    insert(history, end, ms(1));
    return true;
}

bool no_tools(History& history, RandomEngine& random)
{
    return remove_type(history, random, {FrameType::tool_executing, FrameType::tool_completed});
}

bool no_thinking(History& history, RandomEngine& random)
{
    return remove_type(history, random, {FrameType::agent_thinking});
}

bool repeated(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, [&](const Run& candidate) {
        return std::none_of(candidate.frames.begin(), candidate.frames.end(), [&](std::uint32_t position) {
            return history.events[position].has(Flag::item_is_tool);
        });
    });
    if (!run) return false;
    insert(history, history.events[run->frames[random() % run->frames.size()]], ms(1));
    return true;
}

bool second_terminal(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    insert(history, history.events[run->terminal], ms(20));
    return true;
}

bool late_start(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    const Event started = history.events[run->first];
    const Instant second = history.events[run->frames[1]].at;
    remove_frames(history, [&](std::uint32_t position, const Event& event) {
        return position == run->first || (event.kind == EventKind::mention && event.at == started.at &&
                                          event.user == started.user && event.slot == started.slot);
    });
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

bool timestamp_back(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, [&](const Run& candidate) {
        return history.events[candidate.first].stamp != no_stamp;
    });
    if (!run) return false;
    history.events[run->terminal].stamp = history.events[run->first].stamp - 1;
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

bool unfinished_tool(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, [&](const Run& candidate) {
        return nth_of(history, candidate, FrameType::tool_completed, 1) != nowhere;
    });
    if (!run) return false;
    const auto gone = nth_of(history, *run, FrameType::tool_completed, random() % 2);
    remove_frames(history, [&](std::uint32_t position, const Event&) { return position == gone; });
    return true;
}

bool foreign_canary(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    const auto position = run->frames[random() % run->frames.size()];
    history.events[position].set(Flag::other_canary);
    const UserId other{run->id.user.value == 0 ? 1U : 0U};
    insert_note(history, position, EventKind::canary, canary_text(history, {other, SlotId{0}, 0}),
                "/payload/result");
    return true;
}

bool foreign_user_id(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    insert_note(history, run->frames[random() % run->frames.size()], EventKind::mention,
                run->id.user.value == 0 ? "user-1" : "user-0", "/user_id");
    return true;
}

bool foreign_run_id(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    const UserId other{run->id.user.value == 0 ? 1U : 0U};
    history.events[run->frames[random() % run->frames.size()]].run =
        history.intern(run_name({other, SlotId{0}, 0}));
    return true;
}

// A second thinking step goes to another tab of the user instead.
bool astray(History& history, RandomEngine& random)
{
    const auto connections = connections_of(history);
    const auto tab_open = [&](const ConnectionId& id) {
        return std::find_if(connections.begin(), connections.end(), [&](const ConnectionTrace& trace) {
            return trace.id.user == id.user && trace.id.slot != id.slot && trace.id.incarnation == 0 &&
                   history.events[trace.events.back()].at > ms(40'000);
        });
    };
    const auto run = some_run(history, random, [&](const Run& candidate) {
        return nth_of(history, candidate, FrameType::agent_thinking, 1) != nowhere &&
               tab_open(candidate.connection()) != connections.end();
    });
    if (!run) return false;
    const auto position = nth_of(history, *run, FrameType::agent_thinking, 1);
    Event& frame = history.events[position];
    frame.slot = tab_open(run->connection())->id.slot.value;
    frame.incarnation = 0;
    frame.request = no_request;
    frame.flags = static_cast<std::uint16_t>(Flag::other_canary);
    insert_note(history, position, EventKind::canary, canary_text(history, run->id), "/payload/reasoning");
    return true;
}

// The frames after the k-th never come, and the journey waits in vain.
bool silence_after(History& history, RandomEngine& random, std::size_t k)
{
    const auto run = some_run(history, random, [&](const Run& candidate) {
        return single_tab(candidate) && history.events[candidate.sent].at < ms(5'000);
    });
    const bool dropped = std::any_of(history.events.begin(), history.events.end(), [](const Event& event) {
        return event.user == 0 && event.is_step(StepKind::drop);
    });
    if (!run || dropped) return false; // a drop soon after would excuse the target
    const std::set<std::uint32_t> gone(run->frames.begin() + static_cast<std::ptrdiff_t>(k),
                                       run->frames.end());
    remove_frames(history, [&](std::uint32_t position, const Event& event) {
        const bool later = event.user == 0 && event.kind == EventKind::mention && k == 0;
        return gone.contains(position) || later;
    });
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
    insert(history, terminal, std::chrono::milliseconds{6000});
    return true;
}

bool pong_missing(History& history, RandomEngine& random)
{
    std::vector<std::uint32_t> awaited;
    for (std::uint32_t position = 0; position < history.events.size(); ++position)
        if (history.events[position].is_step(StepKind::pong_awaited)) awaited.push_back(position);
    if (awaited.empty()) return false;
    Event& step = history.events[awaited[random() % awaited.size()]];
    step.outcome = Outcome::timeout;
    const Event chosen = step;
    remove_frames(history, [&](std::uint32_t, const Event& event) {
        return event.is_frame(FrameType::pong) && event.connection() == chosen.connection();
    });
    return true;
}

bool never_admitted(History& history, RandomEngine& /*random*/)
{
    const auto answered = std::find_if(history.events.begin(), history.events.end(), [](const Event& event) {
        return event.user == 0 && event.is_step(StepKind::upgrade_answered) && event.outcome == Outcome::ok;
    });
    const Event refusal = *answered;
    answered->outcome = Outcome::http_status;
    answered->value = 503;
    remove_frames(history, [&](std::uint32_t, const Event& event) {
        return event.user == 0 && event.at > refusal.at && event.incarnation >= refusal.incarnation;
    });
    return true;
}

bool late_welcome(History& history, RandomEngine& /*random*/)
{
    const auto tcp = std::find_if(history.events.begin(), history.events.end(), [](const Event& event) {
        return event.is_step(StepKind::upgrade_answered) && event.outcome == Outcome::ok && event.user != 0 &&
               event.incarnation == 0;
    });
    if (tcp == history.events.end()) return false;
    tcp->at -= std::chrono::seconds{6};
    const Event moved = *tcp;
    for (Event& event : history.events)
        if (event.connection() == moved.connection() && event.kind == EventKind::step &&
            event.step() < StepKind::upgrade_answered && event.step() != StepKind::login)
            event.at = moved.at;
    std::stable_sort(history.events.begin(), history.events.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
    return true;
}

bool field_missing(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    insert_note(history, run->frames[random() % run->frames.size()], EventKind::schema, "missing",
                "/timestamp");
    return true;
}

bool log_line(History& history, const std::string& text, RandomEngine& random)
{
    Event line = *std::find_if(history.events.begin(), history.events.end(),
                               [](const Event& event) { return event.kind == EventKind::log; });
    line.text = history.intern(text);
    insert(history, line, ms(static_cast<std::int64_t>(random() % 50'000)));
    return true;
}

bool traceback(History& history, RandomEngine& random)
{
    return log_line(history, "Traceback (most recent call last):", random);
}

bool data_race(History& history, RandomEngine& random)
{
    return log_line(history, "WARNING: ThreadSanitizer: data race (pid=1)", random);
}

// A quantity stays above its level before the load.
bool leak(History& history, RandomEngine& random)
{
    std::vector<std::uint32_t> last;
    for (std::uint32_t position = 0; position < history.events.size(); ++position) {
        const Event& event = history.events[position];
        const bool judged = event.kind == EventKind::sample && event.sample() != SampleKind::cpu &&
                            history.text(event.text) != "total_connections";
        if (judged && event.at == ms(59'500)) last.push_back(position);
    }
    Event& sample = history.events[last.at(random() % last.size())];
    sample.value += sample.sample() == SampleKind::memory ? 200'000 : 2;
    return true;
}

// The Retry-After of a refusal, if there was one.
std::optional<std::uint32_t> some_refusal(const History& history)
{
    for (std::uint32_t position = 0; position < history.events.size(); ++position) {
        const Event& event = history.events[position];
        if (event.kind == EventKind::step && event.value == 503) return position;
    }
    return std::nullopt;
}

bool malformed_retry_after(History& history, RandomEngine& random)
{
    const auto refusal = some_refusal(history);
    if (!refusal) return false;
    history.events[*refusal].text = history.intern(random() % 2 == 0 ? "soon" : "-1");
    return true;
}

// The port of a target that has said it is ready is closed.
bool lies(History& history, RandomEngine& /*random*/)
{
    Event connect;
    connect.at = ms(2);
    connect.user = 999;
    connect.type = static_cast<std::uint8_t>(StepKind::tcp_connect);
    connect.outcome = Outcome::refused;
    insert(history, connect);
    return true;
}

// Another tab's close takes this one with it.
bool closed_with_the_other(History& history, RandomEngine& /*random*/)
{
    std::optional<Event> close;
    for (const Event& event : history.events)
        if (event.is_step(StepKind::close_sent) && event.slot == 0) {
            const bool sibling =
                std::any_of(history.events.begin(), history.events.end(), [&](const Event& other) {
                    return other.is_step(StepKind::close_sent) && other.user == event.user && other.slot == 1;
                });
            if (sibling) close = event;
        }
    if (!close) return false;
    remove_frames(history, [&](std::uint32_t, const Event& event) {
        return event.user == close->user && event.slot == 1 && event.is_step(StepKind::close_sent);
    });
    for (Event& event : history.events) {
        if (event.user != close->user || event.slot != 1 || event.kind != EventKind::end ||
            event.at < close->at)
            continue;
        event.at = close->at + ms(10);
        event.type = static_cast<std::uint8_t>(EndKind::peer_closed);
        event.value = 1000;
    }
    std::stable_sort(history.events.begin(), history.events.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
    return true;
}

} // namespace

std::span<const Mistake> mistakes()
{
    static const std::array<Mistake, 27> all{{
        {"1011 in the middle of a run", close_1011, {"close_codes", "five_events"}},
        {"no tool events", no_tools, {"five_events"}},
        {"no thinking", no_thinking, {"five_events"}},
        {"a frame delivered twice", repeated, {"exactly_once"}},
        {"a second terminal event", second_terminal, {"exactly_once"}},
        {"started after the next event", late_start, {"event_order"}},
        {"an event after the end", event_after_end, {"event_order"}},
        {"a timestamp that goes back", timestamp_back, {"event_order"}},
        {"a timestamp that does not parse", bad_timestamp, {"event_order"}},
        {"a tool that never completes", unfinished_tool, {"tool_pairing"}},
        {"another user's canary", foreign_canary, {"isolation"}},
        {"another user's id", foreign_user_id, {"isolation"}},
        {"another user's run id", foreign_run_id, {"isolation"}},
        {"an event on another tab", astray, {"routing"}},
        {"a request that is never answered", silence, {"five_events", "liveness"}},
        {"an agent that dies silently", agent_death, {"five_events", "acknowledged", "liveness"}},
        {"an end that comes late", slow_end, {"liveness"}},
        {"a ping that is not answered", pong_missing, {"liveness"}},
        {"a refusal for good", never_admitted, {"handshake", "overload_refusal"}},
        {"a welcome that comes late", late_welcome, {"handshake"}},
        {"a required field missing", field_missing, {"schema"}},
        {"a traceback", traceback, {"server_log"}},
        {"a data race", data_race, {"sanitizer"}},
        {"something held that was not before", leak, {"baseline"}},
        {"a Retry-After that nobody can read", malformed_retry_after, {"overload_refusal"}},
        {"a target that is not ready when it says so", lies, {"handshake", "overload_refusal"}},
        {"a tab closed with the other", closed_with_the_other, {"tab_independence"}},
    }};
    return all;
}

} // namespace wsrace::test
