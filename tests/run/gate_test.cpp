#include "run/gate.hpp"

#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

#include <thread>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

// A worker as a gate sees it.
struct Station {
    explicit Station(const std::filesystem::path& file)
        : deadlines{io.get_executor()}, recorder{HistoryWriter{file, RunInfo{}}, Clock::now()}
    {}

    asio::io_context io{1};
    DeadlineQueue deadlines;
    Recorder recorder;
};

struct Waiting final : Gate::Seat {
    void go(Clock::time_point at) override
    {
        opened = at;
        went = Clock::now();
    }
    void gone() override { was_told = true; }

    Clock::time_point opened{};
    Clock::time_point went{};
    bool was_told = false;
};

PlannedGate gate_of(std::size_t members, Duration within)
{
    return {.number = 3, .group = 1, .within = within, .members = std::vector<PlannedMoment>(members)};
}

struct Fixture {
    explicit Fixture(std::size_t members, Duration within = 1h, std::size_t workers = 1)
        : planned{gate_of(members, within)}, gate{planned, workers}
    {
        for (std::size_t worker = 0; worker < workers; ++worker) {
            stations.push_back(
                std::make_unique<Station>(folder.path() / ("history." + std::to_string(worker))));
            gate.attach(worker, stations[worker]->deadlines, stations[worker]->recorder);
        }
    }

    Station& only() { return *stations[0]; }

    History history()
    {
        for (auto& station : stations) station->recorder.writer().complete();
        return read_history(folder.path());
    }

    TemporaryFolder folder;
    PlannedGate planned;
    std::vector<std::unique_ptr<Station>> stations;
    Gate gate;
};

} // namespace

TEST_CASE("Whoever comes last lets everybody go, and nobody goes before", "[gates]")
{
    Fixture fixture{3};
    std::array<Waiting, 3> seats;
    for (auto& seat : seats) {
        for (const auto& other : seats) CHECK_FALSE(other.was_told);
        CHECK(fixture.gate.arrive(seat, 0));
        fixture.only().io.poll();
    }
    for (const auto& seat : seats) {
        CHECK(seat.was_told);
        CHECK(seat.opened == fixture.gate.opened());
        CHECK(seat.went >= seat.opened);
    }
    fixture.only().deadlines.shut_down();
    const auto history = fixture.history();
    REQUIRE(history.events.size() == 1);
    CHECK(history.events[0].gate() == GateStep::opened);
    CHECK(history.events[0].value == 0);
    CHECK(history.events[0].request == 3);
    CHECK(history.text(history.events[0].item) == "1");
}

TEST_CASE("When time is up those who are there go, and who comes later is told that it is open", "[gates]")
{
    Fixture fixture{3, 20ms};
    std::array<Waiting, 3> seats;
    CHECK(fixture.gate.arrive(seats[0], 0));
    CHECK(fixture.gate.arrive(seats[1], 0));
    const auto begin = Clock::now();
    while (!seats[0].was_told) fixture.only().io.run_one();
    CHECK(seats[1].was_told);
    CHECK(seats[0].went - begin > 15ms);
    CHECK_FALSE(fixture.gate.arrive(seats[2], 0));
    const auto history = fixture.history();
    REQUIRE(history.events.size() == 1);
    CHECK(history.events[0].value == 1);
}

TEST_CASE("Nobody waits for those who have left, before or after others came", "[gates]")
{
    Fixture fixture{4};
    std::array<Waiting, 2> seats;
    fixture.gate.leave(0);
    CHECK(fixture.gate.arrive(seats[0], 0));
    CHECK(fixture.gate.arrive(seats[1], 0));
    fixture.only().io.poll();
    CHECK_FALSE(seats[0].was_told);
    fixture.gate.leave(0);
    fixture.only().io.poll();
    CHECK(seats[0].was_told);
    CHECK(seats[1].was_told);
    CHECK(fixture.history().events.at(0).value == 0);
}

TEST_CASE("A seat that is given up is not let go", "[gates]")
{
    Fixture fixture{2};
    Waiting there;
    {
        Waiting given_up;
        CHECK(fixture.gate.arrive(given_up, 0));
    }
    CHECK(fixture.gate.arrive(there, 0));
    fixture.only().io.poll();
    CHECK(there.was_told);
}

TEST_CASE("Workers on threads of their own let their connections go at one opening", "[gates]")
{
    constexpr std::size_t workers = 4;
    constexpr std::size_t each = 50;
    Fixture fixture{workers * each, 1h, workers};
    std::vector<std::array<Waiting, each>> seats(workers);
    {
        std::vector<std::jthread> threads;
        for (std::size_t worker = 0; worker < workers; ++worker)
            threads.emplace_back([&fixture, &mine = seats[worker], worker] {
                for (auto& seat : mine) fixture.gate.arrive(seat, worker);
                auto& io = fixture.stations[worker]->io;
                while (!mine.back().was_told) io.run_one();
            });
    }
    auto last = Clock::time_point{};
    for (const auto& mine : seats)
        for (const auto& seat : mine) {
            CHECK(seat.was_told);
            CHECK(seat.opened == fixture.gate.opened());
            CHECK(seat.went >= seat.opened);
            last = std::max(last, seat.went);
        }
    CHECK(last > fixture.gate.opened());
}
