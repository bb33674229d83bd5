// What `wsrace selftest` can draw from.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace wsrace::cli {

// A seeded bug of the reference server and a shipped scenario that promises to catch it
// (scenarios/README.md).
struct SelfTestCase {
    std::string_view bug;
    std::string_view scenario;
};

// Those that show within a few seconds.
std::span<const SelfTestCase> selftest_cases();

// So many of them, or all, each at most once; the same ones for the same seed.
std::vector<SelfTestCase> draw_selftest_cases(std::uint64_t seed, std::size_t count);

} // namespace wsrace::cli
