// One mistake each in whose a frame is, and in its form.
#include "support/planting.hpp"
#include "support/random_history.hpp"
#include "support/story.hpp"

#include <algorithm>
#include <optional>

namespace wsrace::test {

namespace {

UserId another(UserId user) { return UserId{user.value == 0 ? 1U : 0U}; }

// Notes something about a random frame of a random run: what, given the run.
template <typename Text>
bool noted(History& history, RandomEngine& random, EventKind kind, std::string_view field, Text&& text,
           Flag flag = {})
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    const auto position = run->frames[random() % run->frames.size()];
    if (kind == EventKind::canary && flag != Flag::corrupt_canary)
        history.events[position].set(Flag::other_canary);
    insert_note(history, position, kind, text(*run), field, flag);
    return true;
}

bool foreign_canary(History& history, RandomEngine& random)
{
    return noted(history, random, EventKind::canary, "/payload/result", [&](const Run& run) {
        return canary_text(history, {another(run.id.user), SlotId{0}, 0});
    });
}

bool canary_of_another_execution(History& history, RandomEngine& random)
{
    return noted(history, random, EventKind::canary, "/payload/result", [&](const Run& run) {
        return make_canary({RunId{history.info.run.value ^ 1U}, run.id});
    });
}

bool damaged_canary(History& history, RandomEngine& random)
{
    const auto damage = [&](const Run& run) {
        auto text = canary_text(history, run.id);
        text.back() = text.back() == 'a' ? 'b' : 'a';
        return text;
    };
    return noted(history, random, EventKind::canary, "/payload/result", damage, Flag::corrupt_canary);
}

bool foreign_user_id(History& history, RandomEngine& random)
{
    return noted(history, random, EventKind::mention, "/user_id",
                 [](const Run& run) { return "user-" + std::to_string(another(run.id.user).value); });
}

bool foreign_thread_id(History& history, RandomEngine& random)
{
    return noted(history, random, EventKind::mention, "/thread_id",
                 [](const Run& run) { return "thread-" + std::to_string(another(run.id.user).value); });
}

bool foreign_run_id_inside(History& history, RandomEngine& random)
{
    return noted(history, random, EventKind::mention, "/payload/run_id", [](const Run& run) {
        return run_name({another(run.id.user), SlotId{0}, 0});
    });
}

bool foreign_run_id(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    history.events[run->frames[random() % run->frames.size()]].run =
        history.intern(run_name({another(run->id.user), SlotId{0}, 0}));
    return true;
}

// A frame names another run of the same user, on whichever of its tabs.
bool wrong_label(History& history, RandomEngine& random)
{
    const auto run = some_run(history, random, anybody);
    if (!run) return false;
    const RunTable table(history, connections_of(history));
    for (const Run& other : table.runs()) {
        if (other.id.user != run->id.user || other.id == run->id || !complete(history, other)) continue;
        history.events[run->frames[1 + random() % (run->frames.size() - 1)]].run =
            history.intern(run_name(other.id));
        return true;
    }
    return false;
}

// Another tab of the run's user that is open from before the run until long after; the user does nothing to
// any tab meanwhile.
std::optional<ConnectionId> tab_beside(const History& history, const Run& run)
{
    const Instant sent = history.events[run.sent].at;
    const bool calm = std::none_of(history.events.begin(), history.events.end(), [&](const Event& event) {
        const bool act = event.is_step(StepKind::drop) || event.is_step(StepKind::reading_stopped) ||
                         event.is_step(StepKind::aborted);
        return act && event.user == run.id.user.value && event.at > sent;
    });
    if (!calm || sent > ms(5'000)) return std::nullopt;
    for (const auto& trace : connections_of(history)) {
        if (trace.id.user != run.id.user || trace.id.slot == run.id.slot) continue;
        const bool before = history.events[trace.events.front()].at < sent - ms(10);
        if (before && history.events[trace.events.back()].at > ms(40'000)) return trace.id;
    }
    return std::nullopt;
}

// The n-th event of this type goes to another tab of the user instead.
bool sent_astray(History& history, RandomEngine& random, FrameType type, std::size_t nth)
{
    const auto run = some_run(history, random, [&](const Run& candidate) {
        return nth_of(history, candidate, type, nth) != nowhere && tab_beside(history, candidate).has_value();
    });
    if (!run) return false;
    const auto position = nth_of(history, *run, type, nth);
    const auto other = *tab_beside(history, *run);
    Event frame = history.events[position];
    remove_frames(history, [&](std::uint32_t at, const Event&) { return at == position; });
    frame.slot = other.slot.value;
    frame.incarnation = other.incarnation;
    frame.request = no_request;
    frame.flags = static_cast<std::uint16_t>(Flag::other_canary);
    const auto text = canary_text(history, run->id);
    insert_note(history, insert(history, frame), EventKind::canary, text, "/payload/reasoning");
    return true;
}

bool astray(History& history, RandomEngine& random)
{
    return sent_astray(history, random, FrameType::agent_thinking, 1);
}

bool end_astray(History& history, RandomEngine& random)
{
    return sent_astray(history, random, FrameType::agent_completed, 0);
}

bool field_missing(History& history, RandomEngine& random)
{
    return noted(history, random, EventKind::schema, "/timestamp", [](const Run&) { return "missing"; });
}

void witness_of_a_run(Story& told) { told.tab().opens().bare(FrameType::agent_thinking); }
void silent_witness_of_an_answer(Story& told)
{
    told.tab().says("behaviour: silent_witness").opens().bare(FrameType::acknowledgement);
}
void tab_that_asked_nothing(Story& told)
{
    told.tab(0).opens().run(0);
    told.tab(1).opens().bare(FrameType::agent_thinking);
}
void one_tab_of_two(Story& told)
{
    told.tab(1).opens();
    told.tab(0, 0, 10).opens().run(0);
}
void no_json(Story& told) { told.tab().opens().bare(FrameType::not_json); }
void no_type(Story& told) { told.tab().opens().bare(FrameType::no_type); }
void binary(Story& told) { told.tab().opens().bare(FrameType::binary); }

} // namespace

std::span<const Mistake> identity_mistakes()
{
    static const std::vector<Mistake> all{
        {"another user's canary", foreign_canary, {"isolation: canary of another user in *"}},
        {"another execution's canary",
         canary_of_another_execution,
         {"isolation: canary of another run of the harness in *"}},
        {"another user's id", foreign_user_id, {"isolation: user id of another user in *"}},
        {"another user's thread id", foreign_thread_id, {"isolation: thread id of another user in *"}},
        {"another user's run id", foreign_run_id, {"isolation: run id of another user in * at run id"}},
        {"another user's run id inside", foreign_run_id_inside, {"isolation: run id of another user in *"}},
        {"an event for who asked nothing",
         story(witness_of_a_run),
         {"isolation: * for a user who asked nothing"}},
        {"an answer for a silent witness",
         story(silent_witness_of_an_answer),
         {"isolation: * for a user who asked nothing"}},
        {"an event on another tab", astray, {"routing: * on another connection of the user"}},
        {"an end on another tab",
         end_astray,
         {"routing: * on another connection of the user", "five_events: no *", "liveness: hang after *"}},
        {"another run's label", wrong_label, {"routing: * labelled with another run's id"}},
        {"a damaged canary", damaged_canary, {"routing: damaged canary in *"}},
        {"an event for a tab that asked nothing",
         story(tab_that_asked_nothing),
         {"routing: * on a connection that asked nothing"}},
        {"events that not all tabs get",
         story(one_tab_of_two),
         {"routing: * not on all connections of the user"},
         Setting::all_tabs},
        {"a required field missing", field_missing, {"schema: * at *: *"}},
        {"a frame that is not JSON", story(no_json), {"schema: a text frame that is not JSON"}},
        {"a frame without a type", story(no_type), {"schema: a frame without a type"}},
        {"a binary frame", story(binary), {"schema: a binary frame"}},
    };
    return all;
}

} // namespace wsrace::test
