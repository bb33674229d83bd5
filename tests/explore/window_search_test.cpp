#include "core/draw.hpp"
#include "explore/synthetic_server.hpp"
#include "explore/window_search.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <string>

using namespace wsrace;
using namespace wsrace::test;

namespace {

// A sanitizer makes each ten times as long, and finds what it can find in a few.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__) || defined(__clang__)
constexpr std::uint64_t simulations = 20;
#else
constexpr std::uint64_t simulations = 200;
#endif
constexpr Duration tolerance = std::chrono::milliseconds{5};

Duration ms(double value) { return Duration{std::llround(value * 1e6)}; }

// A window of 5 ms to 2 s somewhere in 5 s: behind a 503 with Retry-After, or out of the blue.
SyntheticServer server_with_window(std::uint64_t seed)
{
    auto random = random_stream(seed, "window");
    const auto width = draw_log_uniform(ms(5), ms(2000), random);
    boost::random::uniform_real_distribution<double> uniform{0, 1};
    const auto from = ms(10 + uniform(random) * (4980 - static_cast<double>(width.count()) / 1e6));
    SyntheticServer server{.window = {{from, from + width}}, .outliers = 0.02};
    if (seed % 2 == 0) server.good_from = from;
    return server;
}

bool is_found(const SyntheticServer& server, const std::vector<ColdStartStretch>& windows)
{
    if (windows.size() != 1 || windows[0].outcome != server.in_window) return false;
    const auto& window = windows[0];
    return std::chrono::abs(window.from.at - server.window->first) <= tolerance &&
           std::chrono::abs(window.until.at - server.window->second) <= tolerance;
}

} // namespace

TEST_CASE("Windows of 5 ms to 2 s are found, both edges within 5 ms, in 40 boots", "[explore][simulation]")
{
    std::uint64_t found = 0;
    std::string missed;
    for (std::uint64_t seed = 0; seed < simulations; ++seed) {
        WindowSearchOptions options;
        options.seed = seed;
        const auto server = server_with_window(seed);
        const auto result = search_all(server, options);
        const auto good = is_found(server, result.windows);
        found += good ? 1 : 0;
        if (!good) missed += std::to_string(seed) + " ";
    }
    INFO("missed: " << missed);
    CHECK(found >= simulations * 95 / 100);
}

TEST_CASE("A clean server never shows a window, with 2 % outliers", "[explore][simulation]")
{
    for (std::uint64_t seed = 0; seed < simulations; ++seed) {
        SyntheticServer server{.outliers = 0.02};
        server.good_from = seed % 2 == 0 ? Duration{} : ms(800);
        WindowSearchOptions options;
        options.seed = seed;
        const auto result = search_all(server, options);
        INFO("seed " << seed);
        CHECK(result.windows.empty());
        CHECK(result.isolated_bad > 0); // they are counted, not forgotten
    }
}

TEST_CASE("A boot in which everybody fails is no window", "[explore]")
{
    WindowSearch search{{.until = ms(1000), .boots = 20, .seed = 4}};
    auto random = random_stream(4, "one bad boot");
    for (std::uint32_t number = 0; number < 12; ++number) {
        const SyntheticServer server{.window = number == 1 ? std::optional{std::pair{ms(0), ms(1001)}}
                                                           : std::nullopt};
        search.add(boot(server, search.next_boot(), number, random));
    }
    CHECK(search.windows().empty());
}

namespace {

// A window from 100 to 700 ms, and what is found when in the first boots users between 350 and 450 ms are
// served. In later ones nobody arrives there, as when a search looks elsewhere.
std::vector<ColdStartStretch> windows_with_a_gap(std::uint32_t boots_that_served)
{
    WindowSearch search{{.until = ms(1000), .boots = 20, .seed = 5}};
    auto random = random_stream(5, "a gap");
    const SyntheticServer server{.window = std::pair{ms(100), ms(700)}};
    const auto in_gap = [](const Probe& probe) { return probe.at > ms(350) && probe.at < ms(450); };
    for (std::uint32_t number = 0; number < 12; ++number) {
        auto probes = boot(server, search.next_boot(), number, random);
        if (number >= boots_that_served) std::erase_if(probes, in_gap);
        for (auto& probe : probes)
            if (in_gap(probe)) probe.outcome = ArrivalOutcome::good;
        search.add(probes);
    }
    return search.windows();
}

} // namespace

TEST_CASE("A gap in a window is one that three boots have", "[explore]")
{
    CHECK(windows_with_a_gap(2).size() == 1);
    CHECK(windows_with_a_gap(3).size() == 2);
    CHECK(windows_with_a_gap(12).size() == 2);
}

TEST_CASE("A window that begins with the anchor or does not end says so", "[explore]")
{
    const auto search = [](std::pair<Duration, Duration> window) {
        WindowSearchOptions options{.until = ms(1000), .boots = 40, .seed = 5};
        return search_all({.window = window}, options).windows;
    };
    const auto from_start = search({ms(-100), ms(300)});
    REQUIRE(from_start.size() == 1);
    CHECK_FALSE(from_start[0].from.measured);
    CHECK(from_start[0].from.at == ms(0));
    CHECK(from_start[0].until.measured);
    const auto to_end = search({ms(600), ms(5000)});
    REQUIRE(to_end.size() == 1);
    CHECK(to_end[0].from.measured);
    CHECK_FALSE(to_end[0].until.measured);
    CHECK(to_end[0].until.at == ms(1000));
}

TEST_CASE("The same seed asks for the same places, all of them in the range", "[explore]")
{
    const WindowSearchOptions options{.from = ms(100), .until = ms(900), .boots = 10, .seed = 6};
    WindowSearch one{options}, same{options};
    const auto places = one.next_boot();
    CHECK(places == same.next_boot());
    CHECK(places.size() >= 40);
    CHECK(std::is_sorted(places.begin(), places.end()));
    CHECK(places.front() >= ms(100));
    CHECK(places.back() <= ms(900));
}

TEST_CASE("Failures that were not tried again yet are not explained", "[explore]")
{
    WindowSearch search{{.until = ms(1000), .boots = 20, .seed = 8}};
    auto random = random_stream(8, "unexplained");
    CHECK_FALSE(search.filled());
    search.add(boot({.window = {{ms(500), ms(520)}}}, search.next_boot(), 0, random));
    CHECK(search.unexplained());
    CHECK(search.windows().empty());
    for (std::uint32_t number = 1; number < 12; ++number)
        search.add(boot({}, search.next_boot(), number, random));
    CHECK_FALSE(search.unexplained()); // it never happened again
    CHECK(search.filled());
}

TEST_CASE("A range whose users had no outcome is not filled, however many were placed in it", "[explore]")
{
    WindowSearch search{{.until = ms(1000), .boots = 40, .seed = 9}};
    auto random = random_stream(9, "cut off");
    const auto play = [&](std::uint32_t number, bool all) {
        auto probes = boot({}, search.next_boot(), number, random);
        if (!all) std::erase_if(probes, [](const Probe& probe) { return probe.at > ms(400); });
        search.add(probes);
    };
    for (std::uint32_t number = 0; number < 60; ++number) play(number, false);
    CHECK_FALSE(search.filled());
    CHECK_FALSE(search.nothing_left());
    for (std::uint32_t number = 60; number < 75; ++number) play(number, true);
    CHECK(search.filled()); // the holes were tried again
    CHECK(search.nothing_left());
}

TEST_CASE("A boot that failed has filled nothing", "[explore]")
{
    WindowSearch search{{.until = ms(1000), .boots = 4, .seed = 10}};
    for (int number = 0; number < 4; ++number) search.next_boot();
    CHECK_FALSE(search.filled());
}

TEST_CASE("The duration of a login lies in no edge, whichever attempts decided", "[explore]")
{
    for (const auto takes : {ms(0), ms(60)}) {
        // Told at the login to come back; let in, and failed by the connection; then served.
        WindowSearch search{{.until = ms(1200), .boots = 40, .seed = 11}};
        std::uint32_t number = 0;
        for (; number < 40 && !search.nothing_left(); ++number) {
            std::vector<Probe> probes;
            for (const auto arrival : search.next_boot()) {
                Probe probe{.at = arrival, .login = arrival, .boot = number};
                probe.at_login = arrival < ms(316);
                if (probe.at_login) probe.outcome = ArrivalOutcome::retry_later;
                if (!probe.at_login) probe.at += takes;
                if (!probe.at_login && probe.at < ms(800)) probe.outcome = ArrivalOutcome::internal_error;
                probes.push_back(probe);
            }
            search.add(probes);
        }
        INFO("logins of " << takes.count() / 1'000'000 << " ms, " << number << " boots");
        CHECK(search.nothing_left());
        REQUIRE(search.windows().size() == 1);
        CHECK(std::chrono::abs(search.windows()[0].from.at - ms(316)) < ms(2));
        CHECK(std::chrono::abs(search.windows()[0].until.at - ms(800)) < ms(2));
    }
}

TEST_CASE("A window of refused logins between served users is where the logins are refused", "[explore]")
{
    WindowSearch search{{.until = ms(1200), .boots = 40, .seed = 12}};
    for (std::uint32_t number = 0; number < 30; ++number) {
        std::vector<Probe> probes;
        for (const auto arrival : search.next_boot()) {
            Probe probe{.at = arrival, .login = arrival, .boot = number};
            probe.at_login = arrival >= ms(400) && arrival < ms(600);
            if (probe.at_login) probe.outcome = ArrivalOutcome::unavailable;
            if (!probe.at_login) probe.at += ms(60);
            probes.push_back(probe);
        }
        search.add(probes);
    }
    REQUIRE(search.windows().size() == 1);
    CHECK(std::chrono::abs(search.windows()[0].from.at - ms(400)) < ms(3));
    CHECK(std::chrono::abs(search.windows()[0].until.at - ms(600)) < ms(3));
}

TEST_CASE("A search ends by itself once nothing is left to find out", "[explore]")
{
    WindowSearchOptions options;
    options.seed = 7;
    const auto clean = search_all({}, options);
    CHECK(clean.boots < 20);
    CHECK(clean.isolated_bad == 0);
    const auto with_window = search_all({.window = {{ms(1000), ms(1500)}}}, options);
    CHECK(with_window.boots < 30);
    CHECK(with_window.windows.size() == 1);
}

TEST_CASE("Users who fail in two ways in turns make one window, of the way that is more frequent",
          "[explore]")
{
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        WindowSearchOptions options{.until = ms(2000), .boots = 40, .seed = seed};
        const SyntheticServer server{.window = {{ms(700), ms(1000)}}, .or_else = ArrivalOutcome::reset};
        const auto windows = search_all(server, options).windows;
        INFO("seed " << seed);
        REQUIRE(windows.size() == 1);
        CHECK(std::chrono::abs(windows[0].from.at - ms(700)) < tolerance);
        CHECK(std::chrono::abs(windows[0].until.at - ms(1000)) < tolerance);
    }
}

TEST_CASE("A stretch in which most users fail, but not all, is a window", "[explore]")
{
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        WindowSearchOptions options{.until = ms(2000), .boots = 40, .seed = seed};
        const SyntheticServer server{.window = {{ms(700), ms(1000)}}, .failing = 0.8};
        const auto windows = search_all(server, options).windows;
        INFO("seed " << seed);
        REQUIRE(windows.size() == 1);
        CHECK(std::chrono::abs(windows[0].from.at - ms(700)) < tolerance);
        CHECK(std::chrono::abs(windows[0].until.at - ms(1000)) < tolerance);
    }
}
