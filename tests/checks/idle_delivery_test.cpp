#include "support/judging.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;

TEST_CASE("A connection that is old and gets its events passes")
{
    HistoryBuilder history;
    history.user(1).opens().run(0).at(6'000).run(1).closes();
    const auto result = ask("idle_delivery", history);
    CHECK(result.verdict == Verdict::pass);
    CHECK(result.sample_size == 1);
}

TEST_CASE("idle_delivery finds an old connection that gets nothing, also one that was in use")
{
    HistoryBuilder history;
    auto connection = history.user(1).opens().run(0);
    SECTION("silent") {}
    SECTION("in use") { connection.at(4'900).run(1); }
    connection.at(6'000).request(2).ping().pong().awaits(Outcome::timeout).closes();
    const auto result = ask("idle_delivery", history);
    CHECK(signatures(result) == Signatures{"no event on an old connection"});
    const auto built = history.build();
    const auto& evidence = result.violations.at(0).evidence;
    CHECK(std::any_of(evidence.begin(), evidence.end(),
                      [&](auto position) { return built.events[position].is_frame(FrameType::pong); }));
}

TEST_CASE("idle_delivery finds an old connection that is cut when it is used")
{
    HistoryBuilder history;
    history.user(1).opens().run(0).at(6'000).request(1).ends(EndKind::reset);
    CHECK(signatures(ask("idle_delivery", history)) == Signatures{"an old connection was cut"});
}

TEST_CASE("idle_delivery leaves young connections and those that answer to other checks")
{
    HistoryBuilder history;
    SECTION("young") { history.user(1).opens().at(4'000).request(0).awaits(Outcome::timeout).closes(); }
    SECTION("reopened")
    {
        history.user(1).opens().run(0).at(6'000).drops();
        history.user(1, 0, 1).at(6'100).opens().request(1).awaits(Outcome::timeout).closes();
    }
    SECTION("cut by the harness") { history.user(1).opens().at(6'000).request(0).drops(); }
    SECTION("a target that answers nobody")
    {
        history.user(1)
            .opens()
            .request(0)
            .awaits(Outcome::timeout)
            .at(6'000)
            .request(1)
            .awaits(Outcome::timeout);
    }
    CHECK(ask("idle_delivery", history).verdict == Verdict::skipped);

    HistoryBuilder begun;
    begun.user(1)
        .opens()
        .at(6'000)
        .request(0)
        .event(FrameType::agent_started)
        .awaits(Outcome::timeout)
        .closes();
    CHECK(ask("idle_delivery", begun).verdict == Verdict::pass);
}

TEST_CASE("The idle time is the scenario's, and one that asks for the check wants something judged")
{
    HistoryBuilder history;
    history.user(1).opens().at(2'000).request(0).awaits(Outcome::timeout).closes();
    auto expectations = narrow_expectations();
    CHECK(ask("idle_delivery", history, expectations).verdict == Verdict::skipped);
    expectations.checks.emplace("idle_delivery", CheckSetting{});
    CHECK(ask("idle_delivery", history, expectations).verdict == Verdict::inconclusive);
    expectations.idle_after = std::chrono::seconds{1};
    CHECK(ask("idle_delivery", history, expectations).verdict == Verdict::fail);
}
