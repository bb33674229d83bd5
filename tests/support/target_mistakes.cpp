// One mistake each in the target's process: what it holds, writes, and how it ends.
#include "support/planting.hpp"
#include "support/random_history.hpp"

#include <algorithm>

namespace wsrace::test {

namespace {

// The last sample of this kind; of the counters the one that does not only count up.
Event& last_sample(History& history, SampleKind kind)
{
    return *std::find_if(history.events.rbegin(), history.events.rend(), [&](const Event& event) {
        return event.kind == EventKind::sample && event.sample() == kind &&
               history.text(event.text) != "total_connections";
    });
}

std::function<bool(History&, RandomEngine&)> leak(SampleKind kind, std::int32_t more)
{
    return [kind, more](History& history, RandomEngine& /*random*/) {
        last_sample(history, kind).value += more;
        return true;
    };
}

bool below_zero(History& history, RandomEngine& /*random*/)
{
    last_sample(history, SampleKind::counter).value = -1;
    return true;
}

std::function<bool(History&, RandomEngine&)> writes(std::string_view text)
{
    return [text](History& history, RandomEngine& random) {
        Event line = *std::find_if(history.events.begin(), history.events.end(),
                                   [](const Event& event) { return event.kind == EventKind::log; });
        line.text = history.intern(text);
        insert(history, line, std::chrono::milliseconds{random() % 50'000});
        return true;
    };
}

// The target's only instance that everybody is served by, at its end.
Event& last_of(History& history, LifeCycle what)
{
    return *std::find_if(history.events.rbegin(), history.events.rend(), [&](const Event& event) {
        return event.kind == EventKind::life_cycle && event.life_cycle() == what && event.slot == 0;
    });
}

void never_asked_to_end(History& history)
{
    const Event asked = last_of(history, LifeCycle::terminating);
    std::erase_if(history.events, [&](const Event& event) {
        return event.kind == EventKind::life_cycle && event.slot == 0 && event.at == asked.at;
    });
}

bool sanitizer_status(History& history, RandomEngine& /*random*/)
{
    last_of(history, LifeCycle::exited).value = 66;
    return true;
}

bool leaves(History& history, RandomEngine& random)
{
    never_asked_to_end(history);
    last_of(history, LifeCycle::exited).value = static_cast<std::int32_t>(random() % 3);
    return true;
}

bool killed_by_somebody(History& history, RandomEngine& /*random*/)
{
    never_asked_to_end(history);
    Event& end = last_of(history, LifeCycle::exited);
    end.type = static_cast<std::uint8_t>(LifeCycle::killed);
    end.value = 9;
    return true;
}

bool crashes_while_it_ends(History& history, RandomEngine& /*random*/)
{
    Event& end = last_of(history, LifeCycle::exited);
    end.type = static_cast<std::uint8_t>(LifeCycle::killed);
    end.value = 11;
    return true;
}

bool races_and_leaves(History& history, RandomEngine& random)
{
    return writes("WARNING: ThreadSanitizer: data race (pid=1)")(history, random) && leaves(history, random);
}

} // namespace

std::span<const Mistake> target_mistakes()
{
    static const std::vector<Mistake> all{
        {"memory that is held", leak(SampleKind::memory, 200'000), {"baseline: memory above *"}},
        {"a thread that is held", leak(SampleKind::threads, 1), {"baseline: threads above *"}},
        {"sockets that are held", leak(SampleKind::sockets, 2), {"baseline: sockets above *"}},
        {"files that are held", leak(SampleKind::files, 2), {"baseline: files above *"}},
        {"a counter that is not back", leak(SampleKind::counter, 1), {"baseline: counter * above *"}},
        {"a counter below zero", below_zero, {"baseline: counter * below zero"}},
        {"a traceback", writes("Traceback (most recent call last):"), {"server_log: *"}},
        {"a line that the scenario forbids",
         writes("pool exhausted: 12 waiting"),
         {"server_log: pool exhausted*"}},
        {"a data race", writes("WARNING: ThreadSanitizer: data race (pid=1)"), {"sanitizer: * at *"}},
        {"a sanitizer's exit status", sanitizer_status, {"sanitizer: exit status 66"}},
        {"a target that leaves", leaves, {"sanitizer: unexpected exit"}},
        {"a target that races, and then leaves",
         races_and_leaves,
         {"sanitizer: * at *", "sanitizer: unexpected exit"}},
        {"a target that somebody kills", killed_by_somebody, {"sanitizer: killed by *"}},
        {"a target that crashes while it ends", crashes_while_it_ends, {"sanitizer: killed by *"}},
    };
    return all;
}

} // namespace wsrace::test
