#include "run/step_board.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <thread>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

PlannedMoment close_of(std::uint32_t user)
{
    const Moment close{.kind = Moment::Kind::step, .action = Action::close, .event = 0};
    return {.user = UserId{user}, .slot = 0, .step = 4, .moment = close};
}

PlannedMoment connect_of(std::uint32_t user)
{
    return {.user = UserId{user}, .slot = 0, .step = 0, .moment = {}};
}

// Users 1, 2, ... wait for user 0's close.
Plan all_after_the_first(std::uint32_t users)
{
    Plan plan;
    for (std::uint32_t user = 0; user < users; ++user)
        plan.users.push_back({.id = UserId{user}, .arrival = {}, .carrier = {}, .delays = {}});
    for (std::uint32_t user = 1; user < users; ++user)
        plan.constraints.push_back(
            {.number = 0, .gap = {}, .within = {}, .step = connect_of(user), .after = close_of(0)});
    return plan;
}

struct Told final : StepBoard::Listener {
    void told() override { ++times; }
    int times = 0;
};

} // namespace

TEST_CASE("What many wait for is watched once, and all of them are told", "[gates]")
{
    StepBoard board{all_after_the_first(4), 1};
    asio::io_context io;
    board.attach(0, io.get_executor());
    REQUIRE(board.watch_count() == 1);
    CHECK(board.moment(0) == close_of(0));
    std::array<Told, 2> listeners;
    board.listen(0, &listeners[0]);
    board.listen(1, &listeners[1]);
    CHECK_FALSE(board.awaited_by(0).known);

    const auto at = Clock::now();
    board.post(0, at);
    CHECK(listeners[0].times == 0); // by a message, not in the middle of somebody else's step
    io.run();
    CHECK(listeners[0].times == 1);
    CHECK(listeners[1].times == 1);
    for (const std::size_t constraint : {0, 1, 2}) {
        CHECK(board.awaited_by(constraint).known);
        CHECK(board.awaited_by(constraint).at == at);
    }
}

TEST_CASE("The first word counts, that something never happens, too", "[gates]")
{
    StepBoard board{all_after_the_first(2), 1};
    asio::io_context io;
    board.attach(0, io.get_executor());
    SECTION("never")
    {
        board.post_never(0);
        board.post(0, Clock::now());
        CHECK(board.awaited_by(0).known);
        CHECK_FALSE(board.awaited_by(0).at);
    }
    SECTION("it happened")
    {
        const auto at = Clock::now();
        board.post(0, at);
        board.post(0, at + 1s);
        board.post_never(0);
        CHECK(board.awaited_by(0).at == at);
    }
}

TEST_CASE("Who has stopped listening is not told", "[gates]")
{
    StepBoard board{all_after_the_first(2), 1};
    asio::io_context io;
    board.attach(0, io.get_executor());
    Told listener;
    board.listen(0, &listener);
    board.post(0, Clock::now());
    board.listen(0, nullptr);
    io.run();
    CHECK(listener.times == 0);
}

TEST_CASE("A user's worker is told, whatever numbers users have", "[gates]")
{
    Plan plan;
    for (const std::uint32_t user : {1, 5, 6})
        plan.users.push_back({.id = UserId{user}, .arrival = {}, .carrier = {}, .delays = {}});
    plan.constraints.push_back(
        {.number = 0, .gap = {}, .within = {}, .step = connect_of(5), .after = close_of(1)});
    StepBoard board{plan, 2};
    std::array<asio::io_context, 2> ios;
    for (std::size_t worker = 0; worker < 2; ++worker) board.attach(worker, ios[worker].get_executor());
    Told listener;
    board.listen(0, &listener);
    board.post(0, Clock::now());
    CHECK(ios[0].run() == 0);
    CHECK(ios[1].run() == 1); // the second of the plan's users is the second worker's
    CHECK(listener.times == 1);
}

TEST_CASE("Between threads no word is lost: it is on the board, or its message comes", "[gates]")
{
    constexpr int rounds = 300;
    for (int round = 0; round < rounds; ++round) {
        StepBoard board{all_after_the_first(2), 2};
        std::array<asio::io_context, 2> ios;
        for (std::size_t worker = 0; worker < 2; ++worker) board.attach(worker, ios[worker].get_executor());
        Told listener;
        const std::jthread other{[&board] { board.post(0, Clock::now()); }};
        board.listen(0, &listener); // user 1 is the second worker's, which is this thread
        const auto work = asio::make_work_guard(ios[1]);
        if (!board.awaited_by(0).known) ios[1].run_one();
        CHECK(board.awaited_by(0).known);
    }
}
