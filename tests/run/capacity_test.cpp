#include "run/capacity.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

namespace {

Scenario of(std::uint32_t users, std::uint16_t connections)
{
    Scenario scenario;
    scenario.users = users;
    scenario.connections = connections;
    return scenario;
}

constexpr Capacity roomy{.descriptors = 1'000'000, .ports = 28'000, .memory_bytes = std::uint64_t{1} << 40U};

} // namespace

TEST_CASE("What fits is not complained of")
{
    CHECK(shortages(of(15'000, 1), false,
                    {.descriptors = 20'000, .ports = 28'232, .memory_bytes = std::uint64_t{2} << 30U})
              .empty());
}

TEST_CASE("Each shortage says what is needed, what is there, and how many users fit")
{
    auto capacity = roomy;
    capacity.descriptors = 1024;
    const auto few_descriptors = shortages(of(1000, 2), false, capacity);
    REQUIRE(few_descriptors.size() == 1);
    CHECK(few_descriptors[0] == "1000 users with 2 connections each need 2064 file descriptors; there are "
                                "1024: at most 480 users fit");
    capacity = roomy;
    const auto few_ports = shortages(of(30'000, 1), false, capacity);
    REQUIRE(few_ports.size() == 1);
    CHECK_THAT(few_ports[0], Catch::Contains("local ports"));
    capacity.memory_bytes = 1'000'000;
    const auto little_memory = shortages(of(100, 1), true, capacity);
    REQUIRE(little_memory.size() == 1);
    CHECK_THAT(little_memory[0],
               Catch::Contains("bytes of memory") && Catch::Contains("at most 10 users fit"));
}

TEST_CASE("This machine's capacity is measured")
{
    const auto capacity = measure_capacity();
    CHECK(capacity.descriptors >= 256);
    CHECK(capacity.ports >= 1000);
    CHECK(capacity.memory_bytes > 0);
}
