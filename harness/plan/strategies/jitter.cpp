#include "core/draw.hpp"
#include "plan/strategies/parts.hpp"

#include <algorithm>

namespace wsrace {

namespace {

using Point = PlannedDelay::Point;

// A distribution of which every draw is legal: it can only make a step later.
Duration draw_jitter(const Draft& draft, const Jitter& jitter, std::uint64_t connection, std::uint64_t place)
{
    auto random = draft.stream("jitter", connection, place);
    const Distribution distribution{.kind = jitter.log_uniform ? Distribution::Kind::log_uniform
                                                               : Distribution::Kind::uniform,
                                    .low = jitter.low,
                                    .high = jitter.high};
    return draw(distribution, random);
}

} // namespace

void add_jitter(Draft& draft, const Jitter& jitter)
{
    for (const auto& connection : draft.connections()) {
        const auto id = std::uint64_t{draft.plan().users[connection.user].id.value} << 16U | connection.slot;
        const auto& journey = draft.journey(connection);
        const auto share = std::min(0.5, jitter.count / static_cast<double>(journey.size()));
        for (std::uint16_t step = 0; step < journey.size(); ++step) {
            const auto action = journey[step].action;
            const auto inside = action == Action::connect;
            for (const auto point : {Point::step, Point::upgrade_sent}) {
                const auto place = std::uint64_t{step} << 8U | static_cast<std::uint64_t>(point);
                if ((point != Point::step && !inside) || action == Action::pause || journey[step].early)
                    continue;
                if (draft.decides("is delayed", share, id, place))
                    draft.add_delay(connection, step, point, draw_jitter(draft, jitter, id, place));
            }
        }
    }
}

void spread_arrivals(Draft& draft, Duration low, Duration high)
{
    for (auto& user : draft.plan().users) user.arrival += draft.time("arrival", low, high, user.id.value);
}

} // namespace wsrace
