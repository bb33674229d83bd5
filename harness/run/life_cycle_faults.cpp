#include "run/life_cycle_faults.hpp"

#include <fmt/format.h>

namespace wsrace {

namespace {

using Chosen = std::vector<Instance*>;

Chosen chosen(const Instances& instances, const LifeCycleFault& fault)
{
    Chosen out;
    for (const auto& instance : instances)
        if (!fault.instance || *fault.instance == instance->number()) out.push_back(instance.get());
    return out;
}

Task<void> pause(Supervisees& shared, Chosen targets, Duration lasting)
{
    for (auto* const instance : targets) instance->pause();
    co_await shared.naps.lasting(lasting);
    for (auto* const instance : targets) instance->resume();
}

Task<void> slow(Supervisees& shared, Chosen targets, double share, Duration lasting)
{
    for (auto* const instance : targets) instance->limit_cpu(share);
    co_await shared.naps.lasting(lasting);
    for (auto* const instance : targets) instance->limit_cpu(1.0);
}

Task<void> terminate(Chosen targets)
{
    for (auto* const instance : targets) {
        co_await instance->end_for_good();
    }
}

// One after the other.
Task<std::string> restart(Supervisees& shared, Chosen targets, bool gracefully)
{
    std::string problem;
    for (auto* const instance : targets) {
        if (shared.naps.over() || !problem.empty()) break;
        problem = co_await instance->restart(gracefully);
    }
    co_return problem;
}

std::string_view anchor_word(Arrival::Anchor anchor)
{
    if (anchor == Arrival::Anchor::spawn) return "spawned";
    return anchor == Arrival::Anchor::ready ? "ready" : "listening";
}

} // namespace

Task<std::string> play_fault(Supervisees& shared, const Instances& instances, const LifeCycleFault& fault,
                             Clock::time_point anchor)
{
    std::string problem;
    const auto targets = chosen(instances, fault);
    const auto time = anchor + fault.at;
    const auto slept = co_await shared.naps.until(time);
    if (!slept) {
        problem = fmt::format(
            "the fault \"{}\" of the server, due {} after it was {}, did not happen: the users had "
            "left before",
            name(fault.kind), format_duration(fault.at), anchor_word(fault.after));
        co_return problem;
    }
    switch (fault.kind) {
    case LifeCycleFault::Kind::pause: co_await pause(shared, targets, fault.lasting); break;
    case LifeCycleFault::Kind::slow_cpu: co_await slow(shared, targets, fault.share, fault.lasting); break;
    case LifeCycleFault::Kind::terminate: co_await terminate(targets); break;
    case LifeCycleFault::Kind::kill: problem = co_await restart(shared, targets, false); break;
    case LifeCycleFault::Kind::restart:
    case LifeCycleFault::Kind::rolling_restart: problem = co_await restart(shared, targets, true); break;
    }
    co_return problem;
}

} // namespace wsrace
