// One mistake each about who is let in, and about connections that were cut or have grown old.
#include "checks/attempts.hpp"
#include "checks/missing_events.hpp"
#include "support/history_builder.hpp"
#include "support/planting.hpp"
#include "support/random_history.hpp"
#include "support/story.hpp"

#include <algorithm>
#include <set>

namespace wsrace::test {

namespace {

// The first answer to an upgrade of an attempt about which the harness said this.
std::optional<std::uint32_t> answer_after(const History& history, std::string_view mark)
{
    for (std::uint32_t position = 0; position < history.events.size(); ++position) {
        const Event& fault = history.events[position];
        if (fault.kind != EventKind::fault || !history.text(fault.text).starts_with(mark)) continue;
        for (std::uint32_t next = position; next < history.events.size(); ++next) {
            const Event& event = history.events[next];
            const bool same = event.connection() == fault.connection();
            if (same && event.is_step(StepKind::upgrade_answered) && event.outcome == Outcome::http_status)
                return next;
        }
    }
    return std::nullopt;
}

bool admit(History& history, std::string_view mark)
{
    const auto answer = answer_after(history, mark);
    if (!answer) return false;
    history.events[*answer].outcome = Outcome::ok;
    history.events[*answer].value = 0;
    return true;
}

bool forgery_admitted(History& history, RandomEngine& /*random*/)
{
    return admit(history, "forged token: expired");
}

bool nobody_admitted(History& history, RandomEngine& /*random*/)
{
    return admit(history, "forged token: missing");
}

bool ticket_spent_twice(History& history, RandomEngine& /*random*/)
{
    return admit(history, "shared ticket: ");
}

// It was told to come back later; now it is told that its token is no good.
bool token_refused(History& history, RandomEngine& /*random*/)
{
    const auto attempts = attempts_of(history, connections_of(history));
    const auto had_admitted = [&](const Event& refusal) {
        return std::any_of(attempts.begin(), attempts.end(), [&](const Attempt& one) {
            return one.id.user.value == refusal.user && one.upgraded && one.forged == nowhere &&
                   one.shared == nowhere && history.events[one.answered].at <= refusal.at;
        });
    };
    for (Event& event : history.events) {
        if (!event.is_step(StepKind::upgrade_answered) || event.slot == 0) continue;
        if (event.value != 503 && event.value != 429) continue;
        if (!had_admitted(event)) continue;
        event.value = 401;
        event.text = no_symbol;
        return true;
    }
    return false;
}

bool leak_by_thread(History& history, RandomEngine& /*random*/)
{
    const RunTable table(history, connections_of(history));
    const Run* first = nullptr;
    for (const Run& run : table.runs()) {
        if (history.text(history.events[run.sent].text) != "common" || !complete(history, run)) continue;
        if (first == nullptr) first = &run;
        if (run.id.user == first->id.user) continue;
        const auto position = run.frames[1];
        history.events[position].set(Flag::other_canary);
        insert_note(history, position, EventKind::canary, canary_text(history, first->id), "/payload/result");
        return true;
    }
    return false;
}

// A run that was cut and went on elsewhere.
std::optional<Run> some_resumed(const History& history)
{
    const RunTable table(history, connections_of(history));
    for (const Run& run : table.runs())
        if (!run.drops.empty() && run.terminal != nowhere && missing_events(history, run, {}).empty())
            return run;
    return std::nullopt;
}

bool rest_lost(History& history, RandomEngine& /*random*/)
{
    const auto run = some_resumed(history);
    if (!run) return false;
    const std::set<std::uint32_t> gone(run->frames.begin() + 1, run->frames.end());
    remove_frames(history, [&](std::uint32_t position, const Event&) { return gone.contains(position); });
    return true;
}

bool rest_replays_too_much(History& history, RandomEngine& /*random*/)
{
    const auto run = some_resumed(history);
    if (!run) return false;
    const Event resumed = history.events[run->frames[1]];
    Event again = history.events[run->first];
    again.incarnation = resumed.incarnation;
    again.set(Flag::recovered);
    again.at = resumed.at;
    insert(history, again);
    return true;
}

// The terminal event says that it happened before the one that came first after the drop.
bool rest_disordered(History& history, RandomEngine& /*random*/)
{
    const auto run = some_resumed(history);
    if (!run) return false;
    Event& terminal = history.events[run->terminal];
    terminal.stamp = history.events[run->frames[1]].stamp - 1;
    return true;
}

bool old_connection_forgotten(History& history, RandomEngine& /*random*/)
{
    const RunTable table(history, connections_of(history));
    for (const Run& run : table.runs()) {
        if (!single_tab(run) || history.events[run.sent].at < ms(12'000) || !complete(history, run)) continue;
        if (run.accepted != run.first || run.incarnation > 0) continue; // acknowledged, or reopened
        const std::set<std::uint32_t> gone(run.frames.begin(), run.frames.end());
        remove_frames(history, [&](std::uint32_t position, const Event&) { return gone.contains(position); });
        return true;
    }
    return false;
}

void ticket_for_nobody(Story& told)
{
    for (std::uint16_t slot = 0; slot < 3; ++slot) told.tab(slot).says("shared ticket: 7").refused(401);
}

void old_connection_cut(Story& told)
{
    told.tab().opens().at(told.begin() + 5'000).request(0).ends(EndKind::reset);
}

// The newcomer's run is cut after its start; the connection that follows.
ConnectionBuilder cut(Story& told)
{
    told.tab().opens().request(0).event(FrameType::agent_started).drops();
    return told.tab(0, 1, 100).opens().answers(0);
}

ConnectionBuilder& with_tools(ConnectionBuilder& tab)
{
    tab.event(FrameType::tool_executing, "x").event(FrameType::tool_completed, "x");
    return tab.event(FrameType::agent_completed);
}

void rest_with_a_hole(Story& told)
{
    auto next = cut(told);
    with_tools(next);
}

void rest_broken_off(Story& told) { cut(told).event(FrameType::agent_thinking, "1"); }

void rest_beyond_the_end(Story& told)
{
    auto next = cut(told).event(FrameType::agent_thinking, "1");
    with_tools(next).event(FrameType::agent_thinking, "2");
}

void rest_elsewhere(Story& told)
{
    told.tab(1)
        .opens()
        .at(told.begin() + 200)
        .bare(FrameType::agent_thinking)
        .carries({UserId{newcomer}, SlotId{0}, 0}, "/payload/reasoning");
    cut(told);
}

void nothing_on_the_reopened(Story& told)
{
    told.tab().opens().run(0).drops();
    told.tab(0, 1, 100).opens().request(1);
}

} // namespace

std::span<const Mistake> access_mistakes()
{
    static const std::vector<Mistake> all{
        {"a forged token admitted", forgery_admitted, {"credentials: admitted with a forged token *"}},
        {"who brings no token admitted", nobody_admitted, {"credentials: admitted without a token"}},
        {"a ticket that admits two",
         ticket_spent_twice,
         {"credentials: a single-use ticket admitted several"}},
        {"a ticket that admits nobody",
         story(ticket_for_nobody),
         {"credentials: a single-use ticket admitted nobody"}},
        {"a valid token refused", token_refused, {"credentials: a valid token refused"}},
        {"another user's events by the thread's name",
         leak_by_thread,
         {"isolation: canary of another user in *",
          "credentials: another user's events in a thread of the same name"}},
        {"the rest of a run that is lost", rest_lost, {"reconnect: rest never came"}},
        {"a rest that breaks off",
         story(rest_broken_off),
         {"reconnect: rest broke off on the new connection", "five_events: no *",
          "acknowledged: silence after *", "liveness: hang after *"}},
        {"a rest with a hole", story(rest_with_a_hole), {"reconnect: rest without *", "five_events: no *"}},
        {"a rest that another tab gets",
         story(rest_elsewhere),
         {"reconnect: rest went to another connection", "routing: * on another connection of the user"}},
        {"a replay of what had arrived before the drop",
         rest_replays_too_much,
         {"exactly_once: * twice (recovered)", "reconnect: * again after the drop*"}},
        {"a rest in another order",
         rest_disordered,
         {"event_order: timestamp goes back at *", "reconnect: * out of order after the drop*"}},
        {"a rest beyond its end",
         story(rest_beyond_the_end),
         {"event_order: * after agent_completed", "reconnect: * after the end, after the drop"}},
        {"nothing on the reopened connection",
         story(nothing_on_the_reopened),
         {"reconnect: nothing on the reopened connection", "five_events: nothing at all",
          "liveness: hang: no event at all"}},
        {"an old connection that gets nothing",
         old_connection_forgotten,
         {"five_events: nothing at all", "liveness: hang: no event at all",
          "idle_delivery: no event on an old connection"}},
        {"an old connection that is cut when it is used",
         story(old_connection_cut),
         {"close_codes: 1006 (reset) *", "five_events: *; the connection ended: *",
          "idle_delivery: an old connection was cut"}},
    };
    return all;
}

} // namespace wsrace::test
