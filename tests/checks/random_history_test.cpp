#include "support/judging.hpp"
#include "support/random_history.hpp"
#include "support/violation_kinds.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace wsrace;
using namespace wsrace::test;

namespace {

std::vector<Mistake> all_mistakes()
{
    std::vector<Mistake> all;
    for (const auto& some : {run_mistakes(), liveness_mistakes(), identity_mistakes(), connection_mistakes(),
                             refusal_mistakes(), access_mistakes(), target_mistakes()})
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

} // namespace

TEST_CASE("A single mistake in a random history is found, by its kind, and nothing else is", "[random]")
{
    for (const Mistake& mistake : all_mistakes()) {
        int planted = 0;
        for (std::uint64_t seed = 0; seed < 60 && planted < 12; ++seed) {
            auto random = random_stream(seed, mistake.name);
            auto history = random_history(random, mistake.setting);
            if (!mistake.plant(history, random)) continue;
            ++planted;
            CAPTURE(mistake.name, seed);
            const auto found = kinds_found(history, random_expectations(mistake.setting));
            CHECK(found == mistake.found);
            if (found != mistake.found) break;
        }
        CAPTURE(mistake.name);
        CHECK(planted >= 5);
    }
}

TEST_CASE("Every check is clean on random histories of a target that does everything right", "[random]")
{
    const auto setting = GENERATE(Setting::ordinary, Setting::strict);
    std::map<std::string, int> passed;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        auto random = random_stream(seed, "valid history");
        const auto history = random_history(random, setting);
        const auto verdict = judge(random_expectations(setting), history);
        for (const auto& check : verdict.checks) {
            const auto message = check.violations.empty() ? check.reason : check.violations[0].message;
            CAPTURE(seed, check.id, message);
            REQUIRE((check.verdict == Verdict::pass || check.verdict == Verdict::skipped));
            if (check.verdict == Verdict::pass) ++passed[check.id];
        }
    }
    for (const CheckEntry& entry : check_table()) {
        CAPTURE(entry.id);
        CHECK(passed[std::string{entry.id}] >= 30); // not skipped: there was something to judge
    }
}

TEST_CASE("Every check has kinds of violations, and every kind a mistake that is planted", "[random]")
{
    std::set<std::string> planted;
    for (const Mistake& mistake : all_mistakes()) planted.insert(mistake.found.begin(), mistake.found.end());
    std::set<std::string> checks;
    for (const auto kind : violation_kinds()) {
        CAPTURE(kind);
        CHECK(planted.erase(std::string{kind}) == 1);
        checks.emplace(kind.substr(0, kind.find(':')));
    }
    CHECK(planted.empty()); // an expectation that is no kind
    for (const CheckEntry& entry : check_table()) {
        CAPTURE(entry.id);
        CHECK(checks.contains(std::string{entry.id}));
    }
}
