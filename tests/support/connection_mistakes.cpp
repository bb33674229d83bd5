// One mistake each in how connections begin and end.
#include "support/planting.hpp"
#include "support/random_history.hpp"
#include "support/story.hpp"

#include <algorithm>
#include <optional>

namespace wsrace::test {

namespace {

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

ConnectionBuilder in_a_run(Story& told)
{
    return told.tab().opens().request(0).event(FrameType::agent_started);
}

void normal_in_a_run(Story& told) { in_a_run(told).ends(EndKind::peer_closed, 1000); }
void eof_in_a_run(Story& told) { in_a_run(told).ends(EndKind::eof); }
void reset_between_runs(Story& told) { told.tab().opens().run(0).ends(EndKind::reset); }
void internal_error_between_runs(Story& told) { told.tab().opens().run(0).ends(EndKind::peer_closed, 1011); }
void internal_error_after_our_close(Story& told) { told.tab().opens().run(0).closes(1011); }
void internal_error_without_welcome(Story& told) { told.tab().connects().ends(EndKind::peer_closed, 1011); }
void normal_without_welcome(Story& told) { told.tab().connects().ends(EndKind::peer_closed, 1000); }
void going_away(Story& told) { told.tab().opens().run(0).ends(EndKind::peer_closed, 1001); }
void refused_after_welcome(Story& told) { told.tab().opens().ends(EndKind::peer_closed, 1008); }
void close_not_answered(Story& told)
{
    told.tab().opens().step(StepKind::close_sent).after(500).ends(EndKind::timeout);
}
void protocol_error(Story& told) { told.tab().opens().ends(EndKind::protocol_error, 0, "masked frame"); }
void unoffered_subprotocol(Story& told) { told.tab().connects().flagged(Flag::unoffered).welcome(); }

bool late_welcome(History& history, RandomEngine& /*random*/)
{
    const auto answered = std::find_if(history.events.begin(), history.events.end(), [](const Event& event) {
        return event.is_step(StepKind::upgrade_answered) && event.outcome == Outcome::ok && event.user != 0 &&
               event.incarnation == 0;
    });
    if (answered == history.events.end()) return false;
    answered->at -= std::chrono::seconds{6};
    const Event moved = *answered;
    for (Event& event : history.events)
        if (event.connection() == moved.connection() && event.kind == EventKind::step &&
            event.step() < StepKind::upgrade_answered && event.step() != StepKind::login)
            event.at = moved.at;
    std::stable_sort(history.events.begin(), history.events.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
    return true;
}

void late_101(Story& told)
{
    auto tab = told.tab().step(StepKind::tcp_connect).step(StepKind::upgrade_sent);
    tab.after(3'600).step(StepKind::upgrade_answered).welcome();
}

void no_welcome(Story& told)
{
    told.tab().connects().after(3'000).step(StepKind::welcome, Outcome::timeout).drops();
}

// Another tab's close takes this one with it.
bool closed_with_the_other(History& history, RandomEngine& /*random*/)
{
    std::optional<Event> close;
    const auto closes = [&](std::uint32_t user, std::uint16_t slot) {
        return std::find_if(history.events.begin(), history.events.end(), [&](const Event& event) {
            return event.is_step(StepKind::close_sent) && event.user == user && event.slot == slot;
        });
    };
    for (const Event& event : history.events)
        if (event.is_step(StepKind::close_sent) && event.slot == 0 &&
            closes(event.user, 1) != history.events.end())
            close = event;
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

// The newcomer's second tab ends with what is done to the first one.
void taken_along(Story& told, StepKind act)
{
    told.tab(0).opens().at(told.begin() + 500).step(act);
    told.tab(1).opens().at(told.begin() + 520).ends(EndKind::peer_closed, 1000);
}
void dropped_with_the_other(Story& told) { taken_along(told, StepKind::drop); }
void aborted_with_the_other(Story& told) { taken_along(told, StepKind::aborted); }
void stalled_with_the_other(Story& told) { taken_along(told, StepKind::reading_stopped); }

void closed_with_another_users(Story& told)
{
    told.tab(0).opens().at(told.begin() + 500).closes();
    told.tab(0, 0, 0, newcomer + 8).opens().at(told.begin() + 900).ends(EndKind::peer_closed, 1000);
}

void silenced_by_the_other(Story& told)
{
    told.tab(1).opens().request(0).event(FrameType::agent_started);
    told.tab(0).opens().at(told.begin() + 500).closes();
}

} // namespace

std::span<const Mistake> connection_mistakes()
{
    static const std::vector<Mistake> all{
        {"1011 in the middle of a run",
         close_1011,
         {"close_codes: 1011 while a run was going on", "five_events: *; the target closed with *"}},
        {"1011 between runs", story(internal_error_between_runs), {"close_codes: 1011 between runs"}},
        {"1011 in answer to our close",
         story(internal_error_after_our_close),
         {"close_codes: 1011 after our close"}},
        {"1011 in place of a welcome",
         story(internal_error_without_welcome),
         {"close_codes: 1011 without a welcome"}},
        {"1000 in the middle of a run",
         story(normal_in_a_run),
         {"close_codes: 1000 while a run was going on", "five_events: *; the target closed with *"}},
        {"1000 in place of a welcome",
         story(normal_without_welcome),
         {"close_codes: 1000 without a welcome"}},
        {"an end without a close frame",
         story(eof_in_a_run),
         {"close_codes: 1006 (end of file) *", "five_events: *; the connection ended: *"}},
        {"a reset", story(reset_between_runs), {"close_codes: 1006 (reset) *"}},
        {"our close not answered", story(close_not_answered), {"close_codes: our close not answered *"}},
        {"frames that are none", story(protocol_error), {"close_codes: protocol error *"}},
        {"a subprotocol that nobody offered",
         story(unoffered_subprotocol),
         {"close_codes: unoffered subprotocol"}},
        {"going away without a reason", story(going_away), {"close_codes: * between runs"}},
        {"a refusal of who was welcome", story(refused_after_welcome), {"close_codes: * between runs"}},
        {"a 101 that comes late", story(late_101), {"handshake: 101 late"}},
        {"a welcome that comes late", late_welcome, {"handshake: welcome late"}},
        {"a welcome that never comes", story(no_welcome), {"handshake: no welcome"}},
        {"a tab closed with the other",
         closed_with_the_other,
         {"tab_independence: connection ended after another tab was closed"}},
        {"a tab that ends when the other is dropped",
         story(dropped_with_the_other),
         {"tab_independence: connection ended after another tab was dropped"}},
        {"a tab that ends when the other is given up",
         story(aborted_with_the_other),
         {"tab_independence: connection ended after another tab was aborted"}},
        {"a tab that ends when the other is not read",
         story(stalled_with_the_other),
         {"tab_independence: connection ended after another tab was stalled"}},
        {"another user's connection closed with one",
         story(closed_with_another_users),
         {"tab_independence: connection of another user ended after one was *"}},
        {"a run that falls silent when another tab is closed",
         story(silenced_by_the_other),
         {"tab_independence: run fell silent after another tab was *", "five_events: no *",
          "acknowledged: silence after *", "liveness: hang after *"}},
    };
    return all;
}

} // namespace wsrace::test
