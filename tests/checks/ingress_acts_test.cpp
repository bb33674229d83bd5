// What the harness's ingress does is not blamed on the target, and nothing else is excused by it.
#include "core/ingress_act.hpp"
#include "support/judging.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace wsrace;
using namespace wsrace::test;

namespace {

// `at` in milliseconds.
struct Act {
    std::int64_t at;
    IngressAct what;
    std::uint32_t user;
    std::uint16_t incarnation = 0;
    int value = 0;
    bool login = false;
};

History with_acts(History history, const std::vector<Act>& acts)
{
    for (const Act& act : acts) {
        Event event;
        event.at = ms(act.at);
        event.kind = EventKind::fault;
        event.type = static_cast<std::uint8_t>(act.what);
        event.value = act.value;
        if (act.login) {
            event.stamp = act.user;
        } else {
            event.user = act.user;
            event.incarnation = act.incarnation;
        }
        event.text = history.intern("ingress: something");
        const auto place = std::upper_bound(history.events.begin(), history.events.end(), event,
                                            [](const Event& a, const Event& b) { return a.at < b.at; });
        history.events.insert(place, event);
    }
    return history;
}

} // namespace

TEST_CASE("An end that the ingress made is excused, one that it did not make is a finding",
          "[checks][ingress]")
{
    HistoryBuilder told;
    told.user(0).at(1).opens().run(0).at(500).ends(EndKind::eof);
    told.user(1).at(1).opens().run(0).at(600).ends(EndKind::reset);
    const auto built = told.build();
    CHECK(ask("close_codes", built).violation_count == 2);
    const auto cut = with_acts(built, {{499, IngressAct::idle_cut, 0}, {599, IngressAct::limit_cut, 1}});
    CHECK(ask("close_codes", cut).verdict == Verdict::pass);
    const auto later = with_acts(built, {{501, IngressAct::idle_cut, 0}, {601, IngressAct::limit_cut, 1}});
    CHECK(ask("close_codes", later).violation_count == 2);
    const auto another = with_acts(built, {{499, IngressAct::idle_cut, 0, 1}, {599, IngressAct::routed, 1}});
    CHECK(ask("close_codes", another).violation_count == 2);
}

TEST_CASE("A run that the ingress cut off is not judged by what it lacks", "[checks][ingress]")
{
    HistoryBuilder told;
    told.user(0).at(1).opens().request(0).event(FrameType::agent_started).at(500).ends(EndKind::eof);
    const auto built = told.build();
    CHECK(ask("five_events", built).verdict == Verdict::fail);
    CHECK(ask("five_events", with_acts(built, {{499, IngressAct::idle_cut, 0}})).verdict ==
          Verdict::inconclusive);
}

TEST_CASE("Who comes back after a cut of the ingress is owed the rest of its runs", "[checks][ingress]")
{
    HistoryBuilder told;
    told.user(0).at(1).opens().request(0).event(FrameType::agent_started).at(500).ends(EndKind::eof);
    auto again = told.user(0, 0, 1).at(600).opens();
    const std::vector<Act> acts{{499, IngressAct::idle_cut, 0}};
    SECTION("it came")
    {
        again.answers(0).event(FrameType::agent_thinking).event(FrameType::tool_executing, "x");
        again.event(FrameType::tool_completed, "x").event(FrameType::agent_completed).closes();
        CHECK(ask("five_events", with_acts(told.build(), acts)).verdict == Verdict::pass);
    }
    SECTION("it did not come in time")
    {
        again.at(31'000).closes();
        const auto found = ask("five_events", with_acts(told.build(), acts));
        CHECK(signatures(found) ==
              Signatures{"no agent_thinking, tool_executing, tool_completed, agent_completed"});
    }
    SECTION("it was not waited for")
    {
        again.at(900).closes();
        CHECK(ask("five_events", with_acts(told.build(), acts)).verdict == Verdict::inconclusive);
    }
}

TEST_CASE("Refusals of the ingress itself are not the target's", "[checks][ingress]")
{
    HistoryBuilder told;
    told.user(0).at(10).refused(503, "1");
    told.user(1).at(10).opens();
    told.refused_login(20, 2, 503, "1");
    const auto built = told.build();
    CHECK(ask("handshake", built).violation_count == 2);
    const std::vector<Act> acts{{11, IngressAct::refused, 0, 0, 503},
                                {20, IngressAct::refused, 2, 0, 503, true}};
    CHECK(ask("handshake", with_acts(built, acts)).verdict == Verdict::pass);
    CHECK(ask("overload_refusal", with_acts(built, acts)).verdict == Verdict::skipped);
    const std::vector<Act> of_others{{11, IngressAct::queued, 0}, {20, IngressAct::refused, 3, 0, 503, true}};
    CHECK(ask("handshake", with_acts(built, of_others)).violation_count == 2);
}

TEST_CASE("A refusal of the ingress excuses its own status, and no other", "[checks][ingress]")
{
    const auto [status, findings] = GENERATE(table<int, std::uint64_t>({{503, 0}, {500, 2}, {401, 2}}));
    HistoryBuilder told;
    told.user(0).at(10).refused(status, "1");
    told.user(1).at(10).opens();
    told.refused_login(20, 2, status, "1");
    const std::vector<Act> acts{{11, IngressAct::refused, 0, 0, 503},
                                {20, IngressAct::refused, 2, 0, 503, true}};
    CHECK(ask("handshake", with_acts(told.build(), acts)).violation_count == findings);
}

TEST_CASE("Who lost its credentials on the way may be refused with 401, and with nothing else",
          "[checks][ingress]")
{
    const auto [status, verdict] =
        GENERATE(table<int, Verdict>({{401, Verdict::pass}, {403, Verdict::pass}, {500, Verdict::fail}}));
    HistoryBuilder told;
    told.user(0).at(10).refused(status);
    told.user(1).at(10).opens();
    const auto built = told.build();
    CHECK(ask("handshake", built).verdict == Verdict::fail);
    CHECK(ask("handshake", with_acts(built, {{11, IngressAct::stripped, 0}})).verdict == verdict);
}

TEST_CASE("Missing events of a user who came to another instance are explained", "[checks][ingress]")
{
    HistoryBuilder told;
    told.user(0).at(1).opens().request(0).event(FrameType::agent_started).drops();
    told.user(0, 0, 1).at(100).opens().at(31'000).awaits(Outcome::timeout);
    const auto moved =
        with_acts(told.build(), {{2, IngressAct::routed, 0, 0, 0}, {101, IngressAct::routed, 0, 1, 1}});
    for (const char* check : {"five_events", "acknowledged"}) {
        const auto found = ask(check, moved);
        REQUIRE(found.violations.size() == 1);
        CHECK_THAT(found.violations[0].message,
                   Catch::Contains("the run was started on instance 0, and the user's connection is on "
                                   "instance 1 since 0.101 s"));
    }
    const auto stayed =
        with_acts(told.build(), {{2, IngressAct::routed, 0, 0, 1}, {101, IngressAct::routed, 0, 1, 1}});
    const auto found = ask("five_events", stayed);
    REQUIRE(found.violations.size() == 1);
    CHECK_THAT(found.violations[0].message, !Catch::Contains("instance"));
}

TEST_CASE("Behind an ingress an outage excuses whom it passed on to that instance", "[checks][ingress]")
{
    HistoryBuilder told;
    told.info().instances = 2;
    told.user(0).at(10).opens().at(500).ends(EndKind::reset);
    told.user(1).at(10).opens().at(500).ends(EndKind::reset);
    told.life_cycle(400, LifeCycle::terminating, 15, 1).life_cycle(600, LifeCycle::killed, 9, 1);
    const auto built = told.build();
    const std::vector<Act> crossed{{11, IngressAct::routed, 0, 0, 1}, {11, IngressAct::routed, 1, 0, 0}};
    const auto found = ask("close_codes", with_acts(built, crossed));
    REQUIRE(found.violations.size() == 1);
    CHECK(found.affected_users == std::vector<UserId>{UserId{1}});
}

TEST_CASE("A tab that opens while the ingress has cut another off may be taken for its return",
          "[checks][ingress]")
{
    const auto opens = GENERATE(std::int64_t{100}, std::int64_t{550});
    const auto comes_back = GENERATE(true, false);
    CAPTURE(opens, comes_back);
    HistoryBuilder told;
    told.login(0);
    auto other = told.user(0, 1).at(opens).opens();
    told.user(0).at(1).opens().request(0).event(FrameType::agent_started).at(500).ends(EndKind::eof);
    const RequestId lost{UserId{0}, SlotId{0}, 0};
    other.at(700).request(0);
    for (const auto& [type, item] : {std::pair{FrameType::agent_thinking, "1"},
                                     {FrameType::tool_executing, "x"},
                                     {FrameType::tool_completed, "x"},
                                     {FrameType::agent_completed, ""}})
        other.event(type, item).carries(lost, "/payload/text");
    other.at(800).five_events().closes();
    if (comes_back) told.user(0, 0, 1).at(600).opens().awaits(Outcome::timeout).at(32'000).closes();
    told.quiet_until(40'000);
    const auto found = failing(with_acts(told.build(), {{499, IngressAct::idle_cut, 0}}));
    if (opens > 500) {
        CHECK(found == std::set<std::string>{});
    } else {
        CHECK(found.contains("routing"));
        CHECK(found.contains("five_events") == comes_back);
    }
}
