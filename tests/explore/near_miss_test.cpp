#include "explore/near_miss.hpp"

#include "support/history_builder.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace wsrace;
using namespace wsrace::test;

namespace {

using Keys = std::set<std::string>;

// One question; its first event after `wait`, the others a millisecond apart.
History asked(std::int64_t wait)
{
    HistoryBuilder history;
    history.user(0).opens().at(100).request(0).at(100 + wait).five_events().closes();
    return history.build();
}

// 250 executions, whose first events came within 2 ms.
NearMisses experienced()
{
    NearMisses near_misses;
    for (int i = 0; i < 250; ++i) near_misses.learn(asked(2), true);
    return near_misses;
}

bool has(const std::vector<std::string>& keys, const std::string& key)
{
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

} // namespace

TEST_CASE("A baseline tells quantiles to within a quarter, and nothing before it knows enough", "[explore]")
{
    LatencyBaseline baseline;
    for (int i = 1; i <= 100; ++i) baseline.add(std::chrono::milliseconds{i});
    CHECK(!baseline.quantile(0.99, 101));
    const auto p99 = baseline.quantile(0.99, 100).value();
    CHECK(p99 >= std::chrono::milliseconds{99});
    CHECK(p99 <= std::chrono::milliseconds{126});
    CHECK(baseline.quantile(0.5, 1).value() <= std::chrono::milliseconds{64});
    CHECK(LatencyBaseline::from(baseline.counts()).quantile(0.99, 100) == p99);
    baseline.add(std::chrono::hours{5});
    baseline.add(Duration{});
    CHECK(baseline.count() == 102);
    CHECK(!LatencyBaseline{}.quantile(0.5, 0));
}

TEST_CASE("A reply that is much later than any before is a sign, one that is a little late is not",
          "[explore]")
{
    const auto known = experienced();
    CHECK(late_replies(replies_of(asked(6)), known.latencies).empty());
    CHECK(late_replies(replies_of(asked(9)), known.latencies) == Keys{"late: first_event x3"});
    CHECK(late_replies(replies_of(asked(60)), known.latencies) ==
          Keys{"late: first_event x3", "late: first_event x10"});
    CHECK(late_replies(replies_of(asked(60)), NearMisses{}.latencies).empty());
}

TEST_CASE("The same sign pays once, a stronger one again", "[explore]")
{
    auto near_misses = experienced();
    CHECK(near_misses.learn(asked(9), true) == std::vector<std::string>{"late: first_event x3"});
    CHECK(near_misses.learn(asked(9), true).empty());
    CHECK(near_misses.learn(asked(70), true) == std::vector<std::string>{"late: first_event x10"});
}

TEST_CASE("What fails pays for no near miss, and is no measure for what comes later", "[explore]")
{
    auto near_misses = experienced();
    const auto before = near_misses.latencies.at("first_event").count();
    CHECK(near_misses.learn(asked(900), false).empty());
    CHECK(near_misses.latencies.at("first_event").count() == before);
}

TEST_CASE("An attempt that failed and was made again is a sign; one that never got in is none", "[explore]")
{
    HistoryBuilder history;
    history.user(0).refused(503, "1");
    history.user(0, 0, 1).at(1000).opens().closes();
    history.refused_login(5, 1, 429).login(2);
    history.user(2).at(50).refused(502);
    CHECK(retried_attempts(history.build()) == Keys{"retried: upgrade_answered HTTP 503"});

    HistoryBuilder logins;
    logins.login(1);
    logins.refused_login(0, 1, 429);
    CHECK(retried_attempts(logins.build()) == Keys{"retried: login HTTP 429"});
}

TEST_CASE("How two runs interleave is a sign, by whose runs they are", "[explore]")
{
    HistoryBuilder overtaken;
    overtaken.user(0).at(10).request(0).at(60).five_events();
    overtaken.user(1).at(20).request(0).five_events();
    CHECK(run_orders(overtaken.build()) == Keys{"order: other_user s1 s2 f2 t2 f1 t1"});

    HistoryBuilder tabs;
    tabs.user(0, 0).at(10).request(0).at(60).five_events();
    tabs.user(0, 1)
        .at(20)
        .request(0)
        .at(62)
        .event(FrameType::agent_started)
        .at(90)
        .event(FrameType::agent_completed);
    CHECK(run_orders(tabs.build()) == Keys{"order: same_user s1 s2 f1 f2 t1 t2"});

    HistoryBuilder one_after_the_other;
    one_after_the_other.user(0).at(10).run(0).at(100).run(1);
    CHECK(run_orders(one_after_the_other.build()).empty());
}

TEST_CASE("A line of the target that was never seen before is a sign, whatever numbers are in it",
          "[explore]")
{
    const auto saying = [](std::string_view line) {
        HistoryBuilder history;
        history.log(5, line);
        return history.build();
    };
    NearMisses near_misses;
    CHECK(near_misses.learn(saying("pool has 3 left"), true) ==
          std::vector<std::string>{"log: pool has # left"});
    CHECK(near_misses.learn(saying("pool has 0 left"), true).empty());
    CHECK(has(near_misses.learn(saying("pool is empty"), true), "log: pool is empty"));
    CHECK(near_misses.learn(saying("half of it is gone"), false).empty());
    CHECK(near_misses.learn(saying("half of it is gone"), true).empty());
}

TEST_CASE("A target that never says the same twice ends to be rewarded for it", "[explore]")
{
    NearMisses near_misses;
    for (std::size_t i = 0; i < most_novelties; ++i) near_misses.known.insert("log: " + std::to_string(i));
    CHECK(near_misses.learn(asked(5), true).empty());
    CHECK(near_misses.known.size() == most_novelties);
}
