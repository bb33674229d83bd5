#include "explore/fixed_test.hpp"

#include "explore/rate_posterior.hpp"
#include "explore/repeats.hpp"

#include <fmt/format.h>

#include <cmath>
#include <vector>

namespace wsrace {

namespace {

constexpr std::size_t parts = 400; // of the posterior: the rates that are least likely weigh most
constexpr std::uint64_t most_runs = std::uint64_t{1} << 40U;

// The chance of so many clean runs in a row if the rate is a share of the old one.
double chance_of_clean(const std::vector<double>& old_rates, double reduced_by, std::uint64_t runs)
{
    double sum = 0;
    for (const auto rate : old_rates)
        sum += std::exp(static_cast<double>(runs) * std::log1p(-rate / reduced_by));
    return sum / static_cast<double>(old_rates.size());
}

std::uint64_t fewest_clean_runs(const Trials& before, double confidence, double reduced_by)
{
    const auto rates = RatePosterior{before}.sample(parts);
    const auto suffices = [&](std::uint64_t runs) {
        return chance_of_clean(rates, reduced_by, runs) <= 1 - confidence;
    };
    std::uint64_t enough = 1;
    while (enough < most_runs && !suffices(enough)) enough *= 2;
    auto too_few = enough / 2;
    while (enough - too_few > 1) {
        const auto middle = too_few + (enough - too_few) / 2;
        (suffices(middle) ? enough : too_few) = middle;
    }
    return enough;
}

std::string runs(std::uint64_t count) { return fmt::format("{} run{}", count, count == 1 ? "" : "s"); }

} // namespace

FixedTest::FixedTest(const Trials& before, double confidence, double reduced_by)
    : before_{before}, confidence_{confidence}, reduced_by_{reduced_by}
{
    if (before.failed > 0) clean_runs_ = fewest_clean_runs(before, confidence, reduced_by);
}

void FixedTest::add(Played run)
{
    if (run == Played::voided) {
        ++voided_;
    } else {
        now_.add(run == Played::failed);
    }
}

FixedAnswer FixedTest::answer() const
{
    if (now_.failed > 0) return FixedAnswer::still_there;
    return clean_runs_ && now_.played >= *clean_runs_ ? FixedAnswer::fixed : FixedAnswer::undecided;
}

std::uint64_t FixedTest::runs_left() const
{
    return answer() == FixedAnswer::undecided && clean_runs_ ? *clean_runs_ - now_.played : 0;
}

double FixedTest::expected_runs(double rate) const
{
    if (!clean_runs_) return rate > 0 ? 1 / rate : INFINITY;
    const auto most = static_cast<double>(*clean_runs_);
    if (rate <= 0) return most;
    return rate >= 1 ? 1 : -std::expm1(most * std::log1p(-rate)) / rate;
}

std::string FixedTest::statement() const
{
    const auto before = fmt::format("{} in {} before", before_.failed, runs(before_.played));
    const auto bound = bound_without_failure(now_.played, confidence_);
    switch (answer()) {
    case FixedAnswer::still_there:
        return fmt::format("still there: {} in {} ({})", now_.failed, runs(now_.played), before);
    case FixedAnswer::fixed:
        return fmt::format(
            "fixed at {}: no failure in {}, so less than 1/{:g} of the old rate ({}); now below {}",
            format_rate(confidence_), runs(now_.played), reduced_by_, before, format_rate(bound));
    case FixedAnswer::undecided: break;
    }
    if (!clean_runs_)
        return fmt::format("not known: no failure in {}, but the plan did not fail before either ({})",
                           runs(now_.played), before);
    return fmt::format("no failure in {} ({}): {} more without one say \"fixed\" at {}", runs(now_.played),
                       before, runs(runs_left()), format_rate(confidence_));
}

} // namespace wsrace
