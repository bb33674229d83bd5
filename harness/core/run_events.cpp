#include "core/run_events.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

namespace wsrace {

namespace {

std::vector<std::string_view> names(const std::vector<FrameType>& types)
{
    std::vector<std::string_view> out;
    out.reserve(types.size());
    for (const FrameType type : types) out.push_back(name(type));
    return out;
}

bool orders_all(const RunEvents& events)
{
    const auto count = events.types.size();
    return count > 1 && events.order.size() == count * (count - 1) / 2;
}

// With the type that comes before most others first; meaningful if the pairs order all of them.
std::vector<FrameType> in_order(const RunEvents& events)
{
    auto types = events.types;
    const auto followers = [&events](FrameType type) {
        return std::count_if(events.order.begin(), events.order.end(),
                             [type](const RunEvents::Pair& pair) { return pair.first == type; });
    };
    std::stable_sort(types.begin(), types.end(),
                     [&](FrameType a, FrameType b) { return followers(a) > followers(b); });
    return types;
}

} // namespace

bool RunEvents::has(FrameType type) const
{
    return std::find(types.begin(), types.end(), type) != types.end();
}

RunEvents RunEvents::not_yet_learned()
{
    RunEvents events;
    events.types = {FrameType::agent_completed};
    events.to_be_learned = true;
    return events;
}

std::vector<RunEvents::Pair> pairs_of(const std::vector<std::vector<FrameType>>& chains)
{
    std::vector<RunEvents::Pair> pairs;
    for (const auto& chain : chains)
        for (std::size_t i = 0; i < chain.size(); ++i)
            for (std::size_t j = i + 1; j < chain.size(); ++j) pairs.emplace_back(chain[i], chain[j]);
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    return pairs;
}

std::vector<std::vector<FrameType>> chains_of(const RunEvents& events)
{
    if (orders_all(events)) return {in_order(events)};
    std::vector<std::vector<FrameType>> chains;
    for (const auto& [earlier, later] : events.order) chains.push_back({earlier, later});
    return chains;
}

std::string describe(const RunEvents& events)
{
    if (events.to_be_learned)
        return "not declared: of a run only agent_completed is expected; wsrace hunt learns the others";
    std::string text;
    if (events.learned_from > 0)
        text =
            fmt::format("learned from {} run{}: ", events.learned_from, events.learned_from == 1 ? "" : "s");
    if (orders_all(events))
        return text + fmt::format("{}, in this order", fmt::join(names(in_order(events)), ", "));
    text += fmt::format("{}", fmt::join(names(events.types), ", "));
    for (const auto& chain : chains_of(events))
        text += fmt::format("; {}", fmt::join(names(chain), " before "));
    return text;
}

} // namespace wsrace
