#include "core/random.hpp"
#include "explore/sequential_test.hpp"

#include <boost/random/bernoulli_distribution.hpp>
#include <catch2/catch.hpp>

#include <cmath>

using namespace wsrace;
using Decision = SequentialTest::Decision;

namespace {

struct Outcome {
    double low = 0, high = 0; // shares of the decisions
    double trials = 0;        // on average
};

Outcome repeat(const RateHypotheses& hypotheses, double rate, int times = 2000)
{
    auto random = random_stream(7, "sequential");
    boost::random::bernoulli_distribution<double> fails{rate};
    Outcome outcome;
    for (int i = 0; i < times; ++i) {
        SequentialTest test{hypotheses};
        while (!test.ended()) test.add(fails(random));
        outcome.low += test.decision() == Decision::low ? 1.0 / times : 0;
        outcome.high += test.decision() == Decision::high ? 1.0 / times : 0;
        outcome.trials += static_cast<double>(test.trials()) / times;
    }
    return outcome;
}

} // namespace

TEST_CASE("Wald's test is wrong as rarely as it was told to be, at either rate", "[explore][statistics]")
{
    for (const auto& [low, high] : {std::pair{0.3, 0.9}, {0.1, 0.3}, {0.02, 0.08}}) {
        const RateHypotheses hypotheses{.low = low, .high = high, .alpha = 0.05, .beta = 0.1};
        INFO(low << " against " << high);
        CHECK(repeat(hypotheses, low).high <= 0.06);
        CHECK(repeat(hypotheses, high).low <= 0.11);
        CHECK(repeat(hypotheses, low).low >= 0.94); // it always ends
        CHECK(repeat(hypotheses, high).high >= 0.89);
    }
}

TEST_CASE("How long Wald's test takes is known beforehand", "[explore][statistics]")
{
    // Its formula leaves out the overshoot of the last trial: the truth is somewhat above.
    const RateHypotheses hypotheses{.low = 0.1, .high = 0.2};
    for (const auto rate : {0.02, 0.1, 0.1458, 0.2, 0.4}) {
        const auto expected = SequentialTest{hypotheses}.expected_further(rate);
        const auto taken = repeat(hypotheses, rate).trials;
        INFO("rate " << rate << ": " << taken << " trials, expected " << expected);
        CHECK(taken >= 0.9 * expected);
        CHECK(taken <= 1.3 * expected);
    }
    // Hand-checked: ln(19) / -ln((1 - 0.2) / (1 - 0.1)) trials when none succeeds.
    CHECK(SequentialTest{hypotheses}.expected_further(0) == Approx(std::log(19) / std::log(0.9 / 0.8)));
}

TEST_CASE("Evidence shortens what is still expected, and nothing is expected of a test that ended",
          "[explore][statistics]")
{
    SequentialTest test{{.low = 0.1, .high = 0.5}};
    const auto before = test.expected_further(0);
    test.add(false);
    CHECK(test.expected_further(0) == Approx(before - 1));
    test.add(0, 10);
    CHECK(test.decision() == Decision::low);
    CHECK(test.expected_further(0) == 0);
}

TEST_CASE("A test with a cap ends undecided, and says what it leans to", "[explore][statistics]")
{
    SequentialTest test{{.low = 0.4, .high = 0.5, .most_trials = 10}};
    CHECK(test.leaning() == Decision::undecided);
    CHECK(test.expected_further(0.45) == 10);
    for (int i = 0; i < 9; ++i) test.add(i % 3 != 0);
    CHECK_FALSE(test.ended());
    CHECK(test.expected_further(0.45) == 1);
    test.add(true);
    CHECK(test.exhausted());
    CHECK(test.ended());
    CHECK(test.decision() == Decision::undecided);
    CHECK(test.leaning() == Decision::high);
}

TEST_CASE("Trials count the same one by one and together", "[explore][statistics]")
{
    const RateHypotheses hypotheses{.low = 0.2, .high = 0.6};
    SequentialTest one{hypotheses}, together{hypotheses};
    for (const auto success : {true, false, true, true, false}) one.add(success);
    together.add(3, 2);
    CHECK(one.trials() == together.trials());
    CHECK(one.expected_further(0.3) == Approx(together.expected_further(0.3)));
}

TEST_CASE("Rates of nothing and of always are tested, too", "[explore][statistics]")
{
    SequentialTest never{{.low = 0, .high = 0.1}};
    never.add(true);
    CHECK(never.decision() == Decision::high); // what never happens has happened
    SequentialTest always{{.low = 0.5, .high = 1}};
    always.add(false);
    CHECK(always.decision() == Decision::low);
}
