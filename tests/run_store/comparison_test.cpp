#include "run_store/comparison.hpp"

#include "core/random.hpp"
#include "reports/trend.hpp"
#include "run_store/sample_records.hpp"
#include "run_store/two_samples.hpp"

#include <boost/random/normal_distribution.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace wsrace;
using namespace wsrace::test;
using namespace std::chrono_literals;
using Records = std::vector<RunRecord>;

namespace {

// An execution whose events come after 5 ms, give or take 1 ms; all of them `shift` later, as executions
// differ.
RunRecord execution(int number, RandomEngine& random, Duration shift = 0ns, std::size_t events = 400)
{
    boost::random::normal_distribution<double> noise{5e6, 1e6};
    auto record = sample_record(number);
    std::vector<Duration> samples;
    for (std::size_t i = 0; i < events; ++i)
        samples.push_back(Duration{static_cast<std::int64_t>(noise(random))} + shift);
    record.latencies = {{.id = "event", .samples = counted(std::move(samples))}};
    return record;
}

Records executions(int count, RandomEngine& random, double spread)
{
    boost::random::normal_distribution<double> between{0, spread};
    Records out;
    for (int i = 0; i < count; ++i)
        out.push_back(execution(i, random, Duration{static_cast<std::int64_t>(between(random))}));
    return out;
}

Comparison compared(Records base, Records fresh, const ComparisonSettings& settings = {})
{
    return compare({.base = std::move(base),
                    .fresh = std::move(fresh),
                    .base_name = "base",
                    .fresh_name = "new",
                    .settings = settings});
}

const ComparedRow& row(const Comparison& comparison, std::string_view id)
{
    const auto found = std::find_if(comparison.rows.begin(), comparison.rows.end(),
                                    [&](const auto& each) { return each.id == id; });
    REQUIRE(found != comparison.rows.end());
    return *found;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("An execution like those before it is no regression", "[run_store]")
{
    auto random = random_stream(1, "same");
    const auto comparison = compared(executions(12, random, 2e5), {execution(99, random)});
    CHECK(comparison.outcome == Comparison::Outcome::no_regression);
    CHECK(exit_status(comparison.outcome) == 0);
    CHECK(row(comparison, "event").standing == Standing::same);
    CHECK(row(comparison, "users who left the golden path").standing == Standing::same);
    CHECK(comparison.base_runs == 12);
    CHECK(comparison.notes.empty());
}

TEST_CASE("An execution that is slower than the others ever are is a regression", "[run_store]")
{
    auto random = random_stream(2, "slower");
    const auto comparison = compared(executions(12, random, 1e5), {execution(99, random, 2ms)});
    CHECK(comparison.outcome == Comparison::Outcome::regression);
    CHECK(exit_status(comparison.outcome) == 1);
    const auto& event = row(comparison, "event");
    CHECK(event.standing == Standing::worse);
    CHECK(event.effect > 0.85);
    CHECK(event.p_worse < 1e-9);
    CHECK(event.limit.value() < event.effect);
    CHECK(has(comparison.summary, "event"));
    CHECK(has(comparison_text(comparison), "REGRESSION golden_path  Worse than the base: event"));
    const auto back = compared({execution(99, random, 2ms)}, executions(1, random, 0));
    CHECK(row(back, "event").standing == Standing::better);
    CHECK(back.outcome == Comparison::Outcome::no_regression);
}

TEST_CASE("What executions of the base differ by themselves is none", "[run_store]")
{
    auto random = random_stream(3, "spread");
    const auto comparison = compared(executions(12, random, 2e6), {execution(99, random, 2ms)});
    CHECK(row(comparison, "event").p_worse < 1e-6); // samples alone would call it one
    CHECK(row(comparison, "event").standing == Standing::within_spread);
    CHECK(comparison.outcome == Comparison::Outcome::no_regression);
}

TEST_CASE("Each execution of the base is compared with its others, not with itself", "[run_store]")
{
    const auto limit = [](const Records& base) {
        return row(compared(base, {sample_record(99)}), "event").limit.value();
    };
    const SpreadPrior prior{.deviation = 0.4, .weight = 4}; // what is assumed of executions in general
    // Equal ones do not differ at all; of one alone nothing else is known.
    CHECK(limit({sample_record(1), sample_record(1)}) ==
          Approx(probability_of(next_value_limit({0, 0}, 0.01, prior))));
    CHECK(limit({sample_record(1)}) == Approx(probability_of(next_value_limit({0}, 0.01, prior))));

    auto random = random_stream(13, "others");
    const Records base{execution(1, random), execution(2, random, 1ms, 300), execution(3, random, 0ms, 200)};
    std::vector<double> effects;
    for (std::size_t i = 0; i < base.size(); ++i) {
        std::vector<CountedSamples> others;
        for (std::size_t j = 0; j < base.size(); ++j)
            if (j != i) others.push_back(base[j].latencies.front().samples);
        const auto& own = base[i].latencies.front().samples;
        const auto rest = merged(others);
        effects.push_back(in_deviations(mann_whitney(rest, own).a12, total(rest), total(own)));
    }
    CHECK(limit(base) == Approx(probability_of(next_value_limit(effects, 0.01, prior))));
}

TEST_CASE("Of one execution on each side only a difference that nobody can overlook counts", "[run_store]")
{
    auto random = random_stream(4, "two");
    CHECK(compared({execution(1, random)}, {execution(2, random, 10ms)}).outcome ==
          Comparison::Outcome::regression);
    const auto unsure = compared({execution(1, random)}, {execution(2, random, 1ms)});
    CHECK(row(unsure, "event").standing == Standing::within_spread);
    CHECK(unsure.outcome == Comparison::Outcome::inconclusive);
    CHECK(exit_status(unsure.outcome) == 3);
    CHECK(has(unsure.summary, "compare with --last"));
}

TEST_CASE("Few samples that are far slower are seen although the others are as ever", "[run_store]")
{
    auto random = random_stream(5, "tail");
    auto fresh = execution(99, random, 0ms, 360);
    auto& samples = fresh.latencies.front().samples;
    samples.push_back({.value = 2s, .count = 40});
    const auto comparison = compared(executions(12, random, 1e5), {fresh});
    CHECK(row(comparison, "event").standing != Standing::worse);
    CHECK(row(comparison, "event, slowest 1 %").standing == Standing::worse);
    CHECK(comparison.outcome == Comparison::Outcome::regression);
}

TEST_CASE("An effect that is beyond chance but small does not count unless it is asked for", "[run_store]")
{
    auto random = random_stream(6, "small");
    Records base;
    for (int i = 0; i < 30; ++i) base.push_back(execution(i, random, 0ms, 2000));
    const auto fresh = execution(99, random, 350us, 4000); // A12 0.6
    CHECK(row(compared(base, {fresh}), "event").standing == Standing::small);
    ComparisonSettings small;
    small.a12 = 0.56;
    CHECK(row(compared(base, {fresh}, small), "event").standing != Standing::small);
}

TEST_CASE("Too few samples are named, and prove nothing", "[run_store]")
{
    auto random = random_stream(7, "few");
    const auto comparison = compared({execution(1, random, 0ms, 20)}, {execution(2, random, 0ms, 20)});
    CHECK(row(comparison, "event").standing == Standing::too_few);
    CHECK(comparison.outcome == Comparison::Outcome::inconclusive);
    CHECK(has(comparison.summary, "too few samples"));
}

TEST_CASE("Failure rates are compared exactly, and beyond those of the base", "[run_store]")
{
    auto random = random_stream(8, "rates");
    auto failing = execution(99, random);
    failing.metrics[0].value = 0.95; // ten of 200 users
    failing.verdict = Verdict::fail;
    failing.signatures = {{.key = "silence", .detail = {}}};
    const auto comparison = compared({execution(1, random)}, {failing});
    const auto& users = row(comparison, "users who left the golden path");
    CHECK(users.base.failed == 0);
    CHECK(users.fresh.failed == 10);
    CHECK(users.p_worse == Approx(fisher({0, 200}, {10, 200}).p_more));
    CHECK(users.standing == Standing::worse);
    CHECK(comparison.outcome == Comparison::Outcome::regression);
    CHECK(comparison.appeared == std::vector<std::string>{"silence"});

    Records flaky;
    for (int i = 0; i < 12; ++i) {
        flaky.push_back(execution(i, random));
        if (i % 3 == 0) flaky.back().metrics[0].value = 0.9;
    }
    failing.signatures.clear();
    CHECK(row(compared(flaky, {failing}), "users who left the golden path").standing != Standing::worse);
}

TEST_CASE("A signature that one execution has and another has not is not proof yet", "[run_store]")
{
    auto random = random_stream(9, "signature");
    auto failing = execution(99, random);
    failing.verdict = Verdict::fail;
    failing.signatures = {{.key = "isolation: canary of another user", .detail = {}}};
    const auto comparison = compared({execution(1, random)}, {failing});
    CHECK(row(comparison, "isolation: canary of another user").standing == Standing::too_few);
    CHECK(comparison.outcome == Comparison::Outcome::inconclusive);
    CHECK(has(comparison.summary, "Not in the base, but too few executions"));

    auto known = execution(1, random);
    known.verdict = Verdict::fail;
    known.signatures = failing.signatures;
    CHECK(compared({known}, {failing}).outcome == Comparison::Outcome::no_regression);
    const auto mended = compared({failing}, {execution(1, random)});
    CHECK(mended.gone == std::vector<std::string>{"isolation: canary of another user"});

    Records good; // 1 of 1001 by chance
    for (int i = 0; i < 1000; ++i) good.push_back(sample_record(i));
    const auto proven = compared(good, {failing});
    CHECK(row(proven, "isolation: canary of another user").standing == Standing::worse);
}

TEST_CASE("Executions that prove nothing are compared with nothing", "[run_store]")
{
    auto random = random_stream(10, "void");
    const auto good = execution(1, random);
    auto late = execution(2, random, 20ms);
    late.is_void = true;
    CHECK(compared({good}, {late}).outcome == Comparison::Outcome::inconclusive);
    CHECK(has(compared({good}, {late}).summary, "new is void"));
    CHECK(has(compared({late}, {good}).summary, "no execution of the base has passed or failed"));
    CHECK(has(compared({}, {good}).summary, "nothing to compare with"));
    auto stopped = good;
    stopped.interrupted = true;
    CHECK(has(compared({good}, {stopped}).summary, "was interrupted"));
    stopped.interrupted = false;
    stopped.verdict = Verdict::inconclusive;
    CHECK(has(compared({good}, {stopped}).summary, "inconclusive by itself"));
    CHECK(exit_status(compared({good}, {stopped}).outcome) == 3);
}

TEST_CASE("What makes a comparison doubtful is noted", "[run_store]")
{
    auto random = random_stream(11, "notes");
    const auto base = execution(1, random);
    auto other = execution(2, random);
    other.scenario_digest = "another";
    other.machine = "64 cores";
    other.latencies.push_back({.id = "schedule_lag", .samples = counted(std::vector<Duration>(300, 900ms))});
    auto lag = base;
    lag.latencies.push_back({.id = "schedule_lag", .samples = counted(std::vector<Duration>(300, 1us))});
    const auto comparison = compared({lag}, {other});
    const auto text = comparison_text(comparison);
    CHECK(has(text, "the scenario is not the same"));
    CHECK(has(text, "not all were played on the same machine"));
    CHECK(has(text, "the harness itself was later"));
    CHECK(has(text, "how much they differ by themselves is mostly assumed"));
    CHECK(comparison.outcome != Comparison::Outcome::regression); // the harness's own latency does not count
    const auto json = nlohmann::json::parse(comparison_json(comparison));
    CHECK(json["rows"].size() == comparison.rows.size());
    CHECK(json["exit_status"] == exit_status(comparison.outcome));
    CHECK(json["new"]["runs"] == 1);
}

TEST_CASE("Where builds are the same, one comparison in twenty says otherwise at most",
          "[run_store][simulation]")
{
    auto random = random_stream(12, "alarms");
    constexpr int times = 300;
    int alarms = 0, found = 0;
    for (int i = 0; i < times; ++i) {
        const auto base = executions(15, random, 3e5);
        boost::random::normal_distribution<double> between{0, 3e5};
        const Duration shift{static_cast<std::int64_t>(between(random))};
        alarms +=
            compared(base, {execution(99, random, shift)}).outcome == Comparison::Outcome::regression ? 1 : 0;
        found +=
            compared(base, {execution(99, random, shift + 2ms)}).outcome == Comparison::Outcome::regression
                ? 1
                : 0;
    }
    CHECK(alarms <= times / 20);
    CHECK(found >= times * 9 / 10);
}
