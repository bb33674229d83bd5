#include "core/random.hpp"
#include "explore/fixed_test.hpp"

#include <boost/random/bernoulli_distribution.hpp>
#include <catch2/catch.hpp>

#include <map>
#include <string>

using namespace wsrace;

namespace {

// Replays of a plan that fails at this rate; again if it did not fail at all.
Trials replays(double rate, std::uint64_t count, RandomEngine& random)
{
    boost::random::bernoulli_distribution<double> fails{rate};
    for (;;) {
        Trials trials;
        for (std::uint64_t i = 0; i < count; ++i) trials.add(fails(random));
        if (trials.failed > 0) return trials;
    }
}

FixedAnswer ask(FixedTest& test, double rate, RandomEngine& random)
{
    boost::random::bernoulli_distribution<double> fails{rate};
    while (test.answer() == FixedAnswer::undecided) test.add(fails(random) ? Played::failed : Played::passed);
    return test.answer();
}

// How many of 100 say "fixed", for an old rate that is known from some replays and a new one.
int said_fixed(double before, double now, std::uint64_t count)
{
    auto random = random_stream(11, "fixed", count);
    int fixed = 0;
    std::map<std::uint64_t, FixedTest> tests; // by the number of failures: they take long to make
    for (int i = 0; i < 100; ++i) {
        const auto known = replays(before, count, random);
        auto test = tests.try_emplace(known.failed, known).first->second;
        fixed += ask(test, now, random) == FixedAnswer::fixed ? 1 : 0;
    }
    return fixed;
}

} // namespace

TEST_CASE("A corrected server is called fixed, a half-fixed one is not: at most 5 of 100 are wrong",
          "[explore][statistics]")
{
    for (const auto rate : {0.02, 0.05, 0.1, 0.3, 0.5, 0.9}) {
        const auto count = rate < 0.1 ? 100 : 30;
        INFO("old rate " << rate << ", " << count << " replays");
        CHECK(said_fixed(rate, 0, count) == 100);
        CHECK(said_fixed(rate, rate / 10, count) <= 5); // a window ten times narrower
        CHECK(said_fixed(rate, rate, count) == 0);
        CHECK(said_fixed(rate, rate / 20, count) <= 10); // 5 are expected
    }
}

TEST_CASE("A rate far below a twentieth is called fixed", "[explore][statistics]")
{
    for (const auto rate : {0.1, 0.5, 0.9}) CHECK(said_fixed(rate, rate / 5000, 30) >= 95);
}

TEST_CASE("Against a plain test of p and p/20: it would call a tenth of p fixed", "[explore][statistics]")
{
    // Why the hypotheses are 0 and p/20. With p against p/20 the evidence of clean runs at p/10 says p/20.
    const FixedTest test{{.failed = 50, .played = 100}};
    REQUIRE(test.clean_runs());
    CHECK(*test.clean_runs() >= 115); // the plain test ends after about six: ln(19) / -ln(0.5 / 0.975)
    CHECK(*test.clean_runs() <= 135);
}

TEST_CASE("What a statement costs follows from the old rate, and grows where that is known badly",
          "[explore][statistics]")
{
    const auto runs = [](std::uint64_t failed, std::uint64_t played) {
        return *FixedTest{{.failed = failed, .played = played}}.clean_runs();
    };
    CHECK(runs(500, 1000) == Approx(119).margin(2)); // ln(0.05) / ln(1 - 0.5 / 20) = 118.3
    CHECK(runs(100, 1000) == Approx(598).epsilon(0.03));
    CHECK(runs(20, 1000) == Approx(2994).epsilon(0.1));
    CHECK(runs(5, 10) > runs(50, 100));
    CHECK(runs(1, 2) > runs(5, 10));
    CHECK(runs(1, 2) < 10 * runs(500, 1000));
    const FixedTest test{{.failed = 500, .played = 1000}};
    CHECK(test.expected_runs(0) == static_cast<double>(*test.clean_runs()));
    CHECK(test.expected_runs(0.5) == Approx(2));
    CHECK(test.expected_runs(0.05) == Approx(20).epsilon(0.01));
    CHECK(test.expected_runs(1) == 1);
}

TEST_CASE("One failure says still there, before and after", "[explore]")
{
    FixedTest test{{.failed = 9, .played = 10}};
    for (auto left = test.runs_left(); left > 0; --left) test.add(Played::passed);
    CHECK(test.answer() == FixedAnswer::fixed);
    CHECK(test.runs_left() == 0);
    test.add(Played::failed);
    CHECK(test.answer() == FixedAnswer::still_there);
}

TEST_CASE("Void runs count as nothing", "[explore]")
{
    FixedTest test{{.failed = 9, .played = 10}};
    const auto left = test.runs_left();
    for (int i = 0; i < 1000; ++i) test.add(Played::voided);
    CHECK(test.answer() == FixedAnswer::undecided);
    CHECK(test.runs_left() == left);
    CHECK(test.voided() == 1000);
    CHECK(test.now().played == 0);
}

TEST_CASE("A plan that never failed before proves nothing by not failing", "[explore]")
{
    FixedTest test{{.failed = 0, .played = 20}};
    for (int i = 0; i < 10'000; ++i) test.add(Played::passed);
    CHECK(test.answer() == FixedAnswer::undecided);
    CHECK_FALSE(test.clean_runs());
    CHECK(test.statement().find("not known") == 0);
    test.add(Played::failed);
    CHECK(test.answer() == FixedAnswer::still_there);
}

TEST_CASE("The answer is one line", "[explore]")
{
    FixedTest test{{.failed = 500, .played = 1000}};
    CHECK(test.statement() ==
          "no failure in 0 runs (500 in 1000 runs before): " + std::to_string(*test.clean_runs()) +
              " runs more without one say \"fixed\" at 95 %");
    while (test.answer() == FixedAnswer::undecided) test.add(Played::passed);
    CHECK(test.statement().find(
              "fixed at 95 %: no failure in 119 runs, so less than 1/20 of the old rate (500 in "
              "1000 runs before); now below 2.5 %") == 0);
    test.add(Played::failed);
    CHECK(test.statement() == "still there: 1 in 120 runs (500 in 1000 runs before)");
}
