#include "support/random_history.hpp"

#include "support/history_builder.hpp"

#include <algorithm>

namespace wsrace::test {

namespace {

bool chance(RandomEngine& random, unsigned percent) { return random() % 100 < percent; }

// What a run will do, before it is known when.
struct Play {
    std::uint16_t number;
    std::vector<std::pair<FrameType, std::string>> events;
    bool by_name = false; // tools have no execution id
    std::size_t next = 0;
};

Play make_play(std::uint16_t number, RandomEngine& random)
{
    Play play{number, {}, chance(random, 25), 0};
    const auto item = [&](std::size_t step) {
        return play.by_name ? std::string{"search"}
                            : "x-" + std::to_string(number) + "-" + std::to_string(step);
    };
    play.events.emplace_back(FrameType::agent_started, "");
    const auto tools = 1 + random() % 3;
    for (std::size_t step = 0; step < tools; ++step) {
        play.events.emplace_back(FrameType::agent_thinking, std::to_string(step + 1));
        play.events.emplace_back(FrameType::tool_executing, item(step));
        if (chance(random, 30))
            play.events.emplace_back(FrameType::agent_thinking, std::to_string(step + 100));
        play.events.emplace_back(FrameType::tool_completed, item(step));
    }
    play.events.emplace_back(FrameType::agent_completed, "");
    return play;
}

void perform(ConnectionBuilder& connection, Play& play, RandomEngine& random)
{
    const auto& [type, item] = play.events[play.next++];
    const bool first = play.next == 1;
    connection.after(static_cast<std::int64_t>(random() % 50)).answers(play.number);
    connection.event(type, item);
    if (play.by_name && !item.empty() && type != FrameType::agent_thinking)
        connection.flagged(Flag::item_is_tool);
    if (chance(random, 10)) connection.stamped(no_stamp);
    if (first)
        connection.note(EventKind::mention, "user-" + std::to_string(connection.id().user.value), "/user_id");
}

// Runs that overlap, event by event in random turns.
void interleave(ConnectionBuilder& connection, std::uint16_t from, std::uint16_t count, RandomEngine& random,
                const std::string& thread)
{
    std::vector<Play> plays;
    for (std::uint16_t i = 0; i < count; ++i) {
        plays.push_back(make_play(static_cast<std::uint16_t>(from + i), random));
        connection.request(plays.back().number, thread);
    }
    while (!plays.empty()) {
        const auto turn = random() % plays.size();
        perform(connection, plays[turn], random);
        if (chance(random, 5)) connection.ping().pong();
        if (plays[turn].next == plays[turn].events.size())
            plays.erase(plays.begin() + static_cast<std::ptrdiff_t>(turn));
    }
    connection.awaits();
}

void stopped(ConnectionBuilder& connection, std::uint16_t number)
{
    connection.request(number).event(FrameType::agent_started).stop(number);
    connection.event(FrameType::agent_completed).flagged(Flag::failed_status).awaits();
}

// After the drop: what is left of the run, some of it replayed, or the word that there is nothing.
void resumed(ConnectionBuilder& connection, std::uint16_t number, RandomEngine& random)
{
    connection.answers(number);
    if (chance(random, 25)) {
        connection.event(FrameType::agent_error);
        return;
    }
    connection.event(FrameType::agent_thinking, "1").flagged(Flag::recovered);
    connection.event(FrameType::tool_executing, "x-" + std::to_string(number));
    if (chance(random, 50)) connection.flagged(Flag::recovered);
    connection.event(FrameType::tool_completed, "x-" + std::to_string(number));
    connection.event(FrameType::agent_completed);
}

// Attempts of a tab that must be refused, or that another tab of its user has left no ticket for.
void refused_attempts(HistoryBuilder& history, std::uint32_t user, std::uint16_t slot,
                      std::uint16_t& incarnation, std::int64_t start, RandomEngine& random)
{
    if (chance(random, 20)) history.user(user, slot, incarnation++).at(start).refused(503, "1");
    if (chance(random, 20))
        history.user(user, slot, incarnation++)
            .at(start + 10)
            .says(chance(random, 50) ? "forged token: expired" : "forged token: missing")
            .refused(chance(random, 50) ? 401 : 403);
    if (slot > 0)
        history.user(user, slot, incarnation++).at(start + 20).says("shared ticket: 0").refused(401);
}

// Questions long after everything else; some of them in a thread whose name others have, too.
void late_questions(ConnectionBuilder& connection, std::uint16_t request, RandomEngine& random)
{
    const auto& id = connection.id();
    if (!chance(random, 40)) return;
    connection.at(12'000 + id.user.value * 3'000 + id.slot.value * 1'000);
    interleave(connection, request, 1, random, "common");
}

// One tab's whole life. Every tab closes long after the last run, each in its own second: what follows a
// close is never chance.
void tab(HistoryBuilder& history, std::uint32_t user, std::uint16_t slot, RandomEngine& random)
{
    std::uint16_t incarnation = 0;
    const bool first = user == 0; // it gets in before anybody is refused: the target is ready, as it said
    const auto start = static_cast<std::int64_t>(10 + random() % 500);
    const std::int64_t closing = 40'000 + user * 3'000 + slot * 1'000;
    if (!first) refused_attempts(history, user, slot, incarnation, start, random);
    auto connection = history.user(user, slot, incarnation).at(first ? 5 : start + 100);
    if (!first && slot == 0) connection.says("shared ticket: 0");
    connection.opens();
    const auto thread = "thread-" + std::to_string(user);
    std::uint16_t request = 0;
    for (auto batches = 1 + random() % 3; batches > 0; --batches) {
        const auto count = static_cast<std::uint16_t>(1 + random() % 3);
        interleave(connection, request, count, random, thread);
        request = static_cast<std::uint16_t>(request + count);
    }
    if (chance(random, 15)) stopped(connection, request++);
    if (chance(random, 20)) {
        const auto dropped = request++;
        connection.request(dropped).event(FrameType::agent_started).drops();
        const auto now = connection.now().count() / 1'000'000;
        auto reopened =
            history.user(user, slot, static_cast<std::uint16_t>(incarnation + 1)).at(now + 5).opens();
        resumed(reopened, dropped, random);
        interleave(reopened, request++, 1, random, thread);
        late_questions(reopened, request, random);
        reopened.at(closing).closes();
        return;
    }
    late_questions(connection, request, random);
    connection.at(closing).closes();
}

// What the target holds: KiB, threads, sockets, files and two counters.
void measure(HistoryBuilder& history, std::int64_t at, int held)
{
    history.sample(at, SampleKind::cpu, static_cast<int>(at)).sample(at, SampleKind::memory, 1000 * held);
    history.sample(at, SampleKind::threads, held).sample(at, SampleKind::sockets, held);
    history.sample(at, SampleKind::files, held).sample(at, SampleKind::counter, held, "active_connections");
    history.sample(at, SampleKind::counter, static_cast<int>(at), "total_connections");
}

} // namespace

Expectations random_expectations()
{
    Expectations expectations;
    expectations.deadlines.run = std::chrono::seconds{10};
    expectations.deadlines.close = std::chrono::milliseconds{500};
    expectations.server_output = true;
    expectations.ready_by_word = true;
    expectations.failed_runs_allowed = true; // what is left of a dropped run may be an error
    expectations.baseline.sockets = 1;
    expectations.baseline.threads = 0;
    return expectations;
}

History random_history(RandomEngine& random)
{
    HistoryBuilder history;
    history.info().run = RunId{random() & 0xFFFFFFFFFF};
    history.info().connections = 3;
    history.life_cycle(0, LifeCycle::spawned).log(1, "listening");
    history.life_cycle(0, LifeCycle::port_open).life_cycle(0, LifeCycle::ready);
    const auto held = static_cast<int>(random() % 100);
    measure(history, 0, held);
    if (chance(random, 50)) measure(history, 30'000, held + 50);
    measure(history, 59'500, held);
    const auto users = static_cast<std::uint32_t>(2 + random() % 5);
    for (std::uint32_t user = 0; user < users; ++user) {
        history.login(user);
        const auto tabs = user == 0 ? 1 : 1 + random() % 3;
        for (std::uint16_t slot = 0; slot < tabs; ++slot) tab(history, user, slot, random);
    }
    history.life_cycle(60'000, LifeCycle::terminating).life_cycle(60'100, LifeCycle::exited, 0);
    return history.build();
}

} // namespace wsrace::test
