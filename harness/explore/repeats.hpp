// How many executions it takes to see a failure, and what it means to have seen none.
#pragma once

#include "core/statistics.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wsrace {

// The fewest executions of which at least one fails with this confidence: ln(1 - confidence) / ln(1 - rate),
// rounded up. None for a rate of 0: no number suffices.
std::optional<std::uint64_t> repeats_for(double rate, double confidence = 0.95);

// The same for a rate that is known by its interval: for the lower bound, so that the number suffices for
// every rate in it.
std::optional<std::uint64_t> repeats_for(const Interval& rate, double confidence = 0.95);

// No failure in so many executions: the rate is below this at this confidence. Clopper and Pearson's exact
// one-sided bound (1934), 1 - (1 - confidence)^(1 / executions); 1 without executions. At 95 % it is just
// below 3 / executions, the "rule of three" (Hanley, Lippman-Hand 1983), since -ln(0.05) is 2.9957.
double bound_without_failure(std::uint64_t executions, double confidence = 0.95);

// "one of 6 executions fails with 95 % confidence", "... of 1 execution ...", or that no number is known.
std::string repeats_statement(const Interval& rate);

// What a hunt without findings may say, and no more: "no failure in 1200 executions of portfolio P: rate
// below 3/1200 = 0.25 % at 95 % on this machine". `portfolio` names what was played.
std::string passing_statement(std::uint64_t executions, std::string_view portfolio);

// "42 %", "0.25 %", "0.0031 %": two significant digits, but whole per cent from ten on; for reports.
std::string format_rate(double rate);

} // namespace wsrace
