#include "run_store/trend.hpp"

#include "reports/trend.hpp"
#include "run_store/sample_records.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace wsrace;
using namespace wsrace::test;

namespace {

// 'X' failed, '.' passed, '?' void.
std::vector<RunRecord> records(std::string_view verdicts)
{
    std::vector<RunRecord> out;
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        out.push_back(sample_record(static_cast<int>(i), verdicts[i] == 'X' ? Verdict::fail : Verdict::pass));
        if (verdicts[i] == '?') out.back().is_void = true;
    }
    return out;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("The flake rate is of runs that passed or failed, with Wilson's interval", "[run_store]")
{
    const auto trend = trend_of(records("..X..?..X.."), 17);
    CHECK(trend.stored == 17);
    CHECK(trend.runs.size() == 11);
    CHECK(trend.failures.failed == 2);
    CHECK(trend.failures.trials == 10);
    CHECK(trend.failures.interval.low == Approx(wilson_interval(2, 10).low));
    CHECK_FALSE(trend.verdicts.values[5]);
    CHECK_FALSE(trend.runs[5].counts);
    const auto text = trend_text(trend);
    CHECK(has(text, "golden_path: the last 11 of 17 stored runs"));
    CHECK(has(text, "verdicts     ..X..?..X.."));
    CHECK(has(text, "20 % (95 %: 5.67 % to 51 %), 2 of 10 runs; 1 more do not count"));
    CHECK(has(text, "change points: none"));
}

TEST_CASE("Signatures say how often, when first and when last", "[run_store]")
{
    auto all = records("..X..?..X..");
    all[8].signatures.push_back({.key = "server_log: KeyError", .detail = "KeyError: 7"});
    const auto trend = trend_of(all, 11);
    REQUIRE(trend.signatures.size() == 2);
    CHECK(trend.signatures[0].series.id == "isolation: canary of another user"); // the more frequent first
    CHECK(trend.signatures[0].rate.failed == 2);
    CHECK(trend.signatures[0].first == 2);
    CHECK(trend.signatures[0].last == 8);
    CHECK(trend.signatures[1].first == 8);
    CHECK(trend.signatures[1].detail == "KeyError: 7");
    CHECK(has(trend_text(trend), "first run-2 (2026-01-01T00:00:02.000Z, build-2), last run-8 "));
}

TEST_CASE("A failure that comes to stay is a change point, and the rate since then is shown", "[run_store]")
{
    const auto trend = trend_of(records("..............................XXXXXX.XXXXX"), 42);
    REQUIRE(trend.verdicts.changes.size() == 1);
    const auto& change = trend.verdicts.changes.front();
    CHECK(change.at == 30);
    CHECK(change.before == 0);
    CHECK(change.after == Approx(11.0 / 12));
    CHECK(trend.failures_since.failed == 11);
    CHECK(trend.failures_since.trials == 12);
    CHECK(trend.signatures.front().series.changes.front().at == 30);
    const auto text = trend_text(trend);
    CHECK(has(text, "since run run-30 ("));
    CHECK(has(text, "executions that failed: 0 % -> 91.7 % from run run-30 ("));
}

TEST_CASE("A latency that rises is a change point, with its medians, past a run that does not count",
          "[run_store]")
{
    auto all = records(".......................?.................");
    for (std::size_t i = 22; i < all.size(); ++i)
        for (auto& each : all[i].latencies.front().samples) each.value += std::chrono::milliseconds{2};
    const auto trend = trend_of(all, all.size());
    REQUIRE(trend.latencies.size() == 2);
    REQUIRE(trend.latencies[0].id == "event p50");
    REQUIRE(trend.latencies[0].changes.size() == 1);
    CHECK(trend.latencies[0].changes[0].at == 22);
    CHECK(trend.latencies[0].changes[0].after - trend.latencies[0].changes[0].before ==
          Approx(2e6).margin(5e4));
    CHECK(trend.latencies[1].changes.size() == 1);
    CHECK(trend.verdicts.changes.empty());
    const auto line = sparkline(trend.latencies[0]);
    CHECK(has(line, "\u2581|")); // low, then the mark of the new level
    CHECK(has(line, "\u00b7"));  // the run that does not count
    const auto json = nlohmann::json::parse(trends_json({trend}));
    CHECK(json["scenarios"][0]["latencies"][0]["change_points"][0]["run"] == "run-22");
    CHECK(json["scenarios"][0]["latencies"][0]["values"][23].is_null());
}

TEST_CASE("Runs without any difference have no change point", "[run_store]")
{
    const auto trend = trend_of(records("...X.......X.......X.......X......"), 34);
    CHECK(trend.verdicts.changes.empty());
    for (const auto& series : trend.latencies) CHECK(series.changes.empty());
    for (const auto& each : trend.signatures) CHECK(each.series.changes.empty());
}

TEST_CASE("A plan that both passed and failed on one build is flaky beyond doubt", "[run_store]")
{
    auto all = records("X..X..");
    for (const std::size_t i : {0U, 1U}) all[i].plan_digest = "same", all[i].label = "one";
    for (const std::size_t i : {2U, 3U}) all[i].plan_digest = "same"; // on two builds: may be a fix
    for (const std::size_t i : {4U, 5U}) all[i].plan_digest = "steady", all[i].label = "one";
    const auto trend = trend_of(all, 6);
    CHECK(trend.replayed_plans == 2);
    CHECK(trend.flaky_plans == 1);
    CHECK(has(trend_text(trend),
              "1 of 2 plans that were played again on the same build both passed and failed"));
}

TEST_CASE("Where no run counts there is no rate and no level", "[run_store]")
{
    const auto trend = trend_of(records("??"), 2);
    CHECK(trend.failures.trials == 0);
    CHECK(has(trend_text(trend), "none of the runs counts"));
    CHECK(nlohmann::json::parse(trends_json({trend}))["scenarios"][0]["flake_rate"]["runs"] == 0);
    CHECK(nlohmann::json::parse(trends_json({}))["scenarios"].empty());
}

TEST_CASE("Many runs are drawn in one line's width", "[run_store]")
{
    TrendSeries series{.id = "event p50", .unit = "ns", .values = {}, .changes = {}};
    for (int i = 0; i < 600; ++i) series.values.emplace_back(i);
    const auto line = sparkline(series, 60);
    CHECK(line.size() == 60 * 3); // bytes of UTF-8
    CHECK(line.starts_with("\u2581"));
    CHECK(line.ends_with("\u2588"));
}

TEST_CASE("What a target has said does not act on whoever reads the history", "[run_store]")
{
    auto all = records("X");
    all[0].signatures[0].key = "server_log: \x1b[31mred token=s3cr3ts3cr3t \xff\nline";
    all[0].scenario = "\x1b]0;title\x07";
    const auto trend = trend_of(all, 1);
    for (const auto& text : {trend_text(trend), trends_json({trend})}) {
        CHECK_FALSE(has(text, "\x1b"));
        CHECK_FALSE(has(text, "s3cr3ts3cr3t"));
        CHECK_FALSE(has(text, "\xff"));
    }
}
