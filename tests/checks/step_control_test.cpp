// What the harness does to steps on purpose is nobody's failure, and excuses nothing else.
#include "support/judging.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;

namespace {

int stage(AbortStage after) { return static_cast<int>(after); }

} // namespace

TEST_CASE("An attempt that the harness gives up is no finding of any check")
{
    HistoryBuilder history;
    auto tab = history.user(1, 0, 0);
    SECTION("before it was answered")
    {
        tab.step(StepKind::tcp_connect).step(StepKind::aborted, Outcome::ok, stage(AbortStage::tcp_connect));
    }
    SECTION("once the upgrade was sent")
    {
        tab.step(StepKind::tcp_connect)
            .step(StepKind::upgrade_sent)
            .step(StepKind::aborted, Outcome::ok, stage(AbortStage::upgrade_sent));
    }
    SECTION("once it was answered")
    {
        tab.connects().step(StepKind::aborted, Outcome::ok, stage(AbortStage::answered));
        tab.ends(EndKind::we_dropped);
    }
    SECTION("once it was welcome")
    {
        tab.opens().step(StepKind::aborted, Outcome::ok, stage(AbortStage::welcome));
        tab.ends(EndKind::we_dropped);
    }
    history.user(1, 0, 1).at(500).opens().run(0).closes();
    CHECK(failing(history.build()).empty());
}

TEST_CASE("What fails after an abort is excused by it, and by nothing less")
{
    for (const bool aborts : {true, false}) {
        HistoryBuilder history;
        auto tab = history.user(1).step(StepKind::tcp_connect).step(StepKind::upgrade_sent);
        if (aborts) tab.step(StepKind::aborted, Outcome::ok, stage(AbortStage::upgrade_sent));
        tab.step(StepKind::upgrade_answered, Outcome::eof);
        history.user(2).opens().run(0).closes();
        CHECK(ask("handshake", history).verdict == (aborts ? Verdict::pass : Verdict::fail));
    }
}

TEST_CASE("A target may end a connection whose pongs or whose reading were withheld, and no other")
{
    for (const auto kind : {EndKind::peer_closed, EndKind::eof, EndKind::reset}) {
        for (const bool provoked : {true, false}) {
            HistoryBuilder history;
            auto tab = history.user(1).opens().request(0).event(FrameType::agent_started);
            tab.ends(kind, kind == EndKind::peer_closed ? 1011 : 0);
            if (provoked) tab.flagged(Flag::provoked);
            history.user(2).opens().run(0).closes();
            const auto found = failing(history.build());
            CHECK(found.contains("close_codes") != provoked);
            CHECK(found.contains("five_events") != provoked);
        }
    }
}

TEST_CASE("Events that nobody read are late by nobody's fault, on that connection only")
{
    struct Row {
        bool stops;
        std::uint16_t slot; // that does not read
        bool late;
    };
    const Row row = GENERATE(values<Row>({{true, 0, false}, {true, 1, true}, {false, 0, true}}));
    HistoryBuilder history;
    auto tab = history.user(1, 0).opens();
    auto other = history.user(1, 1).opens();
    auto& stopped = row.slot == 0 ? tab : other;
    if (row.stops) stopped.step(StepKind::reading_stopped);
    tab.request(0);
    if (row.stops) stopped.at(20'000).step(StepKind::reading_resumed);
    tab.at(20'001).five_events().closes();
    CHECK((ask("liveness", history).verdict == Verdict::fail) == row.late);
}

TEST_CASE("Reading that was withheld ends with the connection")
{
    HistoryBuilder history;
    auto tab = history.user(1, 0).opens();
    tab.step(StepKind::reading_stopped).drops();
    auto again = history.user(1, 0, 1).at(500).opens();
    again.request(0).at(30'000).five_events().closes();
    CHECK(ask("liveness", history).verdict == Verdict::fail);
}

TEST_CASE("A request that left with an upgrade that was refused was never asked")
{
    HistoryBuilder history;
    auto early = history.user(1, 0, 0).step(StepKind::tcp_connect).step(StepKind::upgrade_sent);
    early.request(0).step(StepKind::upgrade_answered, Outcome::http_status, 503, "1");
    auto again = history.user(1, 0, 1).at(1500).step(StepKind::tcp_connect).step(StepKind::upgrade_sent);
    again.request(1).step(StepKind::upgrade_answered, Outcome::ok, 101).welcome();
    SECTION("and the next one is answered")
    {
        again.five_events().closes();
        CHECK(failing(history.build()).empty());
    }
    SECTION("and the next one is not, which is a finding")
    {
        again.at(90'000).awaits(Outcome::timeout).closes();
        const auto result = ask("five_events", history);
        REQUIRE(result.violations.size() == 1);
        CHECK(result.violations[0].request == 1);
    }
}

TEST_CASE("A tab that ends when another one is given up or stalled is a finding")
{
    struct Row {
        StepKind act;
        std::string deed;
    };
    const Row row =
        GENERATE(values<Row>({{StepKind::aborted, "aborted"}, {StepKind::reading_stopped, "stalled"}}));
    HistoryBuilder history;
    history.info().connections = 2;
    auto other = history.user(1, 1).opens().run(0);
    history.user(1, 0).opens().at(300).step(row.act);
    other.at(320).ends(EndKind::peer_closed, 1000);
    const auto found = signatures(ask("tab_independence", history));
    REQUIRE(found.size() == 1);
    CHECK(found[0] == "connection ended after another tab was " + row.deed);
}
