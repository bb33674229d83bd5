// Small hunts against the reference server, started as a process: this program's own "serve"
// (support/main.cpp).
#include "explore/hunt.hpp"

#include "core/random.hpp"
#include "explore/plan_player.hpp"
#include "explore/reproducer_file.hpp"
#include "explore/serial_baseline.hpp"
#include "explore/shrink.hpp"
#include "plan/elements.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

using namespace wsrace;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// Each user asks once; `bug` is one of the reference server's, or empty.
Scenario conversation(const std::string& bug, const std::string& text = "hello {canary}",
                      const std::string& profile = "\"netra\"")
{
    const auto document = fmt::format(
        R"({{"name": "small", "profile": {}, "users": {{"count": 3}},
            "target": {{"server": {{"command": ["wsrace", "serve", "--port", "{{port}}", "--step-delay",
                                                "2ms", "--bug", "{}"]}}}},
            "journey": ["login", "connect", "await_welcome", {{"request": {{"text": "{}"}}}}, "await_events",
                        "close"],
            "deadlines": {{"first_event": "2s", "event_gap": "2s", "run": "3s"}}}})",
        profile, bug, text);
    auto loaded = parse_scenario(document, "small.json", ".");
    for (const auto& problem : loaded.problems) UNSCOPED_INFO(to_string(problem));
    REQUIRE(loaded.scenario);
    return std::move(*loaded.scenario);
}

std::string journey(const std::vector<std::string>& more_steps)
{
    return fmt::format(R"(["login", "connect", "await_welcome", {{"request": {{"text": "hello {{canary}}"}}}},
                           "await_events"{}{}, "close"])",
                       more_steps.empty() ? "" : ", ", fmt::join(more_steps, ", "));
}

// As far as the profile knows, no run ever ends: each is awaited until its deadline.
Scenario endless_runs(const std::string& bug = "", const std::vector<std::string>& more_steps = {})
{
    const auto scenario = conversation(bug, "hello {canary}",
                                       R"({"extends": "netra", "run_events": "learned",
                         "types": {"agent_completed": "heartbeat", "never": "agent_completed"}})");
    auto loaded = parse_scenario(scenario.canonical, "short.json", ".",
                                 {.set = {{"deadlines.first_event", "200ms"},
                                          {"deadlines.event_gap", "200ms"},
                                          {"deadlines.run", "300ms"},
                                          {"journey", journey(more_steps)}}});
    for (const auto& problem : loaded.problems) UNSCOPED_INFO(to_string(problem));
    REQUIRE(loaded.scenario);
    return std::move(*loaded.scenario);
}

struct Stage {
    explicit Stage(Scenario of) : scenario{std::move(of)}
    {
        asked.scenario = scenario.name;
        asked.scenario_digest = scenario.digest;
        options.seed = 5;
        options.folder = folder.path() / "out";
    }

    HuntReport hunt() { return wsrace::hunt(scenario, asked, options, memory); }

    PlanPlayer player() const { return {scenario, asked, folder.path() / "plays", options.stop}; }

    // Run folders, by name.
    std::set<std::string> left() const
    {
        std::set<std::string> names;
        if (!fs::exists(options.folder)) return names;
        for (const auto& entry : fs::directory_iterator{options.folder})
            names.insert(entry.path().filename().string());
        return names;
    }

    Scenario scenario;
    RunInfo asked;
    TemporaryFolder folder;
    HuntOptions options;
    HuntMemory memory;
};

const FoundFailure* find_race(const HuntReport& report)
{
    const auto found = std::find_if(report.failures.begin(), report.failures.end(),
                                    [](const auto& failure) { return failure.is_race; });
    return found == report.failures.end() ? nullptr : &*found;
}

} // namespace

TEST_CASE("A hunt finds a race, keeps one run of it, and ends with it if it is told to", "[explore]")
{
    Stage stage{conversation("shared_manager")};
    stage.options.executions = 200;
    stage.options.until_found = true;
    const auto report = stage.hunt();
    CAPTURE(report.problem, report.executions, report.voided);
    const auto* const race = find_race(report);
    REQUIRE(race != nullptr);
    CHECK(report.executions < 200);
    CHECK(report.statement.empty());
    CHECK(exit_status(report) == 1);
    std::set<std::string> kept;
    for (const auto& failure : report.failures) {
        CHECK(fs::exists(fs::path{failure.folder} / "plan.json"));
        kept.insert(fs::path{failure.folder}.filename().string());
    }
    CHECK(stage.left() == kept);
    const auto* const remembered = stage.memory.clusters.find(race->signature);
    REQUIRE(remembered != nullptr);
    REQUIRE(remembered->best);
    CHECK(fs::path{remembered->best->plan}.is_absolute());
    CHECK(stage.memory.coverage.executions() == report.executions - report.voided);

    // What was found can be made smaller, and what is left is a plan of the same scenario.
    const auto loaded = load_replay(race->folder, {});
    REQUIRE(loaded.replay);
    PlanPlayer player{loaded.replay->scenario, stage.asked, stage.folder.path() / "plays", {}};
    const auto whole = elements(loaded.replay->plan).size();
    const auto shrunk =
        shrink(player, loaded.replay->plan,
               {.seed = 1, .signature = race->signature, .budget = std::nullopt, .plays = 10, .report = {}});
    CHECK(shrunk.reproducer.plays <= 10);
    CHECK(shrunk.reproducer.elements_before == whole);
    if (shrunk.fails) CHECK(shrunk.reproducer.elements.size() == elements(shrunk.plan).size());
    CHECK(shrunk.reproducer.elements.size() <= whole);
    CHECK((!fs::exists(stage.folder.path() / "plays") || fs::is_empty(stage.folder.path() / "plays")));
}

TEST_CASE("Behind the search plans are replayed, and of each failure one run stays", "[explore]")
{
    Stage stage{conversation("shared_manager")};
    stage.options.executions = 10;
    std::set<std::string> chosen_for;
    stage.options.report = [&](const HuntProgress& now) {
        if (!now.choosing.empty()) chosen_for.insert(now.choosing);
    };
    const bool is_stopped = GENERATE(false, true); // in the middle of it: what was found stays
    std::stop_source stop;
    stage.options.stop = stop.get_token();
    if (is_stopped)
        stage.options.report = [&](const HuntProgress& now) {
            if (!now.choosing.empty()) stop.request_stop();
        };
    const auto report = stage.hunt();
    CAPTURE(report.problem, report.executions, report.voided, is_stopped);
    CHECK(report.executions == 10);
    CHECK(report.interrupted == is_stopped);
    const auto* const race = find_race(report);
    REQUIRE(race != nullptr);
    CHECK((is_stopped || chosen_for.contains(race->signature)));
    std::set<std::string> kept;
    for (const auto& failure : report.failures) {
        if (failure.folder.empty()) continue;
        kept.insert(fs::path{failure.folder}.filename().string());
        const auto* const remembered = stage.memory.clusters.find(failure.signature);
        REQUIRE(remembered != nullptr);
        REQUIRE(remembered->best);
        CHECK(remembered->best->plan == fs::absolute(failure.folder).string());
        if (&failure == race && !is_stopped && race->count > 1) CHECK(remembered->best->played > 1);
    }
    CHECK(stage.left() == kept);
}

TEST_CASE("No plan is replayed once the search has used up the budget", "[explore]")
{
    Stage stage{conversation("shared_manager")};
    stage.options.budget = 60s;
    bool chose = false;
    stage.options.report = [&](const HuntProgress& now) {
        chose = chose || !now.choosing.empty();
        if (now.most_seen_count >= 2) stage.options.budget = 1ns; // two plans showed it: this was all
    };
    const auto report = stage.hunt();
    REQUIRE(find_race(report) != nullptr);
    CHECK((find_race(report)->count >= 2 && !chose));
}

TEST_CASE("What an earlier night found is played first", "[explore]")
{
    Stage stage{conversation("shared_manager")};
    stage.options.executions = 200;
    stage.options.until_found = true;
    const auto first = stage.hunt();
    const auto* const race = find_race(first);
    REQUIRE(race != nullptr);
    REQUIRE(fs::exists(race->folder));

    stage.options.folder = stage.folder.path() / "second";
    stage.options.seed = 6;
    const auto second = stage.hunt();
    CAPTURE(second.problem, second.executions, second.voided, race->signature);
    const auto* const again = find_race(second);
    REQUIRE(again != nullptr);
    std::uint64_t by_strategies = 0;
    for (const auto& share : second.strategies) by_strategies += share.executions;
    CHECK(by_strategies == second.executions - 1);
    CHECK(again->folder.starts_with(stage.options.folder.string()));
}

TEST_CASE("Shrinking leaves out what came with the ordinary journey, too", "[explore]")
{
    const Stage stage{conversation("masked_failure", "use tool unstable {canary}")};
    auto plan = make_plan(stage.scenario, 1);
    // The ordinary journey has a pause, which user 0 does not make: he walks one of his own.
    const auto own = plan.journeys.front();
    StepSpec pause;
    pause.action = Action::pause;
    plan.journeys.front().insert(plan.journeys.front().begin() + 3, pause);
    for (std::size_t user = 1; user < plan.users.size(); ++user)
        plan.users[user].delays = {{.slot = 0, .step = 3, .delay = 2ms}};
    plan.users[0].role = plan.roles.size();
    plan.roles.push_back(
        {.behaviour = {}, .connections = 1, .first_journey = plan.journeys.size(), .journeys = 1});
    plan.journeys.push_back(own);
    auto player = stage.player();
    const auto shrunk = shrink(
        player, plan,
        {.seed = 1, .signature = "close_codes: 1000", .budget = std::nullopt, .plays = 500, .report = {}});
    REQUIRE(shrunk.fails);
    CAPTURE(shrunk.reproducer.summary);
    CHECK(shrunk.reproducer.elements_before == 6); // three users, two pauses, one journey of his own
    REQUIRE(shrunk.reproducer.elements.size() == 1);
    CHECK(shrunk.reproducer.elements.front().starts_with("user "));
}

TEST_CASE("A crowd comes now and then, also when bursts have found nothing for a long time", "[explore]")
{
    auto loaded = parse_scenario(conversation("").canonical, "crowded.json", ".",
                                 {.set = {{"users.count", "60"},
                                          {"deadlines.retry", "100ms"},
                                          {"target.server.command",
                                           R"(["wsrace", "serve", "--port", "{port}", "--step-delay", "2ms",
                                               "--bug", "shared_rate_limit", "--rate-limit", "21/s"])"}}});
    REQUIRE(loaded.scenario);
    Stage stage{std::move(*loaded.scenario)};
    stage.options.seed = 18; // its sixth plan is a crowd of 58
    stage.options.strategies = {"burst", "log_uniform_jitter"};
    stage.memory.bandit.arms = {{.name = "burst", .efforts = 1e6},
                                {.name = "log_uniform_jitter", .rewards = 1e6, .efforts = 1e6}};
    stage.options.executions = 6;
    const auto report = stage.hunt();
    CAPTURE(report.problem, report.voided);
    REQUIRE(report.strategies.size() == 2);
    CHECK(report.strategies[0].executions == 1);
    CHECK(report.strategies[1].executions == 5);
    if (report.voided > 0) return;
    REQUIRE_FALSE(report.failures.empty()); // more users than are let in within a second
    CHECK(report.failures[0].first_execution == 6);
}

TEST_CASE("What fails with one user at a time is no race", "[explore]")
{
    Stage stage{conversation("masked_failure", "use tool unstable {canary}")};
    stage.options.executions = 2;
    const auto report = stage.hunt();
    CAPTURE(report.problem, report.voided);
    REQUIRE_FALSE(report.failures.empty());
    const auto without_a_race =
        std::count_if(report.failures.begin(), report.failures.end(), [](const FoundFailure& failure) {
            return !failure.is_race && failure.signature.starts_with("close_codes");
        });
    CHECK(without_a_race >= 1); // what others see of it may look like a race, and says that it may be none
    CHECK(exit_status(report) == 1);
}

TEST_CASE("Nothing fails on a correct server, and no run is kept; two jobs play as many executions as were "
          "asked for",
          "[explore]")
{
    Stage stage{conversation("")};
    stage.options.executions = 5;
    stage.options.jobs = 2;
    std::uint64_t told = 0;
    stage.options.report = [&told](const HuntProgress& progress) { CHECK(progress.executions == ++told); };
    const auto report = stage.hunt();
    CAPTURE(report.problem);
    CHECK(report.executions == 5);
    CHECK(told == 5);
    CHECK(report.failures.empty());
    CHECK((report.statement.empty() == (report.voided == report.executions)));
    CHECK(stage.left().empty());
    std::uint64_t shares = 0;
    for (const auto& share : report.strategies) shares += share.executions;
    CHECK(shares == 5);
}

TEST_CASE("After the budget nothing is begun, and the report says so", "[explore]")
{
    Stage stage{conversation("")};
    stage.options.budget = 1ms;
    const auto report = stage.hunt();
    CHECK(report.executions == 0);
    CHECK_THAT(report.problem, Catch::Contains("budget"));
    CHECK(exit_status(report) == 3);
}

TEST_CASE("A hunt that is interrupted leaves nothing behind", "[explore]")
{
    Stage stage{conversation("")};
    std::stop_source stop;
    stage.options.stop = stop.get_token();
    stage.options.report = [&stop](const HuntProgress&) { stop.request_stop(); };
    const auto report = stage.hunt();
    CHECK(report.interrupted);
    CHECK(report.executions == 1);
    CHECK(exit_status(report) == 130);
    CHECK(stage.left().empty());
}

TEST_CASE("A hunt of a target that does not come up ends soon, with the reason", "[explore]")
{
    auto scenario = conversation("");
    scenario.target.server->command = {"/bin/false"};
    Stage stage{scenario};
    const auto report = stage.hunt();
    CHECK(report.executions == 0);
    CHECK_FALSE(report.problem.empty());
    CHECK(exit_status(report) == 3);
    CHECK(stage.left().empty());
}

TEST_CASE("An exception in any job ends the hunt, and not the program", "[explore]")
{
    Stage stage{conversation("")};
    stage.options.jobs = 2;
    SECTION("while it is told of")
    {
        stage.options.report = [](const HuntProgress&) { throw std::runtime_error{"no room"}; };
        const auto report = stage.hunt();
        CHECK(report.problem == "no room");
        CHECK(report.executions >= 1);
    }
    SECTION("where nothing can be written")
    {
        std::ofstream{stage.folder.path() / "file"} << "x";
        stage.options.folder = stage.folder.path() / "file" / "out";
        CHECK_FALSE(stage.hunt().problem.empty());
    }
}

TEST_CASE("A strategy that cannot be used is reported with the reason; without any there is no hunt",
          "[explore]")
{
    Stage stage{conversation("")};
    stage.scenario.target.server.reset();
    stage.options.strategies = {"life_cycle_collision"};
    const auto report = stage.hunt();
    REQUIRE(report.strategies.size() == 1);
    CHECK_FALSE(report.strategies[0].why_not.empty());
    CHECK_FALSE(report.problem.empty());
}

TEST_CASE("What the memory says of run folders that are gone is forgotten", "[explore]")
{
    Stage stage{conversation("")};
    const FailureSignature one{.key = "one", .details = {}, .also_seen = {}};
    const FailureSignature other{.key = "other", .details = {}, .also_seen = {}};
    stage.memory.clusters.add({one}, {.plan = (stage.folder.path() / "gone").string(), .elements = 3}, "now");
    stage.memory.clusters.add({other}, {.plan = stage.folder.path().string(), .elements = 3}, "now");
    stage.options.strategies = {"nobody knows it"}; // nothing is played
    stage.hunt();
    CHECK_FALSE(stage.memory.clusters.find("one")->best);
    CHECK(stage.memory.clusters.find("one")->count == 1);
    CHECK(stage.memory.clusters.find("other")->best);
    CHECK(stage.memory.clusters.executions() == 2);
}

TEST_CASE("The serial baseline measures events, and leaves no run behind", "[explore]")
{
    const Stage stage{conversation("")};
    auto player = stage.player();
    const auto baseline = play_serially(player, 1);
    CHECK(baseline.problem.empty());
    CHECK(baseline.failures.empty());
    CHECK(baseline.events.run >= 4ms); // four events behind the first, 2 ms each, on a clock of its own
    CHECK(baseline.events.first_event > Duration{});
    CHECK(player.plays() >= 3);
    CHECK(fs::is_empty(stage.folder.path() / "plays"));
}

TEST_CASE("A hunt learns from users one at a time which events runs have, and expects them of all others",
          "[explore]")
{
    Stage stage{conversation("", "hello {canary}", R"({"extends": "netra", "run_events": "learned"})")};
    stage.options.executions = 2;
    const auto report = stage.hunt();
    CAPTURE(report.problem, report.voided);
    CHECK(report.failures.empty());
    REQUIRE(report.run_events);
    CHECK(report.run_events->types == RunEvents{}.types);
    CHECK(report.run_events->learned_from >= 3);

    Stage declared{conversation("")};
    declared.options.executions = 1;
    CHECK_FALSE(declared.hunt().run_events);
}

TEST_CASE("A hunt that can learn nothing goes on with the terminal event alone", "[explore]")
{
    Stage stage{endless_runs()};
    stage.options.executions = 1;
    const auto report = stage.hunt();
    CAPTURE(report.problem);
    REQUIRE(report.run_events);
    CHECK(*report.run_events == RunEvents::not_yet_learned());
    CHECK(report.executions == 1);
    CHECK(std::any_of(report.failures.begin(), report.failures.end(),
                      [](const FoundFailure& failure) { return !failure.is_race; }));
}

TEST_CASE("The serial baseline begins nothing after its budget, but plays until it knows something",
          "[explore]")
{
    const Stage stage{conversation("masked_failure", "use tool unstable {canary}")};
    auto player = stage.player();
    const auto baseline = play_serially(player, 1, 1ns);
    CHECK(baseline.problem.empty());
    CHECK(baseline.failures.contains("close_codes: 1000"));
    const auto plays = player.plays();
    CHECK(plays >= 1);
    CHECK(play_serially(player, 1, 1h).failures == baseline.failures);
    CHECK(player.plays() >= plays + 3);
}

TEST_CASE("A plan with gaps in the numbers of its users can be played", "[explore]")
{
    const Stage stage{conversation("")};
    const auto whole = make_plan(stage.scenario, 1);
    const auto all = elements(whole);
    std::vector<bool> keep(all.size(), true);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& parents = all[i].parents;
        keep[i] = !(all[i].kind == Element::Kind::user && all[i].text == "user 1") &&
                  std::all_of(parents.begin(), parents.end(), [&](auto parent) { return keep[parent]; });
    }
    const auto plan = without(whole, keep);
    REQUIRE(plan.users.size() == 2);
    REQUIRE(plan.users[1].id.value == 2);
    auto player = stage.player();
    const auto played = player.play(plan);
    CAPTURE(played.execution.problem, played.execution.verdict.summary);
    CHECK(played.played == Played::passed);
    CHECK(played.execution.verdict.counts.users == 2);
    CHECK(played.execution.verdict.counts.runs_completed == 2);
    CHECK_FALSE(played.shows("five_events: silence"));
    CHECK(load_replay(played.folder, {}).replay);
}

TEST_CASE("A question about a plan is answered by the failure that was asked for", "[explore]")
{
    const Stage stage{conversation("masked_failure", "use tool unstable {canary}")};
    auto player = stage.player();
    const auto plan = make_plan(stage.scenario, 1);
    CHECK(player.ask(plan, "") == Played::failed);
    CHECK(player.ask(plan, "isolation: canary of another user") == Played::passed);
    CHECK(fs::is_empty(stage.folder.path() / "plays"));
}

TEST_CASE("A question is answered with the first silence, unless that is not what was asked for", "[explore]")
{
    const Stage stage{endless_runs()};
    const auto plan = make_plan(stage.scenario, 1);
    auto player = stage.player();
    CHECK(player.ask(plan, "five_events: silence") == Played::failed);
    CHECK(player.plays() == 1);
    // It might have come later: the whole is played.
    CHECK(player.ask(plan, "isolation: canary of another user") == Played::passed);
    CHECK(player.plays() == 3);
    CHECK(player.ask(plan, "five_events: silence") == Played::failed);
    CHECK(player.plays() == 4);
}

TEST_CASE("How long after the first silence a failure shows is learned", "[explore]")
{
    const Stage stage{endless_runs(
        "masked_failure", {R"({"pause": "400ms"})", R"({"request": {"text": "use tool unstable {canary}"}})",
                           R"("await_events")"})};
    const auto plan = make_plan(stage.scenario, 1);
    auto player = stage.player();
    CHECK(player.ask(plan, "close_codes: 1000") == Played::failed);
    CHECK(player.plays() == 2);
    CHECK(player.ask(plan, "close_codes: 1000") == Played::failed);
    CHECK(player.plays() == 3);
}
