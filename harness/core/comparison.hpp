// Whether executions of a scenario are worse than others of it. Shapes only: run_store/ fills them, reports/
// write them.
#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

struct ComparisonSettings {
    double alpha = 0.01; // probability of any regression being found where there is none
    double a12 = 0.64;   // effects below these two are no regression: medium ones, see two_samples.hpp
    double odds_ratio = 3.47;
};

enum class Standing : std::uint8_t {
    same,          // no difference beyond chance
    worse,         //
    better,        //
    small,         // beyond chance, but less than the effect that counts
    within_spread, // beyond chance in numbers, but executions of the base differ as much among themselves
    too_few,       // with so few samples a difference that counts would most likely not be noticed
};
std::string_view name(Standing standing);

struct ComparedSide {
    std::uint64_t failed = 0; // not of latencies
    std::uint64_t trials = 0; // or samples
    Duration p50{}, p99{};    // of latencies
};

struct ComparedRow {
    enum class Kind : std::uint8_t {
        latency,   // effect: A12
        tail,      // share of the slowest samples of both sides together; effect: odds ratio
        rate,      // of what failed within executions; effect: odds ratio
        execution, // of executions that failed; effect: odds ratio
        signature, // of executions that met it; effect: odds ratio
    } kind = Kind::latency;
    std::string id;
    ComparedSide base, fresh;
    double effect = 0;
    double p_worse = 1, p_better = 1; // one-sided, before the correction for several tests
    std::optional<double> limit;      // of the spread: an A12, or a rate, that one more execution of the base
                                      // would hardly exceed
    bool counts = true;               // false: of the harness itself
    Standing standing = Standing::same;
};
std::string_view name(ComparedRow::Kind kind);

struct Comparison {
    enum class Outcome : std::uint8_t {
        no_regression,
        regression,
        inconclusive
    } outcome = Outcome::inconclusive;
    std::string scenario;
    std::string base, fresh;                   // what they are: "out/a (run 7hq5bnw3, 2026-01-01T00:00:00Z)"
    std::size_t base_runs = 0, fresh_runs = 0; // executions that passed or failed
    ComparisonSettings settings;
    std::vector<ComparedRow> rows;
    std::vector<std::string> appeared, gone; // signatures
    std::vector<std::string> notes;          // what to bear in mind
    std::string summary;                     // one sentence
};
std::string_view name(Comparison::Outcome outcome);

// 0 no regression, 1 regression, 3 inconclusive.
int exit_status(Comparison::Outcome outcome);

} // namespace wsrace
