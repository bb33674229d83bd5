#include "explore/interleaving_coverage.hpp"

#include "core/random.hpp"
#include "support/history_builder.hpp"
#include "support/random_history.hpp"

#include <catch2/catch.hpp>

#include <boost/random/uniform_int_distribution.hpp>

#include <algorithm>
#include <array>
#include <set>

using namespace wsrace;
using namespace wsrace::test;

namespace {

constexpr auto other = Relation::other_user;
constexpr auto same = Relation::same_user;

bool hit(const Interleavings& found, const StepPair& pair, std::size_t bucket)
{
    return std::binary_search(found.cells.begin(), found.cells.end(), cell_number(pair, bucket));
}

bool feasible(const Interleavings& found, const StepPair& pair)
{
    return std::binary_search(found.pairs.begin(), found.pairs.end(), pair_number(pair));
}

std::size_t cells_of_relation(const Interleavings& found, Relation relation)
{
    return static_cast<std::size_t>(
        std::count_if(found.cells.begin(), found.cells.end(), [=](std::uint16_t cell) {
            return pair_of(static_cast<std::uint16_t>(cell / gap_buckets)).relation == relation;
        }));
}

// Steps that are a type of their own whatever came before.
constexpr std::array<std::pair<StepKind, StepType>, 5> plain{{{StepKind::ping_sent, StepType::ping},
                                                              {StepKind::stop_sent, StepType::stop},
                                                              {StepKind::close_sent, StepType::close},
                                                              {StepKind::upgrade_sent, StepType::upgrade},
                                                              {StepKind::request_sent, StepType::request}}};

// Every step of every connection with every other, as the definition says it.
std::set<std::uint16_t> by_definition(const History& history)
{
    const auto type_of = [](const Event& event) {
        return std::find_if(plain.begin(), plain.end(),
                            [&](const auto& one) { return event.is_step(one.first); })
            ->second;
    };
    std::set<std::uint16_t> cells;
    for (std::size_t j = 0; j < history.events.size(); ++j)
        for (std::size_t i = 0; i < j; ++i) {
            const Event& a = history.events[i];
            const Event& b = history.events[j];
            const auto bucket = gap_bucket(b.at - a.at);
            if (!bucket || a.connection() == b.connection()) continue;
            const auto relation = a.user == b.user ? same : other;
            cells.insert(cell_number({relation, type_of(a), type_of(b)}, *bucket));
        }
    return cells;
}

History scattered(RandomEngine& random, int events, int users, std::int64_t microseconds)
{
    const auto below = [&random](std::int64_t most) {
        return boost::random::uniform_int_distribution<std::int64_t>{0, most - 1}(random);
    };
    History history;
    for (int i = 0; i < events; ++i) {
        Event event;
        event.at = std::chrono::microseconds{below(microseconds) / 50 * 50}; // many at the same time
        event.user = static_cast<std::uint32_t>(below(users));
        event.slot = static_cast<std::uint16_t>(below(2));
        event.incarnation = static_cast<std::uint16_t>(below(2));
        event.type = static_cast<std::uint8_t>(plain[static_cast<std::size_t>(below(plain.size()))].first);
        history.events.push_back(event);
    }
    std::stable_sort(history.events.begin(), history.events.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
    return history;
}

} // namespace

TEST_CASE("A pair's cell has the order and the gap of two steps of different users", "[explore]")
{
    HistoryBuilder history;
    history.user(0).at(100).step(StepKind::close_sent);
    history.user(1).at(105).request(0);
    const auto found = cells_of(history.build());
    CHECK(found.cells ==
          std::vector<std::uint16_t>{cell_number({other, StepType::close, StepType::request}, 4)});
    CHECK(feasible(found, {other, StepType::close, StepType::request}));
    CHECK(feasible(found, {other, StepType::request, StepType::close}));
    CHECK(!feasible(found, {other, StepType::close, StepType::close}));
    CHECK(found.pairs.size() == 2);
}

TEST_CASE("Steps of one connection are no interleaving, those of two connections of a user are one",
          "[explore]")
{
    HistoryBuilder alone;
    alone.user(0).opens().run(0).closes();
    CHECK(cells_of(alone.build()).cells.empty());
    CHECK(cells_of(alone.build()).pairs.empty());

    HistoryBuilder tabs;
    tabs.user(0, 0).at(10).request(0);
    tabs.user(0, 1).at(12).step(StepKind::close_sent);
    const auto found = cells_of(tabs.build());
    CHECK(hit(found, {same, StepType::request, StepType::close}, 3));
    CHECK(cells_of_relation(found, other) == 0);
    CHECK(found.cells.size() == 1);
}

TEST_CASE("A slot that was open before is reopened; one that was refused is not", "[explore]")
{
    HistoryBuilder history;
    history.user(0).opens().closes();
    history.user(0, 0, 1).at(30).opens();
    const auto found = cells_of(history.build());
    CHECK(hit(found, {same, StepType::close, StepType::reopened}, 5));
    CHECK(hit(found, {same, StepType::ended, StepType::reopened}, 5));
    CHECK(!feasible(found, {same, StepType::close, StepType::connect}));

    HistoryBuilder refused;
    refused.user(0).refused(503, "1");
    refused.user(0, 0, 1).at(30).opens();
    const auto retried = cells_of(refused.build());
    CHECK(feasible(retried, {same, StepType::answered, StepType::connect}));
    CHECK(!feasible(retried, {same, StepType::answered, StepType::reopened}));
}

TEST_CASE("Of a run the first, the later and the terminal events are told apart, with and without canaries",
          "[explore]")
{
    HistoryBuilder history;
    history.user(0).at(100).step(StepKind::ping_sent);
    history.user(1).at(101).run(0);
    const auto found = cells_of(history.build());
    CHECK(hit(found, {other, StepType::ping, StepType::request}, 3));
    CHECK(hit(found, {other, StepType::ping, StepType::first_event}, 3));
    CHECK(hit(found, {other, StepType::ping, StepType::later_event}, 4));
    CHECK(!hit(found, {other, StepType::ping, StepType::first_event}, 4));
    CHECK(hit(found, {other, StepType::ping, StepType::terminal_event}, 4));

    HistoryBuilder bare;
    bare.user(0).at(100).step(StepKind::ping_sent);
    bare.user(1).at(101).request(0).bare(FrameType::agent_started).at(140).bare(FrameType::agent_thinking);
    const auto told = cells_of(bare.build());
    CHECK(hit(told, {other, StepType::ping, StepType::first_event}, 3));
    CHECK(hit(told, {other, StepType::ping, StepType::later_event}, 6));
    CHECK(!hit(told, {other, StepType::ping, StepType::first_event}, 6));
}

TEST_CASE("What never reached the target is no step", "[explore]")
{
    HistoryBuilder history;
    history.user(0).at(100).step(StepKind::tcp_connect, Outcome::refused);
    history.user(0, 1).at(100).step(StepKind::request_sent, Outcome::closed);
    history.user(1).at(101).step(StepKind::ping_sent);
    CHECK(cells_of(history.build()).cells.empty());
}

TEST_CASE("The target's life has pairs with every connection, in the order that took place", "[explore]")
{
    HistoryBuilder history;
    history.life_cycle(10, LifeCycle::spawned);
    history.life_cycle(50, LifeCycle::port_open);
    history.life_cycle(2000, LifeCycle::ready);
    history.user(0).at(52).step(StepKind::tcp_connect);
    const auto found = cells_of(history.build());
    constexpr auto target = Relation::target;
    CHECK(hit(found, {target, StepType::spawned, StepType::connect}, 6));
    CHECK(hit(found, {target, StepType::port_open, StepType::connect}, 3));
    CHECK(!hit(found, {target, StepType::connect, StepType::port_open}, 3));
    CHECK(!feasible(found, {target, StepType::connect, StepType::spawned}));
    CHECK(feasible(found, {target, StepType::connect, StepType::ready})); // however far apart
    CHECK(found.cells.size() == 2);
}

TEST_CASE("Beyond 300 ms a pair is feasible and no cell is hit", "[explore]")
{
    HistoryBuilder history;
    history.user(0).at(100).step(StepKind::close_sent);
    history.user(1).at(400).step(StepKind::ping_sent);
    const auto found = cells_of(history.build());
    CHECK(found.cells.empty());
    CHECK(feasible(found, {other, StepType::close, StepType::ping}));
}

TEST_CASE("The sliding windows find what comparing everything with everything finds", "[explore]")
{
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        auto random = random_stream(seed, "scattered");
        const auto history =
            scattered(random, 60, 1 + static_cast<int>(seed % 4), seed % 2 == 0 ? 3'000 : 900'000);
        const auto expected = by_definition(history);
        const auto found = cells_of(history);
        CAPTURE(seed);
        REQUIRE(std::set<std::uint16_t>(found.cells.begin(), found.cells.end()) == expected);
        REQUIRE(std::is_sorted(found.cells.begin(), found.cells.end()));
        for (const auto cell : expected)
            REQUIRE(std::binary_search(found.pairs.begin(), found.pairs.end(), cell / gap_buckets));
    }
}

TEST_CASE("Cells of random conversations are the same whatever the users' numbers are", "[explore]")
{
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        auto random = random_stream(seed, "valid history");
        auto history = random_history(random);
        const auto found = cells_of(history);
        for (Event& event : history.events)
            if (event.user != no_user) event.user = 1000 - event.user;
        const auto again = cells_of(history);
        REQUIRE(again.cells == found.cells);
        REQUIRE(again.pairs == found.pairs);
    }
}

TEST_CASE("A hundred thousand steps within one window are no more work each than a few", "[explore]")
{
    auto random = random_stream(1, "dense");
    const auto history = scattered(random, 100'000, 5000, 250'000);
    // Comparing each with all that came within 300 ms would be 5 000 000 000 comparisons.
    const auto found = cells_of(history);
    CHECK(cells_of_relation(found, other) == plain.size() * plain.size() * gap_buckets);
}
