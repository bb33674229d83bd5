// One mistake each about who is let in, and about connections that were cut or have grown old.
#include "checks/attempts.hpp"
#include "support/history_builder.hpp"
#include "support/planting.hpp"
#include "support/random_history.hpp"

#include <algorithm>
#include <array>
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

bool forgery_admitted(History& history, RandomEngine& /*random*/) { return admit(history, "forged token: "); }

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
        if (!event.is_step(StepKind::upgrade_answered) || event.value != 503 || event.slot == 0) continue;
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
        if (!run.drops.empty() && run.terminal != nowhere && missing_events(history, run).empty()) return run;
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
        const std::set<std::uint32_t> gone(run.frames.begin(), run.frames.end());
        remove_frames(history, [&](std::uint32_t position, const Event& event) {
            const bool note = event.user == 0 && event.kind == EventKind::mention && event.at > ms(12'000);
            return gone.contains(position) || note;
        });
        return true;
    }
    return false;
}

} // namespace

std::span<const Mistake> access_mistakes()
{
    static const std::array<Mistake, 8> all{{
        {"a forged token admitted", forgery_admitted, {"credentials"}},
        {"a ticket that admits two", ticket_spent_twice, {"credentials"}},
        {"a valid token refused", token_refused, {"credentials"}},
        {"another user's events by the thread's name", leak_by_thread, {"isolation", "credentials"}},
        {"the rest of a run that is lost", rest_lost, {"reconnect"}},
        {"a replay of what had arrived", rest_replays_too_much, {"exactly_once", "reconnect"}},
        {"a rest in another order", rest_disordered, {"event_order", "reconnect"}},
        {"an old connection that gets nothing",
         old_connection_forgotten,
         {"five_events", "liveness", "idle_delivery"}},
    }};
    return all;
}

} // namespace wsrace::test
