#include "support/random_history.hpp"

#include "support/history_builder.hpp"

#include <algorithm>
#include <array>

namespace wsrace::test {

namespace {

bool chance(RandomEngine& random, unsigned percent) { return random() % 100 < percent; }

std::int64_t whole_milliseconds(Instant at)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(at).count();
}

struct Beat {
    FrameType type;
    std::string item;
    bool named = false; // item is a tool's name
};

// What a run will do, before it is known when.
struct Play {
    std::uint16_t number;
    std::vector<Beat> beats;
    std::size_t next = 0;
    std::int64_t stamp = no_stamp; // of the newest event that had one
};

// How a target tells tools: by an execution id, by the tool's name, or one of the two at each end.
struct Naming {
    bool begins_by_name;
    bool ends_by_name;
};

Naming some_naming(RandomEngine& random)
{
    if (chance(random, 60)) return {false, false};
    if (chance(random, 60)) return {true, true};
    const bool begins = chance(random, 50);
    return {begins, !begins};
}

void add_tools(Play& play, std::size_t tools, RandomEngine& random)
{
    const auto naming = some_naming(random);
    const auto beat = [&](FrameType type, std::size_t tool, bool named) {
        const auto id = "x-" + std::to_string(play.number) + "-" + std::to_string(tool);
        play.beats.push_back({type, named ? std::string{"search"} : id, named});
    };
    const auto thinks = [&](std::size_t step) {
        play.beats.push_back({FrameType::agent_thinking, std::to_string(step)});
    };
    const bool nested = chance(random, 25);
    for (std::size_t tool = 0; tool < tools; ++tool) {
        thinks(tool + 1);
        beat(FrameType::tool_executing, tool, naming.begins_by_name);
        if (chance(random, 30)) thinks(tool + 100);
        if (!nested) beat(FrameType::tool_completed, tool, naming.ends_by_name);
    }
    for (auto tool = nested ? tools : 0; tool-- > 0;)
        beat(FrameType::tool_completed, tool, naming.ends_by_name);
}

Play make_play(std::uint16_t number, RandomEngine& random, bool may_fail)
{
    Play play{number, {}};
    if (chance(random, 20)) play.beats.push_back({FrameType::acknowledgement, {}});
    if (may_fail && chance(random, 3)) {
        play.beats.push_back({FrameType::error_message, {}});
        return play;
    }
    play.beats.push_back({FrameType::agent_started, {}});
    add_tools(play, 1 + random() % 3, random);
    if (may_fail && chance(random, 4)) {
        play.beats.resize(2 + random() % (play.beats.size() - 1)); // it may leave a tool open
        play.beats.push_back({FrameType::agent_error, {}});
    } else {
        play.beats.push_back({FrameType::agent_completed, {}});
    }
    return play;
}

// What else a frame may say and be right: whose it is, a canary cut off in the middle, another tab's as
// context.
void note_details(ConnectionBuilder& connection, bool first, RandomEngine& random)
{
    const auto id = connection.id();
    const auto user = std::to_string(id.user.value);
    if (first) connection.note(EventKind::mention, "user-" + user, "/user_id");
    if (first && chance(random, 50)) connection.note(EventKind::mention, "thread-" + user, "/thread_id");
    if (id.slot.value > 0 && chance(random, 3))
        connection.carries({id.user, SlotId{0}, 0}, "/payload/context", true);
    if (chance(random, 3)) {
        const auto whole = make_canary({RunId{1}, {id.user, id.slot, 0}});
        connection.note(EventKind::canary, whole.substr(0, canary_length - 3), "/payload/summary");
        connection.flagged(Flag::corrupt_canary);
    }
}

void perform(ConnectionBuilder& connection, Play& play, RandomEngine& random)
{
    const auto& [type, item, named] = play.beats[play.next++];
    connection.after(static_cast<std::int64_t>(random() % 50)).answers(play.number);
    connection.event(type, item);
    if (named) connection.flagged(Flag::item_is_tool);
    const auto now = connection.now().count() / 1000;
    if (play.stamp != no_stamp && chance(random, 10)) {
        connection.stamped(play.stamp); // as the event before
    } else if (chance(random, 10)) {
        connection.stamped(no_stamp);
    } else {
        connection.stamped(now);
        play.stamp = now;
    }
    if (is_run_event(type)) note_details(connection, type == FrameType::agent_started, random);
}

void between_events(ConnectionBuilder& connection, RandomEngine& random)
{
    if (chance(random, 5)) connection.ping().pong();
    if (chance(random, 3)) connection.bare(FrameType::heartbeat);
    if (chance(random, 3)) connection.bare(FrameType::unknown);
}

// Runs that overlap, event by event in random turns.
void interleave(ConnectionBuilder& connection, std::uint16_t from, std::uint16_t count, RandomEngine& random,
                const std::string& thread, bool may_fail)
{
    std::vector<Play> plays;
    for (std::uint16_t i = 0; i < count; ++i) {
        plays.push_back(make_play(static_cast<std::uint16_t>(from + i), random, may_fail));
        connection.request(plays.back().number, thread);
    }
    while (!plays.empty()) {
        const auto turn = random() % plays.size();
        perform(connection, plays[turn], random);
        between_events(connection, random);
        if (plays[turn].next == plays[turn].beats.size())
            plays.erase(plays.begin() + static_cast<std::ptrdiff_t>(turn));
    }
    connection.awaits();
}

// What a stop leaves open is right, whether the end says that it was stopped or not.
void stopped(ConnectionBuilder& connection, std::uint16_t number, RandomEngine& random)
{
    connection.request(number).event(FrameType::agent_started);
    if (chance(random, 50)) connection.event(FrameType::tool_executing, "x-" + std::to_string(number));
    connection.stop(number).event(FrameType::agent_completed);
    if (chance(random, 50)) connection.flagged(Flag::failed_status);
    connection.awaits();
}

// After the drop: what is left of the run, some of it replayed, or the word that there is nothing.
void resumed(ConnectionBuilder& connection, std::uint16_t number, RandomEngine& random, bool may_fail)
{
    connection.answers(number);
    if (may_fail && chance(random, 25)) {
        connection.event(chance(random, 50) ? FrameType::agent_error : FrameType::error_message);
        return;
    }
    connection.event(FrameType::agent_thinking, "1").flagged(Flag::recovered);
    connection.event(FrameType::tool_executing, "x-" + std::to_string(number));
    if (chance(random, 50)) connection.flagged(Flag::recovered);
    connection.event(FrameType::tool_completed, "x-" + std::to_string(number));
    connection.event(FrameType::agent_completed);
}

// Attempts of a tab that must be refused, that another tab of its user has left no ticket for, or that the
// harness gave up.
void refused_attempts(HistoryBuilder& history, std::uint32_t user, std::uint16_t slot,
                      std::uint16_t& incarnation, std::int64_t start, RandomEngine& random)
{
    const auto attempt = [&](std::int64_t delay) {
        return history.user(user, slot, incarnation++).at(start + delay);
    };
    if (chance(random, 20)) {
        constexpr std::array<std::string_view, 3> later{"1", "2", "Sun, 06 Nov 1994 08:49:37 GMT"};
        attempt(0).refused(chance(random, 50) ? 503 : 429, later[random() % later.size()]);
    }
    if (chance(random, 20))
        attempt(10)
            .says(chance(random, 50) ? "forged token: expired" : "forged token: missing")
            .refused(chance(random, 50) ? 401 : 403);
    if (slot > 0) attempt(20).says("shared ticket: 0").refused(401);
    if (chance(random, 10)) attempt(30).step(StepKind::tcp_connect).step(StepKind::aborted);
}

// Questions long after everything else; some of them in a thread whose name others have, too, and who named
// another user's may be refused.
void late_questions(ConnectionBuilder& connection, std::uint16_t request, RandomEngine& random)
{
    const auto& id = connection.id();
    if (!chance(random, 40)) return;
    connection.at(12'000 + id.user.value * 3'000 + id.slot.value * 1'000);
    if (id.user.value > 0 && chance(random, 40)) {
        connection.request(request, "common").says("thread of user: 0");
        if (chance(random, 50)) {
            connection.event(FrameType::error_message).awaits();
        } else {
            connection.five_events().awaits();
        }
        return;
    }
    interleave(connection, request, 1, random, "common", false);
}

// All that a tab asks for at first. Returns the number of its next request.
std::uint16_t questions(ConnectionBuilder& connection, RandomEngine& random, bool may_fail)
{
    const auto thread = "thread-" + std::to_string(connection.id().user.value);
    std::uint16_t request = 0;
    for (auto batches = 1 + random() % 3; batches > 0; --batches) {
        const auto count = static_cast<std::uint16_t>(1 + random() % 3);
        interleave(connection, request, count, random, thread, may_fail && request > 0);
        request = static_cast<std::uint16_t>(request + count);
        if (chance(random, 20)) connection.ping().pong();
        if (chance(random, 5))
            connection.step(StepKind::reading_stopped).after(200).step(StepKind::reading_resumed);
    }
    if (chance(random, 15)) stopped(connection, request++, random);
    return request;
}

// One tab's whole life. Every tab closes long after the last run, each in its own second: what follows a
// close is never chance. Some are closed by the target, between those seconds.
void tab(HistoryBuilder& history, std::uint32_t user, std::uint16_t slot, RandomEngine& random, bool may_fail)
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
    auto request = questions(connection, random, may_fail);
    if (chance(random, 20)) {
        const auto dropped = request++;
        connection.request(dropped).event(FrameType::agent_started).drops();
        if (chance(random, 30))
            connection.event(FrameType::agent_thinking, "1").flagged(Flag::after_end); // nobody received it
        const auto now = whole_milliseconds(connection.now());
        auto reopened =
            history.user(user, slot, static_cast<std::uint16_t>(incarnation + 1)).at(now + 5).opens();
        resumed(reopened, dropped, random, may_fail);
        interleave(reopened, request++, 1, random, thread, may_fail);
        late_questions(reopened, request, random);
        reopened.at(closing).closes();
        return;
    }
    late_questions(connection, request, random);
    if (user > 0 && chance(random, 10)) {
        connection.at(closing + 500).ends(EndKind::peer_closed, 1000);
    } else {
        connection.at(closing).closes();
    }
}

// What the target holds: KiB, threads, sockets, files and two counters.
void measure(HistoryBuilder& history, std::int64_t at, int held)
{
    history.sample(at, SampleKind::cpu, static_cast<int>(at)).sample(at, SampleKind::memory, 1000 * held);
    history.sample(at, SampleKind::threads, held).sample(at, SampleKind::sockets, held);
    history.sample(at, SampleKind::files, held).sample(at, SampleKind::counter, held, "active_connections");
    history.sample(at, SampleKind::counter, static_cast<int>(at), "total_connections");
}

// Asks nothing and gets what everybody gets.
void silent_witness(HistoryBuilder& history)
{
    auto witness = history.user(40).at(600).says("behaviour: silent_witness").opens();
    witness.at(5'000).bare(FrameType::heartbeat).bare(FrameType::unknown);
    witness.at(58'600).closes();
}

// One of eight instances is started again at the 30th second, under the only user whom it serves.
void restart(HistoryBuilder& history)
{
    constexpr std::uint16_t instance = 7;
    history.info().instances = 8;
    history.life_cycle(0, LifeCycle::spawned, 77, instance).life_cycle(0, LifeCycle::ready, 0, instance);
    history.life_cycle(30'000, LifeCycle::terminating, 15, instance);
    history.life_cycle(30'100, LifeCycle::exited, 0, instance);
    history.life_cycle(30'200, LifeCycle::spawned, 78, instance);
    history.life_cycle(30'500, LifeCycle::ready, 0, instance);
    history.login(instance);
    history.user(instance).at(40).opens().run(0).at(29'990).request(1).event(FrameType::agent_started);
    history.user(instance).at(30'050).ends(EndKind::eof);
    history.user(instance, 0, 1).at(30'250).step(StepKind::tcp_connect, Outcome::refused);
    history.user(instance, 0, 2).at(30'600).opens().run(2).at(58'900).closes();
}

} // namespace

Expectations random_expectations(Setting setting)
{
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    Expectations expectations;
    expectations.deadlines = {.login = seconds{11},
                              .connect = milliseconds{5500},
                              .handshake = milliseconds{3500},
                              .welcome = seconds{3},
                              .first_event = seconds{5},
                              .event_gap = seconds{4},
                              .run = seconds{10},
                              .ping = seconds{1},
                              .stop = seconds{2},
                              .close = milliseconds{500}};
    expectations.server_output = true;
    expectations.ready_by_word = true;
    expectations.log_patterns = {"pool exhausted: \\d+"};
    expectations.failed_runs_allowed = setting != Setting::strict;
    if (setting == Setting::all_tabs) expectations.routing = RoutingPolicy::all_connections;
    expectations.idle_after = milliseconds{4500};
    expectations.baseline.sockets = 1;
    expectations.baseline.threads = 0;
    return expectations;
}

History random_history(RandomEngine& random, Setting setting)
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
        if (user > 0 && chance(random, 10)) history.refused_login(1, user, 503, "0");
        history.login(user);
        const auto tabs = user == 0 ? 1 : 1 + random() % 3;
        for (std::uint16_t slot = 0; slot < tabs; ++slot)
            tab(history, user, slot, random, setting != Setting::strict);
    }
    if (chance(random, 30)) silent_witness(history);
    if (chance(random, 30)) restart(history);
    history.life_cycle(60'000, LifeCycle::terminating).life_cycle(60'100, LifeCycle::exited, 0);
    return history.build();
}

} // namespace wsrace::test
