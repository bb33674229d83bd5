// What the link took is held against nobody, and everything else is.
#include "checks/link_losses.hpp"

#include "support/judging.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;

namespace {

// What fails as recorded, and as judged.
std::set<std::string> as_recorded(const HistoryBuilder& history) { return failing(history.build()); }

std::set<std::string> as_judged(const HistoryBuilder& history)
{
    const auto recorded = history.build();
    const auto seen = with_losses_as_drops(recorded);
    return failing(seen ? *seen : recorded);
}

using Names = std::set<std::string>;

// Two users with a run each.
void others(HistoryBuilder& history)
{
    history.user(1).opens().run(0).closes();
    history.user(2).opens().run(0).closes();
}

} // namespace

TEST_CASE("A connection that the link reset during a run is held against nobody", "[link_losses]")
{
    HistoryBuilder history;
    others(history);
    history.user(3)
        .opens()
        .request(0)
        .event(FrameType::agent_started)
        .stalls()
        .flagged(Flag::link_lost)
        .ends(EndKind::reset);
    CHECK(as_recorded(history).contains("close_codes"));
    CHECK(as_judged(history).empty());
}

TEST_CASE("A connection that nobody took ends as badly as before", "[link_losses]")
{
    HistoryBuilder history;
    others(history);
    history.user(3)
        .opens()
        .request(0)
        .event(FrameType::agent_started)
        .stalls()
        .flagged(Flag::link_lost)
        .ends(EndKind::reset);
    history.user(4).opens().request(0).event(FrameType::agent_started).ends(EndKind::reset);
    history.user(3, 1).opens().request(1).event(FrameType::agent_started).ends(EndKind::reset);
    const auto found = ask("close_codes", *with_losses_as_drops(history.build()));
    CHECK(found.violation_count == 2);
    CHECK(found.affected_users == std::vector<UserId>{UserId{3}, UserId{4}});
}

TEST_CASE("Only the incarnation that was taken is excused", "[link_losses]")
{
    HistoryBuilder history;
    others(history);
    history.user(3).opens().stalls().flagged(Flag::link_lost).ends(EndKind::reset);
    history.user(3, 0, 1).at(5000).opens().ends(EndKind::eof);
    const auto seen = with_losses_as_drops(history.build());
    REQUIRE(seen);
    const auto found = ask("close_codes", *seen);
    REQUIRE(found.violation_count == 1);
    CHECK(found.violations.front().connection == ConnectionId{UserId{3}, SlotId{0}, 1});
}

TEST_CASE("A loss counts connections that were accepted, not attempts", "[link_losses]")
{
    HistoryBuilder history;
    history.user(3, 0, 0).step(StepKind::tcp_connect, Outcome::timeout);
    history.user(3, 0, 1).at(1000).opens().ends(EndKind::reset);
    history.user(3, 0, 0).at(1003).stalls().flagged(Flag::link_lost); // the first that the proxy accepted
    const auto seen = with_losses_as_drops(history.build());
    REQUIRE(seen);
    CHECK(ask("close_codes", *seen).violation_count == 0);
    CHECK(ask("handshake", *seen).violation_count == 1); // the attempt that timed out
}

TEST_CASE("What times out on a connection that is swallowed was cancelled", "[link_losses]")
{
    HistoryBuilder history;
    others(history);
    auto user = history.user(3).connects().stalls().flagged(Flag::link_lost);
    user.after(6000)
        .step(StepKind::welcome, Outcome::timeout)
        .request(0)
        .after(31'000)
        .awaits(Outcome::timeout);
    user.step(StepKind::close_sent).ends(EndKind::timeout).step(StepKind::journey_done, Outcome::timeout);
    CHECK_FALSE(as_recorded(history).empty());
    CHECK(as_judged(history).empty());
    const auto verdict = judge(narrow_expectations(), history.build());
    for (const auto& check : verdict.checks) CHECK(check.verdict != Verdict::fail);
}

TEST_CASE("A history without losses is judged as it is", "[link_losses]")
{
    HistoryBuilder history;
    others(history);
    history.user(3).opens().stalls().ends(EndKind::reset);
    CHECK_FALSE(with_losses_as_drops(history.build()));
}
