// "Is it fixed?": the decision behind `wsrace repro --fixed`. A plan used to fail at a rate p; now it is
// played again and again, against a server that is said to be corrected.
//
// One failure proves "still there": a race that is fixed never fails again. So the hypotheses are not p and
// p/20 but 0 and p/20: a plain test of p against p/20 (Wald 1945) calls a race whose window was only made ten
// times narrower "fixed" in most cases, since p/10 is likelier under p/20 than under p. With 0 as the one
// rate Wald's test becomes simple: a failure is infinite evidence, and every clean run multiplies the odds by
// 1 - p/20. It ends with "fixed" at the first N with
//
//     E[(1 - p/20)^N] <= 0.05,
//
// that is: were the rate still p/20, so many clean runs in a row would have a chance of 5 % at most. The
// expectation is over what the old trials say of p (explore/rate_posterior.hpp), so that few trials make the
// test longer, as they should: with the point estimate instead the error would be larger than said, with the
// lower bound of an interval it would be counted twice, and the test be up to three times longer still.
//
// What follows for the true rate r of the server under test:
//   r = 0        always "fixed"
//   r <= p/1200  "fixed" with 95 % or more (N is about 60 / p)
//   r = p/20     "still there" with 95 %
//   r = p/10     "still there" with 1 - 0.05^2 = 99.7 %, after 10 / p runs on average
//   r = p        "still there" after 1 / p runs on average
//
// The price is N runs for "fixed", -20 ln(0.05) / p for a p that is well known (20 failures or more): 120 for
// p = 0.5, 600 for p = 0.1, 3000 for p = 0.02. With 5 failures it is 1.4 times as long, with one 3 to 4
// times.
//
// The old trials must be replays: the execution in which the failure was found was selected for failing, and
// would make p look higher than it is. A failure here means the same failure (check, signature): whoever adds
// the runs decides that. Void runs say nothing and are not counted.
#pragma once

#include "explore/trials.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace wsrace {

enum class FixedAnswer : std::uint8_t { undecided, fixed, still_there };

class FixedTest {
public:
    // `reduced_by`: how much rarer a failure must have become at least for the statement "fixed".
    explicit FixedTest(const Trials& before, double confidence = 0.95, double reduced_by = 20);

    void add(Played run); // what comes after the answer changes "fixed" to "still there" if it failed
    FixedAnswer answer() const;
    const Trials& now() const { return now_; }
    std::uint64_t voided() const { return voided_; }

    // Clean runs in a row that say "fixed"; none if the plan never failed before: then its rate is not known,
    // no number of clean runs proves anything, and the answer stays "undecided" unless a run fails.
    std::optional<std::uint64_t> clean_runs() const { return clean_runs_; }
    std::uint64_t runs_left() const; // clean ones; 0 once answered, or if no number is known

    // How many runs the whole test takes on average at this rate.
    double expected_runs(double rate) const;

    // One line: "fixed at 95 %: no failure in 131 runs, ..."; "still there: ..."; or how many more runs.
    std::string statement() const;

private:
    Trials before_;
    Trials now_;
    std::uint64_t voided_ = 0;
    double confidence_;
    double reduced_by_;
    std::optional<std::uint64_t> clean_runs_;
};

} // namespace wsrace
