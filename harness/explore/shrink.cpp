#include "explore/shrink.hpp"

#include "core/random.hpp"
#include "explore/amplification.hpp"
#include "explore/reduction.hpp"
#include "plan/elements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace wsrace {

namespace {

using Clock = std::chrono::steady_clock;

constexpr Duration shortest_gap = std::chrono::microseconds{50}; // as strategies draw them
constexpr Duration longest_gap = std::chrono::seconds{2};
constexpr std::uint64_t most_reductions = 3; // the second one mostly has nothing left to do
constexpr std::uint64_t final_replays = 40;  // of an amplified plan: p within some 15 % at 95 %

std::vector<std::string> texts_of(const std::vector<Element>& all)
{
    std::vector<std::string> texts;
    for (const auto& element : all) texts.push_back(element.text);
    return texts;
}

// Elements besides journeys of one's own.
std::size_t besides_journeys(const Plan& plan)
{
    const auto all = elements(plan);
    const auto is_other = [](const Element& one) { return one.kind != Element::Kind::behaviour; };
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), is_other));
}

std::string_view text(ReductionStep::Result result)
{
    switch (result) {
    case ReductionStep::Result::measured: return "measured";
    case ReductionStep::Result::accepted: return "left out";
    case ReductionStep::Result::rejected: return "needed";
    case ReductionStep::Result::undecided: break;
    }
    return "undecided";
}

class Shrinking {
public:
    Shrinking(PlanPlayer& player, const Plan& plan, const ShrinkOptions& options)
        : player_{player}, options_{options}
    {
        result_.plan = plan;
        limits_.plays = options.plays;
        limits_.out_of_time = [this] {
            return player_.interrupted() || (options_.budget && Clock::now() - begin_ >= *options_.budget);
        };
    }

    Shrunk run() &&
    {
        reduce_elements();
        if (result_.fails && trials_.rate() < 0.9) tune_gaps();
        auto& reproducer = result_.reproducer;
        reproducer.elements = texts_of(elements(result_.plan));
        reproducer.failed = trials_.failed;
        reproducer.played = trials_.played;
        result_.interrupted = player_.interrupted();
        return std::move(result_);
    }

private:
    // Who loses a behaviour walks the ordinary journeys, with pauses that were not there before: elements of
    // the smaller plan, which may be left out in their turn.
    void reduce_elements()
    {
        ReductionOptions options;
        options.limits = limits_;
        options.seed = options_.seed;
        auto kept = reduce_once(options);
        const auto original = reduced_.before.rate();
        const auto tolerated = options.tolerated;
        for (std::uint64_t again = 1; again < most_reductions && kept && result_.fails; ++again) {
            if (besides_journeys(result_.plan) <= *kept || limits_.out_of_time()) return;
            options.seed = derive_seed(options_.seed, "again", again);
            options.limits.plays = options_.plays - std::min(options_.plays, result_.reproducer.plays);
            options.tolerated = std::min(1.0, tolerated * original / trials_.rate());
            kept = reduce_once(options);
        }
    }

    // How many elements besides journeys were kept; the plan that is left may have more. Nothing: it is no
    // smaller than before.
    std::optional<std::size_t> reduce_once(ReductionOptions options)
    {
        const auto whole = result_.plan;
        const auto all = elements(whole);
        std::vector<std::vector<std::size_t>> needs;
        for (const auto& element : all) needs.push_back(element.parents);
        const auto play = [&](const Keep& keep) {
            return player_.ask(without(whole, keep), options_.signature);
        };
        const auto plays_before = result_.reproducer.plays;
        options.progress = [&](const ReductionProgress& now) {
            tell(std::string{to_string(now.stage)}, now.elements, now.trials, plays_before + now.plays);
        };
        reduced_ = reduce(ElementLinks{needs}, play, options);
        count(reduced_.plays, reduced_.voided);
        result_.reproducer.finished = reduced_.end != Reduction::End::out_of_budget;
        for (const auto& step : reduced_.steps) add_step(step, all);
        auto smaller = reduced_.keep.size() == all.size() ? without(whole, reduced_.keep) : whole;
        const bool is_first = result_.reproducer.summary.empty();
        const bool is_smaller = reduced_.after.failed > 0 && elements(smaller).size() < all.size();
        if (is_first || is_smaller) take(smaller, all.size());
        if (!is_first && !is_smaller) return std::nullopt;
        std::size_t kept = 0;
        for (std::size_t i = 0; i < reduced_.keep.size(); ++i)
            kept += reduced_.keep[i] && all[i].kind != Element::Kind::behaviour ? 1 : 0;
        return kept;
    }

    void take(const Plan& smaller, std::size_t elements_before)
    {
        auto& reproducer = result_.reproducer;
        if (reproducer.summary.empty()) reproducer.elements_before = elements_before;
        reproducer.summary +=
            (reproducer.summary.empty() ? "" : "; then ") + summary(reduced_, player_.interrupted());
        reproducer.confirmed = reduced_.confirmed;
        trials_ = reduced_.after.played > 0 ? reduced_.after : reduced_.before;
        result_.fails = trials_.failed > 0;
        result_.plan = smaller;
    }

    void add_step(const ReductionStep& step, const std::vector<Element>& all)
    {
        std::string what = "the whole";
        if (!step.left_out.empty())
            what = step.left_out.size() == 1 ? all[step.left_out.front()].text
                                             : fmt::format("{} elements", step.left_out.size());
        result_.reproducer.steps.push_back(
            {.stage = std::string{to_string(step.stage)},
             .text = fmt::format("{}: {} ({} of {} plays failed)", what, text(step.result),
                                 step.trials.failed, step.trials.played),
             .elements = step.elements,
             .plays = step.plays});
    }

    void tune_gaps()
    {
        const auto tunable = gaps(result_.plan);
        if (tunable.empty()) return;
        std::vector<GapRange> ranges;
        for (const auto& gap : tunable)
            ranges.push_back({.low = shortest_gap, .high = longest_gap, .start = gap.value});
        const auto left = elements(result_.plan).size();
        auto played_before = result_.reproducer.plays;
        const auto with = [&](const std::vector<Duration>& values) {
            auto plan = result_.plan;
            for (std::size_t i = 0; i < tunable.size(); ++i) set_gap(plan, tunable[i], values[i]);
            return plan;
        };
        const auto play = [&](const std::vector<Duration>& values) {
            const auto played = player_.ask(with(values), options_.signature);
            tell("amplifying", left, trials_, ++played_before);
            return played;
        };
        auto limits = limits_;
        limits.plays = options_.plays - std::min(options_.plays, result_.reproducer.plays);
        const auto tuned = amplify(ranges, play, {.limits = limits, .seed = options_.seed});
        count(tuned.plays, tuned.voided);
        if (!tuned.better) return;
        take_tuned(with(tuned.values), tuned);
    }

    // What was chosen for failing looks better than it is: fresh plays decide.
    void take_tuned(Plan plan, const Amplification& tuned)
    {
        const auto left = elements(plan).size();
        const auto fresh = replay(plan);
        const bool worse = fresh.played > 0 && fresh.rate() < trials_.rate();
        auto text = fmt::format("gaps tuned: {} of {} plays failed, {} of {} before", tuned.after.failed,
                                tuned.after.played, tuned.before.failed, tuned.before.played);
        if (worse)
            text += fmt::format("; as they were, since it was {} of {} in fresh plays", fresh.failed,
                                fresh.played);
        result_.reproducer.steps.push_back(
            {.stage = "amplifying", .text = std::move(text), .elements = left, .plays = tuned.plays});
        if (worse) return;
        result_.plan = std::move(plan);
        result_.reproducer.confirmed = fresh.played > 0;
        trials_ = fresh.played > 0 ? fresh : tuned.after;
    }

    Trials replay(const Plan& plan)
    {
        const auto left = elements(plan).size();
        Trials fresh;
        std::uint64_t voids = 0; // in a row
        while (fresh.played < final_replays && voids <= limits_.voids_in_a_row && !limits_.out_of_time()) {
            const auto played = player_.ask(plan, options_.signature);
            count(1, played == Played::voided ? 1 : 0);
            voids = played == Played::voided ? voids + 1 : 0;
            if (played != Played::voided) fresh.add(played == Played::failed);
            tell("replaying", left, fresh, result_.reproducer.plays);
        }
        return fresh;
    }

    void count(std::uint64_t plays, std::uint64_t voided)
    {
        result_.reproducer.plays += plays;
        result_.reproducer.voided += voided;
    }

    void tell(std::string stage, std::size_t left, const Trials& trials, std::uint64_t plays)
    {
        if (options_.report)
            options_.report({.stage = std::move(stage), .elements = left, .trials = trials, .plays = plays});
    }

    PlanPlayer& player_;
    const ShrinkOptions& options_;
    PlayLimits limits_;
    Shrunk result_;
    Reduction reduced_; // the last one
    Trials trials_;
    Clock::time_point begin_ = Clock::now();
};

} // namespace

Shrunk shrink(PlanPlayer& player, const Plan& plan, const ShrinkOptions& options)
{
    return Shrinking{player, plan, options}.run();
}

} // namespace wsrace
