#include "support/judging.hpp"
#include "support/random_history.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;

TEST_CASE("Every check is clean on random histories of a target that does everything right")
{
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        auto random = random_stream(seed, "valid history");
        const auto history = random_history(random);
        const auto verdict = judge(random_expectations(), history);
        for (const auto& check : verdict.checks) {
            const auto message = check.violations.empty() ? check.reason : check.violations[0].message;
            CAPTURE(seed, check.id, message);
            REQUIRE((check.verdict == Verdict::pass || check.verdict == Verdict::skipped));
        }
    }
}

TEST_CASE("A single mistake in a random history is found by exactly the right checks")
{
    const auto all = GENERATE(&mistakes, &access_mistakes);
    for (const Mistake& mistake : all()) {
        int planted = 0;
        for (std::uint64_t seed = 0; seed < 25; ++seed) {
            auto random = random_stream(seed, mistake.name);
            auto history = random_history(random);
            if (!mistake.plant(history, random)) continue;
            ++planted;
            CAPTURE(mistake.name, seed);
            REQUIRE(failing(history, random_expectations()) == mistake.found_by);
        }
        CAPTURE(mistake.name);
        REQUIRE(planted >= 5);
    }
}
