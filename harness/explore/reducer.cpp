#include "explore/reducer.hpp"

#include "explore/rate_posterior.hpp"
#include "explore/sequential_test.hpp"

#include <algorithm>
#include <cmath>

namespace wsrace {

namespace {

constexpr std::uint64_t least_replays = 8;
constexpr double first_precision = 0.2;   // of the whole plan's rate: standard deviation, relative to itself
constexpr double cautious = 0.15;         // the quantile of what is known of it that candidates are held to
constexpr std::size_t few = 4;            // elements: not worth sampling, and tried one by one
constexpr int most_rounds = 4;            // of sampling
constexpr std::uint64_t most_skipped = 5; // sub-plans that could not be played on time

// The quick test: p against a third of it. It has to tell "as often as before" from "hardly ever".
constexpr double lost = 1.0 / 3;
constexpr double wrongly_accepted = 0.05;
constexpr double wrongly_rejected = 0.1; // such elements come back in the minimality stage
constexpr double wrongly_rejected_thorough = 0.02;
constexpr double most_quick = 60; // plays, over p

} // namespace

Reducer::Reducer(const ElementLinks& links, const PlayElements& play, const ReductionOptions& options)
    : links_{links}, oracle_{play}, options_{options}, budget_{options.limits}, whole_{links.all()},
      current_{whole_}, accepted_{whole_}, scores_(links.size(), 0)
{}

Reduction Reducer::run()
{
    if (measure_whole()) {
        budget_.keep_back(std::min(options_.limits.plays / 5, plays_to_confirm()));
        sample();
        delta_debug(Care::quick);
        minimise();
        budget_.keep_back(0);
        confirm();
    }
    finish();
    return std::move(result_);
}

std::uint64_t Reducer::plays_for(double failures, double rate, std::uint64_t most)
{
    const auto plays = std::ceil(failures / std::max(rate, 1e-6));
    return plays >= static_cast<double>(most) ? most : static_cast<std::uint64_t>(plays);
}

std::optional<bool> Reducer::play(const Keep& keep)
{
    const auto failed = budget_.play([&] { return oracle_(keep); });
    if (failed) trials_[keep].add(*failed);
    if (!failed) spent();
    if (options_.progress)
        options_.progress({stage_, kept_count(current_), trials_[current_], budget_.plays()});
    return failed;
}

bool Reducer::spent()
{
    cut_off_ = cut_off_ || budget_.used_up();
    return budget_.used_up();
}

void Reducer::note(Result result, const Keep& tried, const Trials& trials, std::uint64_t plays_before)
{
    ReductionStep step;
    step.stage = stage_;
    step.result = result;
    step.elements = kept_count(tried);
    step.trials = trials;
    const auto& from =
        stage_ == ReductionStage::confirming || stage_ == ReductionStage::giving_back ? whole_ : current_;
    for (const auto element : elements_of(from))
        if (!tried[element]) step.left_out.push_back(element);
    step.plays = budget_.plays() - plays_before;
    result_.steps.push_back(std::move(step));
}

double Reducer::reference() const
{
    const auto known = [this](const Keep& keep) {
        const auto found = trials_.find(keep);
        return found == trials_.end() ? Trials{} : found->second;
    };
    return std::max(RatePosterior{known(whole_)}.quantile(cautious), known(current_).interval(0.8).low);
}

bool Reducer::measure_whole()
{
    auto& trials = trials_[whole_];
    const auto most = std::max<std::uint64_t>(1, options_.first_replays);
    auto played = true;
    const auto known = [&trials] {
        return trials.played >= least_replays &&
               relative_variance(trials) <= first_precision * first_precision;
    };
    while (played && trials.played < most && !known()) played = play(whole_).has_value();
    note(played ? Result::measured : Result::undecided, whole_, trials, 0);
    if (!played) {
        result_.end = cut_off_ ? Reduction::End::out_of_budget : Reduction::End::void_only;
    } else if (trials.failed == 0) {
        result_.end = Reduction::End::never_failed;
    } else if (trials.rate() < options_.least_rate) {
        result_.end = Reduction::End::too_rare;
    } else {
        return true;
    }
    return false;
}

void Reducer::sample()
{
    stage_ = ReductionStage::sampling;
    for (std::uint64_t round = 0; round < most_rounds; ++round) {
        const auto elements = kept_count(current_);
        if (elements <= few) return;
        const auto seed = derive_seed(options_.seed, "sub-plans", round);
        FeatureSampling sampling{links_, current_, reference(), seed};
        if (!sample_once(sampling)) return;
        const auto scores = sampling.scores();
        for (const auto element : elements_of(current_)) scores_[element] = scores[element];
        if (sampling.hopeless() || !drop_weak(sampling)) return;
        if (3 * kept_count(current_) > 2 * elements) return; // another round would tell no more
    }
}

// Whether it was brought to its end.
bool Reducer::sample_once(FeatureSampling& sampling)
{
    const auto plays_before = budget_.plays();
    std::uint64_t skipped = 0;
    while (!sampling.enough() && skipped < most_skipped && !spent()) {
        const auto sub_plan = sampling.next();
        const auto failed = play(sub_plan);
        if (failed) sampling.add(sub_plan, *failed);
        if (!failed) ++skipped;
    }
    const auto ended = sampling.enough();
    const Trials all{.failed = sampling.failures(), .played = sampling.plays()};
    note(ended ? Result::measured : Result::undecided, current_, all, plays_before);
    return ended;
}

// Drops all elements that look weak, or all but the strongest of them.
bool Reducer::drop_weak(const FeatureSampling& sampling)
{
    const auto suspects = sampling.suspects();
    const auto dropped = weakest_first(suspects);
    for (const auto back : {std::size_t{0}, (dropped.size() + 3) / 4, (dropped.size() + 1) / 2}) {
        auto keep = suspects;
        for (std::size_t i = 0; i < back; ++i) keep[dropped[dropped.size() - 1 - i]] = true;
        const auto result = attempt(links_.with_needed(std::move(keep)), Care::quick);
        if (result == Result::accepted) return true;
        if (result == Result::undecided) return false;
    }
    return false;
}

std::vector<std::size_t> Reducer::weakest_first(const Keep& except) const
{
    std::vector<std::size_t> order;
    for (const auto element : elements_of(current_))
        if (except.empty() || !except[element]) order.push_back(element);
    std::stable_sort(order.begin(), order.end(),
                     [this](std::size_t a, std::size_t b) { return scores_[a] < scores_[b]; });
    return order;
}

void Reducer::delta_debug(Care care)
{
    if (care == Care::quick) stage_ = ReductionStage::delta_debugging;
    auto order = weakest_first({});
    auto size = order.size() <= few ? 1 : (order.size() + 1) / 2;
    while (!order.empty()) {
        for (std::size_t from = 0; from < order.size(); from += size) {
            if (spent()) return;
            auto candidate = current_;
            for (auto i = from; i < std::min(from + size, order.size()); ++i) candidate[order[i]] = false;
            attempt(links_.without_orphans(std::move(candidate)), care);
        }
        if (size == 1) return;
        order = weakest_first({});
        size = std::max<std::size_t>(1, std::min((size + 1) / 2, (order.size() + 1) / 2));
    }
}

void Reducer::minimise()
{
    stage_ = ReductionStage::minimality;
    auto clear = true;
    for (auto changed = true; changed;) {
        changed = false;
        clear = true;
        for (const auto element : weakest_first({})) {
            if (!current_[element]) continue;
            if (spent()) return;
            auto candidate = current_;
            candidate[element] = false;
            const auto result = attempt(links_.without_orphans(std::move(candidate)), Care::thorough);
            changed = changed || result == Result::accepted;
            clear = clear && result != Result::undecided;
        }
    }
    result_.one_minimal = clear;
}

Reducer::Result Reducer::attempt(const Keep& candidate, Care care)
{
    if (candidate == current_ || kept_count(candidate) == 0) return Result::rejected;
    const auto plays_before = budget_.plays();
    const auto result = judge(candidate, care);
    note(result, candidate, trials_[candidate], plays_before);
    if (result == Result::accepted) {
        current_ = candidate;
        accepted_.push_back(candidate);
    }
    return result;
}

Reducer::Result Reducer::judge(const Keep& candidate, Care care)
{
    if (care == Care::quick) return judge_quickly(candidate, wrongly_rejected);
    if (care == Care::thorough) return judge_quickly(candidate, wrongly_rejected_thorough);
    return compare(candidate, trials_[candidate]);
}

// What is known of the candidate counts: a test that was ended by a larger error goes on where it stood.
Reducer::Result Reducer::judge_quickly(const Keep& candidate, double beta)
{
    const auto rate = reference();
    SequentialTest test{{.low = lost * rate,
                         .high = rate,
                         .alpha = wrongly_accepted,
                         .beta = beta,
                         .most_trials = plays_for(most_quick, rate, 1'000'000)}};
    const auto known = trials_[candidate];
    test.add(known.failed, known.passed());
    while (!test.ended()) {
        const auto failed = play(candidate);
        if (!failed) return Result::undecided;
        test.add(*failed);
    }
    return test.decision() == SequentialTest::Decision::high ? Result::accepted : Result::rejected;
}

void Reducer::finish()
{
    if (result_.end == Reduction::End::complete && cut_off_) result_.end = Reduction::End::out_of_budget;
    result_.keep = current_;
    result_.before = trials_[whole_];
    if (!result_.confirmed || current_ == whole_) result_.after = trials_[current_];
    result_.plays = budget_.plays();
    result_.voided = budget_.voided();
}

} // namespace wsrace
