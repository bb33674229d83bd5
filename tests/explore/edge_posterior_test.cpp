#include "explore/edge_posterior.hpp"

#include "core/random.hpp"

#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>
#include <catch2/catch.hpp>

#include <cmath>

using namespace wsrace;

namespace {

Duration ms(double value) { return Duration{std::llround(value * 1e6)}; }
double in_ms(Duration value) { return static_cast<double>(value.count()) / 1e6; }

// Twelve probes in each of `boots` boots around an edge at 100 ms that jitters.
std::vector<EdgeEvidence> answers(std::uint32_t boots, double jitter, double wrong, std::uint64_t seed)
{
    auto random = random_stream(seed, "edge");
    boost::random::normal_distribution<double> normal{0, jitter};
    boost::random::uniform_real_distribution<double> uniform{0, 1};
    std::vector<EdgeEvidence> evidence;
    for (std::uint32_t boot = 0; boot < boots; ++boot) {
        const auto edge = 100 + normal(random);
        for (int i = 0; i < 12; ++i) {
            const auto at = 90 + 20 * uniform(random);
            const auto lies = uniform(random) < wrong;
            evidence.push_back({.at = ms(at), .before = (at < edge) != lies, .boot = boot});
        }
    }
    return evidence;
}

} // namespace

TEST_CASE("Without evidence the edge may be anywhere in its region", "[explore]")
{
    const auto edge = locate_edge({}, ms(0), ms(100));
    CHECK(in_ms(edge.median) == Approx(50).margin(0.5));
    CHECK(in_ms(edge.low) == Approx(2.5).margin(0.5));
    CHECK(in_ms(edge.high) == Approx(97.5).margin(0.5));
}

TEST_CASE("An edge lies between the probes on its sides, wrong answers or not", "[explore]")
{
    const auto exact = locate_edge(answers(20, 0, 0, 1), ms(50), ms(150));
    CHECK(in_ms(exact.median) == Approx(100).margin(0.3));
    CHECK(exact.high - exact.low < ms(1));
    CHECK(exact.jitter < ms(0.5));
    const auto noisy = locate_edge(answers(20, 0, 0.03, 2), ms(50), ms(150));
    CHECK(in_ms(noisy.median) == Approx(100).margin(0.5));
}

TEST_CASE("Jitter between boots widens the interval and is recognised", "[explore]")
{
    const auto steady = locate_edge(answers(20, 0.1, 0.01, 3), ms(50), ms(150));
    const auto jittery = locate_edge(answers(20, 4, 0.01, 3), ms(50), ms(150));
    CHECK(jittery.high - jittery.low > 3 * (steady.high - steady.low));
    CHECK(jittery.jitter > ms(2));
    CHECK(steady.jitter < ms(1));
}

TEST_CASE("Many probes of one boot do not hide that it is only one boot", "[explore]")
{
    std::vector<EdgeEvidence> evidence;
    for (int i = 0; i < 40; ++i) evidence.push_back({.at = ms(90 + 0.5 * i), .before = i < 20, .boot = 0});
    const auto edge = locate_edge(evidence, ms(50), ms(150));
    CHECK(edge.high - edge.low > ms(4)); // what this boot's own jitter was is not known
    CHECK(edge.low < ms(100));
    CHECK(edge.high > ms(99));
}

TEST_CASE("95 % intervals hold the edge in about 95 % of cases", "[explore]")
{
    constexpr int cases = 200;
    int held = 0;
    for (std::uint64_t seed = 0; seed < cases; ++seed) {
        const auto edge = locate_edge(answers(10, 1.5, 0.02, seed), ms(80), ms(120));
        held += edge.low <= ms(100) && ms(100) <= edge.high ? 1 : 0;
    }
    CHECK(held >= 178); // 12 below the mean of 190: four standard deviations
}

TEST_CASE("Quantiles are in order and invert the distribution", "[explore]")
{
    const auto edge = locate_edge(answers(5, 1, 0, 5), ms(50), ms(150));
    CHECK(edge.quantile(0.025) == edge.low);
    CHECK(edge.low <= edge.median);
    CHECK(edge.median <= edge.high);
}
