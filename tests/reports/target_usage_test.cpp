#include "reports/target_usage.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

Event sample(std::uint16_t instance, SampleKind kind, std::int32_t value)
{
    Event event;
    event.kind = EventKind::sample;
    event.type = static_cast<std::uint8_t>(kind);
    event.slot = instance;
    event.value = value;
    return event;
}

} // namespace

TEST_CASE("Usage is the most that was seen, and processor time over all starts of an instance")
{
    History history;
    CHECK(target_usage(history).empty());
    history.events = {sample(0, SampleKind::cpu, 100),     sample(1, SampleKind::cpu, 7),
                      sample(0, SampleKind::memory, 2048), sample(0, SampleKind::threads, 3),
                      sample(0, SampleKind::cpu, 150),     sample(0, SampleKind::memory, 1024),
                      sample(0, SampleKind::cpu, 20),      sample(0, SampleKind::threads, 1)};
    const auto usages = target_usage(history);
    REQUIRE(usages.size() == 2);
    CHECK(usages[0].cpu == 170ms); // restarted after 150 ms
    CHECK(usages[0].memory_kib == 2048);
    CHECK(usages[0].threads == 3);
    CHECK(usages[1].instance == 1);
    CHECK(usages[1].cpu == 7ms);
    CHECK(usage_text(usages[0]) == "cpu 170 ms, memory up to 2.0 MiB, up to 3 threads");
}
