// The last stages of a reduction: the result against the original, and what is given back to it.
#include "explore/rate_posterior.hpp"
#include "explore/reducer.hpp"
#include "explore/screening.hpp"

#include <algorithm>

namespace wsrace {

namespace {

// Probabilities that a plan fails at least `tolerated` times as often as the original: what ends a
// comparison, what suffices when the plays for it are used up, and when budget or time are.
// Steps need more than the result: many are tried, and the luckiest must not win.
constexpr double sure = 0.9, sure_of_step = 0.98;
constexpr double out_of_question = 0.05;
constexpr double likely = 0.5, likely_of_step = 0.6;
constexpr double not_unlikely = 0.2;
constexpr double most_compared = 80; // plays of both plans, over p
constexpr std::uint64_t least_compared = 3;

constexpr double fresh_failures = 8; // that a fresh measurement is made for
constexpr std::uint64_t most_fresh = 200;
constexpr int most_rounds = 4;
constexpr std::uint64_t most_skipped = 5; // plans that could not be played on time

} // namespace

std::uint64_t Reducer::plays_to_confirm() const { return plays_for(fresh_failures, reference(), most_fresh); }

// Plays candidate or original, whichever is known less well, until it is sure whether the candidate fails at
// least `tolerated` times as often. `trials`: of the candidate, those that count.
Reducer::Result Reducer::compare(const Keep& candidate, Trials& trials)
{
    const auto& original = trials_[whole_];
    const auto most = plays_for(most_compared, RatePosterior{original}.mean(), 1'000'000);
    const auto fresh = &trials != &trials_[candidate];
    for (std::uint64_t plays = 0;;) {
        const auto probability = probability_of_ratio(trials, original, options_.tolerated);
        if (trials.played >= least_compared) {
            if (probability >= (fresh ? sure : sure_of_step)) return Result::accepted;
            if (probability <= out_of_question) return Result::rejected;
            if (plays >= most)
                return probability >= (fresh ? likely : likely_of_step) ? Result::accepted : Result::rejected;
        }
        const auto of_candidate = relative_variance(trials) >= relative_variance(original) &&
                                  trials.played <= 2 * original.played; // 8 of 8 look surer than they are
        const auto batch = std::max<std::uint64_t>(1, (of_candidate ? trials : original).played / 5);
        for (std::uint64_t i = 0; i < batch; ++i, ++plays) {
            const auto failed = play(of_candidate ? candidate : whole_);
            if (!failed) return Result::undecided;
            if (of_candidate && fresh) trials.add(*failed);
        }
    }
}

void Reducer::confirm()
{
    auto enough = not_unlikely; // until one was found that only looked good
    for (int round = 0; current_ != whole_ && round < most_rounds; ++round) {
        const auto result = measure_again();
        if (result == Result::accepted) return;
        if (result == Result::rejected) enough = sure;
        if (result == Result::undecided || !give_back()) return fall_back(enough);
        result_.one_minimal = false;
    }
    for (fall_back(likely); current_ != whole_; fall_back(likely)) {
        const auto result = measure_again();
        if (result == Result::accepted) return;
        if (result == Result::undecided) return fall_back(sure);
        std::erase(accepted_, current_);
    }
}

// The current plan once more, without what led to its acceptance: that was selected for failing.
Reducer::Result Reducer::measure_again()
{
    stage_ = ReductionStage::confirming;
    const auto plays_before = budget_.plays();
    Trials fresh;
    for (auto left = plays_to_confirm(); left > 0; --left) {
        const auto failed = play(current_);
        if (!failed) break;
        fresh.add(*failed);
    }
    const auto result = compare(current_, fresh);
    note(result, current_, fresh, plays_before);
    result_.confirmed = result == Result::accepted;
    result_.after = fresh;
    return result;
}

// The current plan fails too seldom: adds what makes it likelier again, and as little of it as possible.
// False if budget or time ended before a plan was found that fails often enough.
bool Reducer::give_back()
{
    stage_ = ReductionStage::giving_back;
    const auto base = current_;
    const auto order = screen();
    const auto with_strongest = [&](std::size_t most) {
        auto plan = base;
        for (std::size_t i = 0; i < most; ++i) plan[order[i]] = true;
        return links_.with_needed(std::move(plan));
    };
    std::size_t bad = 0, good = 1;
    for (; good < order.size() && !spent() && !holds(with_strongest(good)); good *= 2) bad = good;
    good = std::min(good, order.size());
    while (good - bad > 1 && !spent()) {
        const auto middle = bad + (good - bad) / 2;
        (holds(with_strongest(middle)) ? good : bad) = middle;
    }
    if (spent()) return false;
    current_ = with_strongest(good);
    accepted_.push_back(current_);
    delta_debug(Care::strict);
    return true;
}

// The elements that were left out, the one that makes a failure likelier than all others first.
std::vector<std::size_t> Reducer::screen()
{
    auto left_out = current_;
    left_out.flip();
    const auto plays_before = budget_.plays();
    const auto seed = derive_seed(options_.seed, "screening", accepted_.size());
    Screening screening{links_, current_, std::move(left_out), RatePosterior{trials_[whole_]}.mean(), seed};
    Trials all;
    std::uint64_t skipped = 0;
    while (!screening.enough() && skipped < most_skipped && !spent()) {
        const auto plan = screening.next();
        const auto failed = play(plan);
        if (failed) screening.add(plan, *failed);
        if (failed) all.add(*failed);
        if (!failed) ++skipped;
    }
    note(screening.enough() ? Result::measured : Result::undecided, whole_, all, plays_before);
    return screening.strongest_first();
}

bool Reducer::holds(const Keep& plan)
{
    if (plan == whole_) return true;
    const auto plays_before = budget_.plays();
    const auto result = judge(plan, Care::strict);
    note(result, plan, trials_[plan], plays_before);
    return result == Result::accepted;
}

// The smallest of the accepted plans that fails often enough with at least this probability, as far as is
// known; the whole one at worst.
void Reducer::fall_back(double enough)
{
    const auto often_enough = [&](const Keep& plan) {
        return plan == whole_ ||
               probability_of_ratio(trials_[plan], trials_[whole_], options_.tolerated) >= enough;
    };
    auto best = whole_;
    for (const auto& plan : accepted_)
        if (kept_count(plan) < kept_count(best) && often_enough(plan)) best = plan;
    current_ = best;
    result_.confirmed = current_ == whole_;
}

} // namespace wsrace
