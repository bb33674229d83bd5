#include "run/levels.hpp"

#include "run/target_http.hpp"

#include <algorithm>
#include <limits>

namespace wsrace {

namespace {

constexpr auto watch_interval = std::chrono::milliseconds{250};
constexpr auto return_interval = std::chrono::milliseconds{50};

constexpr std::int64_t below_zero = std::numeric_limits<std::int32_t>::min(); // a counter may be, wrongly

std::int32_t clamped(std::int64_t value, std::int64_t least = 0)
{
    return static_cast<std::int32_t>(
        std::clamp<std::int64_t>(value, least, std::numeric_limits<std::int32_t>::max()));
}

void record(TargetJournal& journal, std::uint16_t instance, const Usage& usage)
{
    const auto cpu = std::chrono::duration_cast<std::chrono::milliseconds>(usage.cpu).count();
    journal.sample(instance, SampleKind::cpu, clamped(cpu));
    journal.sample(instance, SampleKind::memory, clamped(static_cast<std::int64_t>(usage.memory_kib)));
    journal.sample(instance, SampleKind::threads, clamped(usage.threads));
}

} // namespace

Task<Levels::Level> Levels::take(const Instance& instance)
{
    Level level;
    const auto& profile = shared_.scenario.profile;
    if (!profile.stats_path.empty())
        level.counters = co_await fetch_counters(shared_.deadlines, instance.port(), profile.stats_path);
    std::erase_if(level.counters, [&](const auto& counter) {
        const auto& wanted = profile.level_counters;
        return std::find(wanted.begin(), wanted.end(), counter.first) == wanted.end();
    });
    const auto usage = instance.usage(Descriptors::counted);
    if (!usage) co_return level;
    level.process = instance.process();
    level.usage = *usage;
    auto& journal = shared_.journal;
    record(journal, instance.number(), level.usage);
    journal.sample(instance.number(), SampleKind::files, clamped(level.usage.files));
    journal.sample(instance.number(), SampleKind::sockets, clamped(level.usage.sockets));
    for (const auto& [name, value] : level.counters)
        journal.sample(instance.number(), SampleKind::counter, clamped(value, below_zero), name);
    co_return level;
}

Task<void> Levels::take_before()
{
    for (const auto& instance : instances_) {
        auto level = co_await take(*instance);
        before_.push_back(std::move(level));
    }
}

// Memory is not waited for: what an allocator gives back, it gives back late or never.
bool Levels::is_back(const Level& before, const Level& now) const
{
    const auto& margins = shared_.scenario.expectations.baseline;
    if (now.process != before.process) return true; // another process, or none: nothing to come back
    const auto counters_back =
        std::all_of(before.counters.begin(), before.counters.end(), [&](const auto& counter) {
            const auto found = now.counters.find(counter.first);
            return found == now.counters.end() ||
                   (found->second <= counter.second &&
                    found->second >= std::min<std::int64_t>(0, counter.second));
        });
    return counters_back && now.usage.sockets <= before.usage.sockets + margins.sockets &&
           now.usage.files <= before.usage.files + margins.sockets && // as the check has it
           now.usage.threads <= before.usage.threads + margins.threads;
}

Task<void> Levels::await_return()
{
    const auto deadline = Clock::now() + shared_.scenario.expectations.deadlines.baseline;
    for (std::size_t i = 0; i < before_.size(); ++i) {
        auto going_on = true;
        while (going_on) {
            const auto now = co_await take(*instances_[i]);
            if (is_back(before_[i], now) || Clock::now() > deadline) break;
            going_on = co_await shared_.naps.lasting(return_interval);
        }
    }
}

Task<void> Levels::watch()
{
    auto going_on = true;
    while (going_on) {
        for (const auto& instance : instances_) {
            const auto usage = instance->usage(Descriptors::left_out);
            if (usage) record(shared_.journal, instance->number(), *usage);
            instance->poll_reports();
        }
        shared_.journal.flush();
        going_on = co_await shared_.naps.lasting(watch_interval);
    }
}

} // namespace wsrace
