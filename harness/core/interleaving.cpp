#include "core/interleaving.hpp"

#include "core/look_up.hpp"

#include <algorithm>

namespace wsrace {

namespace {

constexpr std::array<std::string_view, step_types> type_names{
    "connect",     "upgrade",        "answered", "welcome",   "request", "first_event",
    "later_event", "terminal_event", "ping",     "stop",      "drop",    "close",
    "ended",       "reopened",       "spawned",  "port_open", "ready",   "terminating"};
constexpr std::array<std::string_view, relations> relation_names{"other_user", "same_user", "target"};
constexpr std::array<std::string_view, gap_buckets> gap_texts{"<0.1", "0.1-0.3", "0.3-1",  "1-3",
                                                              "3-10", "10-30",   "30-100", "100-300"};

std::optional<StepType> of_action(Action action)
{
    switch (action) {
    case Action::connect: return StepType::connect;
    case Action::request: return StepType::request;
    case Action::ping: return StepType::ping;
    case Action::stop: return StepType::stop;
    case Action::drop: return StepType::drop;
    case Action::close: return StepType::close;
    default: return std::nullopt;
    }
}

} // namespace

std::string_view name(StepType type) { return look_up(type_names, type); }
std::string_view name(Relation relation) { return look_up(relation_names, relation); }

std::optional<StepType> step_type(const Moment& moment)
{
    switch (moment.kind) {
    case Moment::Kind::step: return of_action(moment.action);
    case Moment::Kind::upgrade_sent: return StepType::upgrade;
    case Moment::Kind::answered: return StepType::answered;
    case Moment::Kind::welcome: return StepType::welcome;
    case Moment::Kind::event: return moment.event <= 1 ? StepType::first_event : StepType::later_event;
    case Moment::Kind::completed: return StepType::terminal_event;
    case Moment::Kind::ended: return StepType::ended;
    }
    return std::nullopt;
}

std::optional<std::size_t> gap_bucket(Duration gap)
{
    if (gap < gap_edges.front() || gap >= gap_edges.back()) return std::nullopt;
    const auto* const above = std::upper_bound(gap_edges.begin(), gap_edges.end(), gap);
    return static_cast<std::size_t>(above - gap_edges.begin()) - 1;
}

std::string_view gap_text(std::size_t bucket) { return gap_texts.at(bucket); }

StepPair pair_of(std::uint16_t pair_number)
{
    const auto row = pair_number / step_types;
    return {.relation = static_cast<Relation>(row / step_types),
            .first = static_cast<StepType>(row % step_types),
            .second = static_cast<StepType>(pair_number % step_types)};
}

std::size_t CoverageTable::hit() const
{
    std::size_t count = 0;
    for (const auto& pair : pairs)
        count += static_cast<std::size_t>(
            std::count_if(pair.hits.begin(), pair.hits.end(), [](std::uint32_t hits) { return hits > 0; }));
    return count;
}

} // namespace wsrace
