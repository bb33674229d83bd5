#include "support/judging.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;

namespace {

struct Held {
    int memory = 100'000;
    int threads = 4;
    int sockets = 3;
    int files = 10;
    int active = 0; // a counter
};

void measure(HistoryBuilder& history, std::int64_t at, const Held& level, std::uint16_t instance = 0)
{
    history.sample(at, SampleKind::cpu, static_cast<int>(at), {}, instance);
    history.sample(at, SampleKind::memory, level.memory, {}, instance);
    history.sample(at, SampleKind::threads, level.threads, {}, instance);
    history.sample(at, SampleKind::sockets, level.sockets, {}, instance);
    history.sample(at, SampleKind::files, level.files, {}, instance);
    history.sample(at, SampleKind::counter, level.active, "active_connections", instance);
    history.sample(at, SampleKind::counter, static_cast<int>(at), "total_connections", instance);
}

void come_up(HistoryBuilder& history, std::int64_t at, std::uint16_t instance = 0)
{
    history.life_cycle(at, LifeCycle::spawned, 71, instance);
    history.life_cycle(at + 1, LifeCycle::port_open, 0, instance);
    history.life_cycle(at + 2, LifeCycle::ready, 0, instance);
}

// Up at 2 ms, users from 10 ms to about 530 ms, taken down at 2 s.
HistoryBuilder a_load()
{
    HistoryBuilder history;
    come_up(history, 0);
    history.user(0).opens().run(0).at(520).closes();
    history.life_cycle(2000, LifeCycle::terminating, 15);
    return history;
}

} // namespace

TEST_CASE("A target that is back at its level within the margins passes baseline", "[baseline]")
{
    auto history = a_load();
    measure(history, 5, {});
    measure(history, 300, {.memory = 900'000, .threads = 40, .sockets = 30, .files = 50, .active = 20});
    measure(history, 800, {.sockets = 9, .files = 16, .active = 6}); // not yet
    measure(history, 1000, {.memory = 190'000, .threads = 4, .sockets = 4, .files = 11, .active = 0});
    measure(history, 2100, {.active = 7}); // while it is taken down
    const auto result = ask("baseline", history);
    CHECK(result.verdict == Verdict::pass);
    CHECK(result.sample_size == 5);
}

TEST_CASE("Each quantity that stays above its level is a violation of its own, with both samples",
          "[baseline]")
{
    struct Leak {
        Held after;
        std::string signature;
        std::string expected;
    };
    const auto leak = GENERATE(
        Leak{{.memory = 190'537}, "memory above the level before the load", "at most 190536 KiB"},
        Leak{{.threads = 5}, "threads above the level before the load", "at most 4"},
        Leak{{.sockets = 5}, "sockets above the level before the load", "at most 4"},
        Leak{{.files = 12}, "files above the level before the load", "at most 11"},
        Leak{{.active = 1}, "counter active_connections above the level before the load", "at most 0"},
        Leak{{.active = -1}, "counter active_connections below zero", "zero or more"});
    auto history = a_load();
    measure(history, 5, {});
    measure(history, 1000, leak.after);
    const auto result = ask("baseline", history);
    REQUIRE(signatures(result) == Signatures{leak.signature});
    const auto& violation = result.violations[0];
    CHECK(violation.expected == leak.expected);
    const auto built = history.build();
    REQUIRE(violation.evidence.size() == 2);
    CHECK(built.events[violation.evidence[0]].at == ms(5));
    CHECK(built.events[violation.evidence[1]].at == ms(1000));
    CHECK(violation.at == ms(1000));
}

TEST_CASE("The scenario's margins decide how far above its level a target may stay", "[baseline]")
{
    auto history = a_load();
    measure(history, 5, {});
    measure(history, 1000, {.memory = 210'000, .threads = 6, .sockets = 8, .files = 15});
    Expectations expectations;
    expectations.baseline = {.sockets = 5, .threads = 2, .memory_share = 1.0, .memory_kib = 10'000};
    CHECK(ask("baseline", history, expectations).verdict == Verdict::pass);
    expectations.baseline = {.sockets = 4, .threads = 1, .memory_share = 1.0, .memory_kib = 9'999};
    CHECK(ask("baseline", history, expectations).violation_count == 4);
}

TEST_CASE("Without a sample there is nothing to judge", "[baseline]")
{
    auto history = a_load();
    SECTION("at all: skipped") { CHECK(ask("baseline", history).verdict == Verdict::skipped); }
    SECTION("after the load: inconclusive, and it says so")
    {
        measure(history, 5, {});
        measure(history, 300, {});
        const auto result = ask("baseline", history);
        CHECK(result.verdict == Verdict::inconclusive);
        CHECK(result.reason == "instance 0 was not measured after the users had left");
    }
    SECTION("before the load: skipped")
    {
        measure(history, 1000, {});
        const auto result = ask("baseline", history);
        CHECK(result.verdict == Verdict::skipped);
        CHECK(result.reason == "instance 0 was not measured before the load");
    }
    SECTION("of a load: inconclusive")
    {
        HistoryBuilder idle;
        measure(idle, 5, {});
        CHECK(ask("baseline", idle).verdict == Verdict::inconclusive);
    }
    SECTION("after an interruption: inconclusive")
    {
        measure(history, 5, {});
        measure(history, 1000, {.active = 1});
        history.info().interrupted = true;
        CHECK(ask("baseline", history).verdict == Verdict::inconclusive);
    }
}

TEST_CASE("A process that was started during the load is held against its own start", "[baseline]")
{
    auto history = a_load();
    measure(history, 5, {.sockets = 1});
    history.life_cycle(99, LifeCycle::terminating, 9).life_cycle(100, LifeCycle::killed, 9);
    come_up(history, 110);
    history.sample(110, SampleKind::sockets, 0); // before it listened
    measure(history, 120, {.memory = 1'000, .threads = 1, .sockets = 3});
    SECTION("back: its memory and threads have grown since, which says nothing")
    {
        measure(history, 1000, {});
        const auto result = ask("baseline", history);
        CHECK(result.verdict == Verdict::pass);
        CHECK(result.sample_size == 3);
    }
    SECTION("not back")
    {
        measure(history, 1000, {.sockets = 5, .files = 12, .active = 1});
        CHECK(ask("baseline", history).violation_count == 3);
    }
}

TEST_CASE("A process that was not measured after its start during the load is left out, with the reason",
          "[baseline]")
{
    auto history = a_load();
    measure(history, 5, {});
    history.life_cycle(99, LifeCycle::terminating, 9).life_cycle(100, LifeCycle::killed, 9);
    SECTION("started again")
    {
        come_up(history, 110);
        measure(history, 1000, {.active = 3});
        const auto result = ask("baseline", history);
        CHECK(result.verdict == Verdict::skipped);
        CHECK(result.reason == "instance 0 came up while users were there, and was not measured then");
    }
    SECTION("not started again")
    {
        const auto result = ask("baseline", history);
        CHECK(result.verdict == Verdict::skipped);
        CHECK(result.reason == "instance 0 had ended before the users left");
    }
}

TEST_CASE("An instance that came up after the last user is left out, with the reason", "[baseline]")
{
    auto history = a_load();
    measure(history, 5, {});
    history.life_cycle(400, LifeCycle::terminating, 15).life_cycle(450, LifeCycle::exited);
    SECTION("born while they were there, ready when they had left")
    {
        history.life_cycle(500, LifeCycle::spawned).life_cycle(510, LifeCycle::port_open);
        history.life_cycle(700, LifeCycle::ready);
    }
    SECTION("born when they had left") { come_up(history, 700); }
    SECTION("born when they had left, and measured")
    {
        come_up(history, 700);
        measure(history, 800, {.sockets = 3});
        measure(history, 1000, {.sockets = 30});
    }
    const auto result = ask("baseline", history);
    CHECK(result.verdict == Verdict::skipped);
    CHECK(result.reason == "instance 0 came up only after the users had left");
}

TEST_CASE("An instance that came up after the last user does not keep the others from being judged",
          "[baseline]")
{
    auto history = a_load();
    history.info().instances = 2;
    history.life_cycle(400, LifeCycle::terminating, 15).life_cycle(450, LifeCycle::exited);
    come_up(history, 700);
    come_up(history, 3, 1);
    measure(history, 6, {}, 1);
    SECTION("back")
    {
        measure(history, 1000, {}, 1);
        const auto result = ask("baseline", history);
        CHECK(result.verdict == Verdict::pass);
        CHECK(result.sample_size == 5);
    }
    SECTION("not back")
    {
        measure(history, 1000, {.sockets = 22}, 1);
        CHECK(signatures(ask("baseline", history)) == Signatures{"sockets above the level before the load"});
    }
}

TEST_CASE("An instance that came up just before the last user left must have been measured afterwards",
          "[baseline]")
{
    auto history = a_load();
    measure(history, 5, {});
    history.life_cycle(400, LifeCycle::terminating, 15).life_cycle(450, LifeCycle::exited);
    come_up(history, 500);
    CHECK(ask("baseline", history).verdict == Verdict::inconclusive);
    measure(history, 510, {});
    measure(history, 1000, {.sockets = 30});
    CHECK(ask("baseline", history).violation_count == 1);
}

TEST_CASE("Each instance has a level of its own", "[baseline]")
{
    auto history = a_load();
    history.info().instances = 2;
    come_up(history, 3, 1);
    measure(history, 6, {}, 0);
    measure(history, 6, {.sockets = 20}, 1);
    measure(history, 1000, {}, 0);
    SECTION("both back")
    {
        measure(history, 1000, {.sockets = 20}, 1);
        const auto result = ask("baseline", history);
        CHECK(result.verdict == Verdict::pass);
        CHECK(result.sample_size == 10);
    }
    SECTION("one is not")
    {
        measure(history, 1000, {.sockets = 22}, 1);
        const auto result = ask("baseline", history);
        REQUIRE(signatures(result) == Signatures{"sockets above the level before the load"});
        CHECK(result.violations[0].message.find("sockets of instance 1: 20 before the load") == 0);
    }
    SECTION("one was started again: the other one is judged")
    {
        history.life_cycle(100, LifeCycle::terminating, 15, 1);
        history.life_cycle(101, LifeCycle::exited, 0, 1);
        come_up(history, 110, 1);
        measure(history, 1000, {.sockets = 22}, 1);
        const auto result = ask("baseline", history);
        CHECK(result.verdict == Verdict::pass);
        CHECK(result.sample_size == 5);
    }
}
