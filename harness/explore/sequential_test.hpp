// Which of two rates is it? Wald's sequential probability ratio test (Wald 1945, "Sequential tests of
// statistical hypotheses", Annals of Mathematical Statistics 16): trials are added one by one, and the test
// ends as soon as the evidence suffices. Of all tests with the same errors it needs the fewest trials on
// average, whichever of the two rates is true (Wald, Wolfowitz 1948).
//
// The errors hold at the two rates, for a test without a cap. Between the rates either answer may come, and
// the test takes longest there. Wald's bounds do not count the overshoot of the last trial: the real errors
// are below alpha / (1 - beta) and beta / (1 - alpha).
#pragma once

#include <cstdint>

namespace wsrace {

struct RateHypotheses {
    double low = 0;                // p0; 0 < low < high < 1, what is outside is moved inside
    double high = 1;               // p1
    double alpha = 0.05;           // says "high" although the rate is low
    double beta = 0.05;            // says "low" although the rate is high
    std::uint64_t most_trials = 0; // the test ends undecided after as many; 0: no cap
};

class SequentialTest {
public:
    enum class Decision : std::uint8_t { undecided, low, high };

    explicit SequentialTest(const RateHypotheses& hypotheses);

    void add(bool success);
    void add(std::uint64_t successes, std::uint64_t failures); // as if one by one; decided at the end only

    Decision decision() const;
    bool exhausted() const; // the cap is reached; the decision may still be "undecided"
    bool ended() const { return exhausted() || decision() != Decision::undecided; }
    Decision leaning() const; // the likelier rate, for a test that was cut off: its errors are not bounded
    std::uint64_t trials() const { return trials_; }

    // How many more trials it takes on average until it ends if the rate is this (Wald 1945, section 3.3,
    // begun from where the evidence stands): never more than the cap leaves, 0 for a test that has ended.
    double expected_further(double rate) const;

private:
    double low_, high_;        // the rates
    double success_, failure_; // what one trial adds to the log likelihood ratio of high against low
    double accept_low_, accept_high_;
    std::uint64_t most_trials_;
    std::uint64_t trials_ = 0;
    double evidence_ = 0; // log likelihood ratio
};

} // namespace wsrace
