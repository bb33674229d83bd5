#include "run/undisturbed.hpp"

#include <catch2/catch.hpp>

#include <sched.h>

using namespace wsrace;

TEST_CASE("A thread is undisturbed for as long as it says, where the system allows it")
{
    REQUIRE(sched_getscheduler(0) == SCHED_OTHER);
    sched_param lowest{};
    lowest.sched_priority = sched_get_priority_min(SCHED_FIFO);
    const bool allowed = sched_setscheduler(0, SCHED_FIFO, &lowest) == 0;
    const sched_param normal{};
    REQUIRE(sched_setscheduler(0, SCHED_OTHER, &normal) == 0);
    {
        const Undisturbed outer;
        CHECK(sched_getscheduler(0) == (allowed ? SCHED_FIFO : SCHED_OTHER));
        {
            const Undisturbed inner; // changes nothing
        }
        CHECK(sched_getscheduler(0) == (allowed ? SCHED_FIFO : SCHED_OTHER));
    }
    CHECK(sched_getscheduler(0) == SCHED_OTHER);
}
