#include "run/supervision.hpp"

#include "core/history_file.hpp"
#include "support/temporary_folder.hpp"
#include "target/listening.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <thread>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

// A server that waits, listens, says "ready" on its output, and leaves at SIGTERM. It answers nothing: what
// is looked at here is its life.
constexpr auto server_script = R"(
import signal, socket, sys, time
print('began', flush=True)
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
time.sleep(float(sys.argv[2]))
listener.bind(('127.0.0.1', int(sys.argv[1])))
listener.listen()
time.sleep(float(sys.argv[2]))
print('ready', flush=True)
def leave(*_):
    print('leaving', flush=True) if len(sys.argv) < 4 else open(sys.argv[3], 'w')
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
while True:
    time.sleep(0.01)
)";

struct Stage {
    explicit Stage(std::string script = server_script, std::string pause = "0.05")
    {
        ServerSpec spec;
        spec.command = {"/usr/bin/python3", "-c", std::move(script), "{port}", std::move(pause)};
        spec.ready = ServerSpec::Ready::log;
        spec.ready_log = "^ready$";
        scenario.target.server = spec;
        scenario.profile.stats_path.clear();
        scenario.expectations.checks["baseline"] = {
            .enabled = false, .required = false, .reason = "not here"};
    }

    Supervision& begin()
    {
        plan.life_cycle = scenario.life_cycle;
        supervision = std::make_unique<Supervision>(scenario, plan, RunInfo{}, folder.path(), began);
        return *supervision;
    }

    History finish()
    {
        CHECK(supervision->stop().empty());
        return read_history(folder.path());
    }

    static std::vector<LifeCycle> life_of(const History& history, std::uint16_t instance = 0)
    {
        std::vector<LifeCycle> out;
        for (const auto& event : history.events)
            if (event.kind == EventKind::life_cycle && event.slot == instance)
                out.push_back(event.life_cycle());
        return out;
    }

    // What happened once the faults that begin before `until` are over.
    History play_faults(std::vector<LifeCycleFault> faults, LifeCycle last, std::size_t times)
    {
        scenario.life_cycle = std::move(faults);
        begin();
        REQUIRE(supervision->start({}).empty());
        const auto deadline = std::chrono::steady_clock::now() + 30s;
        const auto happened = [&] {
            const auto life = life_of(read_history(folder.path()));
            return static_cast<std::size_t>(std::count(life.begin(), life.end(), last)) >= times;
        };
        while (!happened() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(5ms);
        return finish();
    }

    Scenario scenario;
    Plan plan;
    TemporaryFolder folder;
    std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
    std::unique_ptr<Supervision> supervision;
};

using enum LifeCycle;
using Life = std::vector<LifeCycle>;

const Life whole_life{spawned, port_open, ready, terminating, exited};

Instant time_of(const History& history, LifeCycle what)
{
    for (const auto& event : history.events)
        if (event.kind == EventKind::life_cycle && event.life_cycle() == what) return event.at;
    return Instant::max();
}

} // namespace

TEST_CASE("A server is seen to spawn, listen, be ready by its own word, and leave when it is told to")
{
    Stage stage;
    auto& supervision = stage.begin();
    REQUIRE(supervision.start({}).empty());
    CHECK(is_listening(supervision.target().instances.front().endpoint.port()));
    const auto anchor = supervision.anchor() - stage.began;
    const auto history = stage.finish();
    CHECK(Stage::life_of(history) == whole_life);
    CHECK(anchor >= time_of(history, ready));
    CHECK(time_of(history, port_open) >= time_of(history, spawned) + 50ms);
    CHECK(time_of(history, ready) >= time_of(history, port_open) + 50ms);
    CHECK_FALSE(history.info.truncated);
}

TEST_CASE("Arrivals may count from spawn or from the open port, before the server is ready")
{
    Stage stage{server_script, "0.3"};
    stage.scenario.arrival.after = GENERATE(Arrival::Anchor::spawn, Arrival::Anchor::port_open);
    auto& supervision = stage.begin();
    REQUIRE(supervision.start({}).empty());
    const auto anchor = supervision.anchor() - stage.began;
    const auto history = stage.finish();
    const auto counted_from = stage.scenario.arrival.after == Arrival::Anchor::spawn ? spawned : port_open;
    CHECK(anchor <= time_of(history, counted_from));
    CHECK(time_of(history, counted_from) - anchor < 20ms);
    CHECK(time_of(history, ready) == Instant::max()); // it was not waited for
}

TEST_CASE("Arrivals may count from the first SIGTERM that a fault will send")
{
    Stage stage;
    stage.scenario.arrival.after = Arrival::Anchor::terminating;
    stage.scenario.life_cycle = {{.kind = LifeCycleFault::Kind::terminate, .at = 200ms}};
    auto& supervision = stage.begin();
    REQUIRE(supervision.start({}).empty());
    const auto anchor = supervision.anchor() - stage.began;
    const auto target = supervision.target();
    std::this_thread::sleep_until(supervision.anchor());
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!target.is_down(0) && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    const auto history = stage.finish();
    CHECK(time_of(history, terminating) >= anchor);
    CHECK(anchor >= time_of(history, ready) + 200ms);
    CHECK(Stage::life_of(history) == whole_life);
}

TEST_CASE("A server that does not come up is told apart: it ends, it never listens, it is never ready")
{
    Stage stage{"import sys; print('no such database', flush=True); sys.exit(3)"};
    CHECK_THAT(stage.begin().start({}),
               Catch::Contains("exit status 3") && Catch::Contains("no such database"));

    Stage deaf{"import time; time.sleep(1000)"};
    deaf.scenario.target.server->port_within = 100ms;
    CHECK_THAT(deaf.begin().start({}),
               Catch::Contains("its port was open") && Catch::Contains("port_within"));

    Stage slow{server_script, "0.01"};
    slow.scenario.target.server->ready_log = "never said";
    slow.scenario.target.server->ready_within = 300ms;
    CHECK_THAT(slow.begin().start({}), Catch::Contains("it was ready") && Catch::Contains("ready_within"));

    Stage missing;
    missing.scenario.target.server->command = {"/no/such/server", "{port}"};
    CHECK_THAT(missing.begin().start({}), Catch::Contains("/no/such/server"));
}

TEST_CASE("An interruption while the server starts ends it at once")
{
    Stage stage{"import time; time.sleep(1000)"};
    std::stop_source stop;
    stop.request_stop();
    CHECK_THAT(stage.begin().start(stop.get_token()), Catch::Contains("interrupted"));
    stage.supervision->stop();
    CHECK(Stage::life_of(read_history(stage.folder.path())).back() == killed);
}

TEST_CASE("A restart is an end with grace and another start on the same port; a kill has no grace")
{
    using Kind = LifeCycleFault::Kind;
    Stage graceful;
    const auto restarted = graceful.play_faults({{.kind = Kind::restart, .at = 20ms}}, ready, 2);
    CHECK(Stage::life_of(restarted) == Life{spawned, port_open, ready, terminating, exited, spawned,
                                            port_open, ready, terminating, exited});
    Stage rude;
    const auto again = rude.play_faults({{.kind = Kind::kill, .at = 20ms}}, ready, 2);
    CHECK(Stage::life_of(again) == Life{spawned, port_open, ready, terminating, killed, spawned, port_open,
                                        ready, terminating, exited});
    Stage final;
    const auto ended = final.play_faults({{.kind = Kind::terminate, .at = 20ms}}, exited, 1);
    CHECK(Stage::life_of(ended) == whole_life);
}

TEST_CASE("A pause stops the server and lets it go on when it is over; it can be ended while it is paused")
{
    Stage stage;
    const auto history =
        stage.play_faults({{.kind = LifeCycleFault::Kind::pause, .at = 10ms, .lasting = 150ms}}, resumed, 1);
    CHECK(Stage::life_of(history) == Life{spawned, port_open, ready, paused, resumed, terminating, exited});
    CHECK(time_of(history, resumed) - time_of(history, paused) >= 150ms);

    Stage held;
    const auto ended = held.play_faults({{.kind = LifeCycleFault::Kind::pause, .lasting = 1h}}, paused, 1);
    CHECK(Stage::life_of(ended) == Life{spawned, port_open, ready, paused, resumed, terminating, exited});
}

TEST_CASE("A fault that the users did not wait for is told, so that nobody takes it for survived")
{
    Stage stage;
    stage.scenario.life_cycle = {{.kind = LifeCycleFault::Kind::kill, .at = 1h}};
    REQUIRE(stage.begin().start({}).empty());
    CHECK_THAT(stage.supervision->stop(), Catch::Contains("kill") && Catch::Contains("did not happen"));
}

TEST_CASE("A fault may end a server that is still starting; two faults come one after the other")
{
    using Kind = LifeCycleFault::Kind;
    Stage stage{server_script, "0.2"};
    const auto history =
        stage.play_faults({{.kind = Kind::kill, .after = Arrival::Anchor::port_open, .at = 20ms},
                           {.kind = Kind::restart, .after = Arrival::Anchor::port_open, .at = 30ms}},
                          ready, 2);
    const auto life = Stage::life_of(history);
    CHECK(std::count(life.begin(), life.end(), ready) == 2); // after the kill, and after the restart
    CHECK(std::count(life.begin(), life.end(), spawned) == 3);
    CHECK(std::count(life.begin(), life.end(), killed) == 1);
}

TEST_CASE("What a launcher leaves behind is told to end, too, before it is killed")
{
    Stage stage;
    const auto left = stage.folder.path() / "left";
    stage.scenario.target.server->command = {"/bin/sh",
                                             "-c",
                                             R"(/usr/bin/python3 -c "$0" "$1" 0.01 "$2"; true)",
                                             std::string{server_script},
                                             "{port}",
                                             left.string()};
    REQUIRE(stage.begin().start({}).empty());
    CHECK(Stage::life_of(stage.finish()).back() == killed); // the shell, by SIGTERM
    CHECK(std::filesystem::exists(left));                   // the server, in its own way
}

TEST_CASE("A rolling restart takes one instance down at a time")
{
    Stage stage;
    stage.scenario.target.server->instances = 3;
    stage.scenario.life_cycle = {{.kind = LifeCycleFault::Kind::rolling_restart, .at = 10ms}};
    auto& supervision = stage.begin();
    REQUIRE(supervision.start({}).empty());
    const auto target = supervision.target();
    CHECK(target.instances.size() == 3);
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    const auto restarted = [&] {
        const auto life = Stage::life_of(read_history(stage.folder.path()), 2);
        return std::count(life.begin(), life.end(), ready) == 2;
    };
    while (!restarted() && std::chrono::steady_clock::now() < deadline) {
        const auto down = target.is_down(0) + target.is_down(1) + target.is_down(2);
        CHECK(down <= 1);
        for (std::uint32_t user = 0; user < 3; ++user)
            CHECK_FALSE(target.is_down(target.serving(UserId{user})));
        std::this_thread::sleep_for(2ms);
    }
    const auto history = stage.finish();
    int starting = 0;
    for (const auto& event : history.events) {
        if (event.kind != EventKind::life_cycle || event.at < time_of(history, terminating)) continue;
        if (event.life_cycle() == spawned) CHECK(++starting == 1);
        if (event.life_cycle() == ready) --starting;
    }
    CHECK(Stage::life_of(history, 1).size() == 10);
}

TEST_CASE("Levels are sampled before the users come and until they are back after they left")
{
    Stage stage;
    stage.scenario.expectations.checks.clear();
    auto& supervision = stage.begin();
    REQUIRE(supervision.start({}).empty());
    const auto anchor = supervision.anchor() - stage.began;
    supervision.users_left({});
    const auto history = stage.finish();
    std::size_t before = 0, after = 0;
    for (const auto& event : history.events) {
        if (event.kind != EventKind::sample || event.sample() != SampleKind::sockets) continue;
        ++(event.at <= anchor ? before : after);
        CHECK(event.value == 1); // the one it listens on
    }
    CHECK(before == 1);
    CHECK(after == 1);
}
