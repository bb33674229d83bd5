#include "explore/amplification.hpp"

#include "core/draw.hpp"
#include "explore/sequential_test.hpp"

#include <algorithm>
#include <cmath>

namespace wsrace {

namespace {

using Values = std::vector<Duration>;

constexpr int candidates = 8;            // besides the current value
constexpr std::uint64_t first_plays = 4; // of each; twice as many for every half that stays
constexpr double better_share = 2.0 / 3; // of the pairs that differ
constexpr double wrongly_lost = 0.1;
constexpr std::uint64_t most_rounds = 3;
constexpr Duration least = std::chrono::microseconds{1};

Duration scaled(Duration value, double factor)
{
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::nano>{value} * factor);
}

class Amplifier {
public:
    Amplifier(const std::vector<GapRange>& gaps, const PlayGaps& play, const AmplificationOptions& options);
    Amplification run();

private:
    struct Duel {
        bool won = false;
        Trials champion, challenger;
    };
    struct Contender {
        Duration value{};
        Trials trials{};
    };

    std::optional<bool> play(const Values& values);
    bool tune(std::size_t gap, std::uint64_t round);
    std::vector<Contender> contenders(std::size_t gap, std::uint64_t round) const;
    bool halve(std::size_t gap, std::vector<Contender>& contenders);
    Duel duel(const Values& champion, const Values& challenger);

    const std::vector<GapRange>& gaps_;
    const PlayGaps& oracle_;
    const AmplificationOptions& options_;
    PlayBudget budget_;
    Values start_, current_;
    Trials known_; // of the current values: what was played since they are
    Amplification result_;
};

Amplifier::Amplifier(const std::vector<GapRange>& gaps, const PlayGaps& play,
                     const AmplificationOptions& options)
    : gaps_{gaps}, oracle_{play}, options_{options}, budget_{options.limits}
{
    for (const auto& gap : gaps) start_.push_back(gap.start);
    current_ = start_;
}

std::optional<bool> Amplifier::play(const Values& values)
{
    const auto failed = budget_.play([&] { return oracle_(values); });
    if (failed && values == current_) known_.add(*failed);
    if (!failed) result_.out_of_budget = result_.out_of_budget || budget_.used_up();
    return failed;
}

Amplification Amplifier::run()
{
    budget_.keep_back(std::min(options_.limits.plays / 4, options_.most_duel_plays));
    const auto searching = [this] {
        return !budget_.used_up() && known_.interval().low < options_.good_enough;
    };
    auto changed = true;
    for (std::uint64_t round = 0; round < most_rounds && (changed || round < 2); ++round) {
        changed = false;
        for (std::size_t gap = 0; gap < gaps_.size() && searching(); ++gap)
            changed = tune(gap, round) || changed;
    }
    budget_.keep_back(0);
    if (current_ != start_) {
        const auto last = duel(start_, current_);
        result_.better = last.won;
        result_.before = last.champion;
        result_.after = last.challenger;
    }
    result_.values = result_.better ? current_ : start_;
    result_.plays = budget_.plays();
    result_.voided = budget_.voided();
    return std::move(result_);
}

// Whether the gap has another value now.
bool Amplifier::tune(std::size_t gap, std::uint64_t round)
{
    auto field = contenders(gap, round);
    if (!halve(gap, field)) return false;
    AmplificationStep step{.gap = gap, .from = current_[gap], .to = current_[gap]};
    if (field.front().value != current_[gap]) {
        auto challenger = current_;
        challenger[gap] = field.front().value;
        const auto fought = duel(current_, challenger);
        step.before = fought.champion;
        step.after = fought.challenger;
        if (fought.won) {
            step.to = challenger[gap];
            current_ = challenger;
            known_ = fought.challenger;
        }
    }
    result_.steps.push_back(step);
    return step.to != step.from;
}

// The current value first. Round 0: all of the range; later ones: a factor of at most 4, 2, ... around it.
std::vector<Amplifier::Contender> Amplifier::contenders(std::size_t gap, std::uint64_t round) const
{
    std::vector<Contender> contenders{{.value = current_[gap]}};
    auto low = std::max(least, gaps_[gap].low);
    auto high = std::max(low, gaps_[gap].high);
    if (round > 0 && current_[gap] >= low && current_[gap] <= high) {
        const auto reach = std::exp2(3.0 - static_cast<double>(round));
        low = std::max(low, scaled(current_[gap], 1 / reach));
        high = std::min(high, scaled(current_[gap], reach));
    }
    if (low >= high) {
        contenders.push_back({.value = low});
        return contenders;
    }
    auto random = random_stream(options_.seed, "amplification", gap, round);
    const auto eighth =
        std::pow(static_cast<double>(high.count()) / static_cast<double>(low.count()), 1.0 / candidates);
    for (int i = 0; i < candidates; ++i) {
        const auto from = scaled(low, std::pow(eighth, i));
        contenders.push_back({.value = std::min(high, draw_log_uniform(from, scaled(from, eighth), random))});
    }
    return contenders;
}

// Leaves the best one; false if the budget or the time ended before. Among equals the earlier one stays, so
// that the current value is not given up for nothing.
bool Amplifier::halve(std::size_t gap, std::vector<Contender>& contenders)
{
    for (auto plays = first_plays; contenders.size() > 1; plays *= 2) {
        for (auto& contender : contenders) {
            auto values = current_;
            values[gap] = contender.value;
            for (std::uint64_t i = 0; i < plays; ++i) {
                const auto failed = play(values);
                if (failed) contender.trials.add(*failed);
                if (!failed && budget_.used_up()) return false;
                if (!failed) break; // too many void ones: it is judged by what is known
            }
        }
        std::stable_sort(contenders.begin(), contenders.end(), [](const Contender& a, const Contender& b) {
            return a.trials.rate() > b.trials.rate();
        });
        contenders.resize((contenders.size() + 1) / 2);
    }
    return true;
}

Amplifier::Duel Amplifier::duel(const Values& champion, const Values& challenger)
{
    Duel duel;
    SequentialTest test{{.low = 0.5, .high = better_share, .alpha = options_.alpha, .beta = wrongly_lost}};
    while (!test.ended() && duel.champion.played + duel.challenger.played + 2 <= options_.most_duel_plays) {
        const auto one = play(champion);
        if (!one) return duel;
        const auto other = play(challenger);
        if (!other) return duel;
        duel.champion.add(*one);
        duel.challenger.add(*other);
        if (*one != *other) test.add(*other);
    }
    duel.won = test.decision() == SequentialTest::Decision::high;
    return duel;
}

} // namespace

Amplification amplify(const std::vector<GapRange>& gaps, const PlayGaps& play,
                      const AmplificationOptions& options)
{
    return Amplifier{gaps, play, options}.run();
}

} // namespace wsrace
