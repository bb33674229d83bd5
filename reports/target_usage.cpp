#include "reports/target_usage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace wsrace {

namespace {

struct Seen {
    TargetUsage usage;
    std::int32_t latest_cpu = 0; // of the process that is running, in milliseconds
};

void take(Seen& seen, const Event& sample)
{
    auto& usage = seen.usage;
    switch (sample.sample()) {
    case SampleKind::cpu:
        // Less than before: another process, which begins at zero.
        usage.cpu += std::chrono::milliseconds{
            sample.value < seen.latest_cpu ? sample.value : sample.value - seen.latest_cpu};
        seen.latest_cpu = sample.value;
        break;
    case SampleKind::memory:
        usage.memory_kib = std::max(usage.memory_kib, static_cast<std::uint64_t>(sample.value));
        break;
    case SampleKind::threads:
        usage.threads = std::max(usage.threads, static_cast<std::uint32_t>(sample.value));
        break;
    case SampleKind::sockets:
    case SampleKind::files:
    case SampleKind::counter: break;
    }
}

} // namespace

std::vector<TargetUsage> target_usage(const History& history)
{
    std::map<std::uint16_t, Seen> by_instance;
    for (const auto& event : history.events) {
        if (event.kind != EventKind::sample) continue;
        auto& seen = by_instance[event.slot];
        seen.usage.instance = event.slot;
        take(seen, event);
    }
    std::vector<TargetUsage> out;
    for (const auto& [instance, seen] : by_instance) out.push_back(seen.usage);
    return out;
}

std::string usage_text(const TargetUsage& usage)
{
    return fmt::format("cpu {}, memory up to {:.1f} MiB, up to {} thread{}", format_duration(usage.cpu),
                       static_cast<double>(usage.memory_kib) / 1024, usage.threads,
                       usage.threads == 1 ? "" : "s");
}

} // namespace wsrace
