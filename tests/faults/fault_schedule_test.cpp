#include "faults/fault_schedule.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::faults;
using namespace std::chrono_literals;

namespace {

using Kind = DependencyFault::Kind;

constexpr TimePoint zero{1h};

DependencyFault fault(Kind kind, Duration from = {}, Duration until = Duration::max())
{
    DependencyFault fault;
    fault.kind = kind;
    fault.dependency = "store";
    fault.from = from;
    fault.until = until;
    return fault;
}

struct Noted {
    explicit Noted(std::vector<DependencyFault> faults, std::uint64_t seed = 1)
    {
        schedule.dependency = "store";
        schedule.faults = std::move(faults);
        schedule.seed = seed;
        schedule.note = [this](const std::string& text, TimePoint) { texts.push_back(text); };
    }
    FaultSchedule schedule;
    std::vector<std::string> texts;
};

} // namespace

TEST_CASE("A fault's window counts from the first spawn", "[faults]")
{
    const auto late = fault(Kind::hang, 1s, 2s);
    const auto always = fault(Kind::hang);
    CHECK(begin_of(late, {}) == TimePoint::max());
    CHECK(begin_of(late, {.spawned = zero, .ready = {}}) == zero + 1s);
    CHECK(end_of(late, {.spawned = zero, .ready = {}}) == zero + 2s);
    CHECK(begin_of(always, {}) == TimePoint::min());
    CHECK(end_of(always, {.spawned = zero, .ready = zero}) == TimePoint::max());
    auto start = fault(Kind::hang);
    start.during_start = true;
    CHECK(begin_of(start, {}) == TimePoint::min());
    CHECK(end_of(start, {.spawned = zero, .ready = {}}) == TimePoint::max());
    CHECK(end_of(start, {.spawned = zero, .ready = zero + 5s}) == zero + 5s);
}

TEST_CASE("A fault acts from its begin to just before its end", "[faults]")
{
    Noted noted{{fault(Kind::refuse, 1s, 2s)}};
    ConnectionFaults connection{noted.schedule, 7};
    CHECK_FALSE(connection.refused(zero + 90s)); // not spawned yet
    noted.schedule.times.spawned = zero;
    CHECK_FALSE(connection.refused(zero + 1s - 1ns));
    CHECK(connection.refused(zero + 1s));
    CHECK(connection.refused(zero + 2s - 1ns));
    CHECK_FALSE(connection.refused(zero + 2s));
    CHECK(noted.texts == std::vector<std::string>(2, "dependency store: refuse, connection 7"));
}

TEST_CASE("A fault acts on the connections that it names", "[faults]")
{
    auto some = fault(Kind::refuse);
    some.first_connection = 3;
    some.last_connection = 5;
    Noted noted{{some}};
    std::vector<std::uint32_t> refused;
    for (std::uint32_t number = 0; number < 10; ++number)
        if (ConnectionFaults{noted.schedule, number}.refused(zero)) refused.push_back(number);
    CHECK(refused == std::vector<std::uint32_t>{3, 4, 5});
}

TEST_CASE("Hangs that overlap hold until the last of them ends, and each is noted once", "[faults]")
{
    Noted noted{{fault(Kind::hang, 1s, 3s), fault(Kind::hang, 2s, 5s)}};
    noted.schedule.times.spawned = zero;
    ConnectionFaults connection{noted.schedule, 0};
    CHECK(connection.held_until(zero) == std::nullopt);
    CHECK(connection.held_until(zero + 1s) == zero + 3s);
    CHECK(connection.held_until(zero + 2s) == zero + 5s);
    CHECK(connection.held_until(zero + 5s) == std::nullopt);
    CHECK(noted.texts.size() == 2);
}

TEST_CASE("One delay is drawn for each answer, and delays add up", "[faults]")
{
    auto drawn = fault(Kind::delay);
    drawn.delay = {.kind = Distribution::Kind::uniform, .low = 1ms, .high = 1s};
    auto fixed = fault(Kind::delay, 1s);
    fixed.delay.low = 10s;
    Noted noted{{drawn, fixed}};
    noted.schedule.times.spawned = zero;
    ConnectionFaults connection{noted.schedule, 0};
    const auto first = connection.answer_delay(zero, 0);
    CHECK(first >= 1ms);
    CHECK(first <= 1s);
    CHECK(connection.answer_delay(zero + 999ms, 0) == first);
    CHECK(connection.answer_delay(zero + 1s, 0) == first + 10s);
    CHECK(connection.answer_delay(zero, 1) != first);
    CHECK(noted.texts.size() == 3);
    CHECK(noted.texts[1] == "dependency store: delay 10 s, connection 0");
}

TEST_CASE("A draw depends on seed, connection and answer, not on what came before", "[faults]")
{
    auto drawn = fault(Kind::delay);
    drawn.delay = {.kind = Distribution::Kind::log_uniform, .low = 1ms, .high = 1s};
    const auto delay = [&](std::uint64_t seed, std::uint32_t number, std::uint32_t answers) {
        Noted noted{{drawn}, seed};
        ConnectionFaults connection{noted.schedule, number};
        Duration last{};
        for (std::uint32_t answer = answers; answer < 8; ++answer)
            last = connection.answer_delay(zero, answer);
        return last;
    };
    CHECK(delay(1, 4, 0) == delay(1, 4, 7));
    CHECK(delay(1, 4, 0) != delay(1, 5, 0));
    CHECK(delay(1, 4, 0) != delay(2, 4, 0));
}
