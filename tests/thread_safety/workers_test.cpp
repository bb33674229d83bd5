// Real threads, for ThreadSanitizer: workers, their interruption, a server's output.
#include "core/history_file.hpp"
#include "run/play.hpp"
#include "scenario/scenario.hpp"
#include "support/temporary_folder.hpp"
#include "target/port.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <thread>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

// Users that log in by minting and connect to a port where nobody listens.
Scenario refused_users(std::uint32_t users)
{
    Scenario scenario;
    scenario.name = "refused";
    scenario.users = users;
    scenario.carriers = {TokenCarrier::authorization};
    scenario.profile.login.kind = LoginKind::none;
    StepSpec connect;
    connect.action = Action::connect;
    scenario.journeys = {{connect}};
    return scenario;
}

struct Stage {
    explicit Stage(Scenario of) : scenario{std::move(of)}, plan{make_plan(scenario, 1)}
    {
        auto& address = target.instances.emplace_back();
        address.url.host = "127.0.0.1";
        address.url.port = port.number();
        address.endpoint = {asio::ip::make_address("127.0.0.1"), port.number()};
        info.users = scenario.users;
    }

    PlayResult play_with(std::size_t workers, const std::stop_token& stop = {})
    {
        const auto now = Clock::now();
        const RunSetup setup{.scenario = scenario,
                             .plan = plan,
                             .target = target,
                             .info = info,
                             .progress = progress,
                             .start = now,
                             .anchor = now};
        return play(setup, {.folder = folder.path(), .workers = workers, .stop = stop, .report = {}});
    }

    std::size_t journeys(Outcome outcome) const
    {
        const auto history = read_history(folder.path());
        return static_cast<std::size_t>(
            std::count_if(history.events.begin(), history.events.end(), [&](const auto& event) {
                return event.is_step(StepKind::journey_done) && event.outcome == outcome;
            }));
    }

    ReservedPort port; // held, but nobody listens
    Scenario scenario;
    Plan plan;
    PlayTarget target;
    RunInfo info;
    Progress progress;
    TemporaryFolder folder;
};

} // namespace

TEST_CASE("Every user of every worker comes to an end and is recorded")
{
    Stage stage{refused_users(300)};
    const auto result = stage.play_with(4);
    CHECK_FALSE(result.interrupted);
    CHECK(result.history_error.empty());
    CHECK(stage.journeys(Outcome::refused) == 300);
    CHECK(stage.progress.done == 300);
    CHECK(stage.progress.given_up == 300);
}

TEST_CASE("An interruption from another thread ends users that wait, and those who have not arrived")
{
    auto scenario = refused_users(100);
    StepSpec pause;
    pause.action = Action::pause;
    pause.duration = {.kind = Distribution::Kind::fixed, .low = 1h, .high = {}};
    scenario.journeys = {{pause}};
    scenario.arrival = {.pattern = Arrival::Pattern::ramp, .over = 1h, .rate = 0, .after = {}};
    scenario.expectations.deadlines.total = 2h;
    Stage stage{scenario};
    std::stop_source stop;
    std::jthread other{[&] {
        while (stage.progress.arrived.load() == 0) std::this_thread::yield();
        stop.request_stop();
    }};
    const auto result = stage.play_with(3, stop.get_token());
    CHECK(result.interrupted);
    CHECK(stage.journeys(Outcome::cancelled) == 100);
    CHECK(read_history(stage.folder.path()).info.interrupted);
}

TEST_CASE("A run that takes longer than its total deadline is cut off and says so")
{
    auto scenario = refused_users(5);
    StepSpec pause;
    pause.action = Action::pause;
    pause.duration = {.kind = Distribution::Kind::fixed, .low = 1h, .high = {}};
    scenario.journeys = {{pause}};
    scenario.expectations.deadlines.total = 50ms;
    Stage stage{scenario};
    const auto result = stage.play_with(2);
    CHECK(result.overran);
    CHECK(stage.journeys(Outcome::cancelled) == 5);
}

TEST_CASE("Small runs have one worker, large ones one for each core at most")
{
    CHECK(default_workers(1) == 1);
    CHECK(default_workers(1999) == 1);
    CHECK(default_workers(1'000'000) == std::max(1U, std::thread::hardware_concurrency()));
}
