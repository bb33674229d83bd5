#include "plan/serial.hpp"

#include <algorithm>
#include <optional>

namespace wsrace {

namespace {

// Longer than any journey: the deadlines of its steps end it.
constexpr Duration as_long_as_it_takes = std::chrono::hours{1};

// What a connection can be held at before it has done anything.
std::optional<PlannedMoment> first_of(const Plan& plan, const PlannedUser& user, std::uint16_t slot)
{
    const auto& journey = plan.journey(user, slot);
    for (std::size_t step = 0; step < journey.size(); ++step)
        if (journey[step].action != Action::pause)
            return PlannedMoment{.user = user.id,
                                 .slot = slot,
                                 .step = static_cast<std::uint16_t>(step),
                                 .moment = {.kind = Moment::Kind::step, .action = journey[step].action}};
    return std::nullopt;
}

std::optional<PlannedMoment> end_of(const Plan& plan, const PlannedUser& user, std::uint16_t slot)
{
    const auto& journey = plan.journey(user, slot);
    for (auto step = journey.size(); step-- > 0;)
        if (journey[step].action == Action::connect)
            return PlannedMoment{.user = user.id,
                                 .slot = slot,
                                 .step = static_cast<std::uint16_t>(step),
                                 .moment = {.kind = Moment::Kind::ended, .action = Action::connect}};
    return std::nullopt;
}

} // namespace

Plan serial(Plan plan)
{
    plan.gates.clear();
    plan.constraints.clear();
    for (auto& user : plan.users) user.arrival = {};
    for (std::size_t second = 1; second < plan.users.size(); ++second) {
        const auto& user = plan.users[second];
        const auto& before = plan.users[second - 1];
        for (std::uint16_t slot = 0; slot < plan.role(user).connections; ++slot)
            for (std::uint16_t other = 0; other < plan.role(before).connections; ++other) {
                const auto step = first_of(plan, user, slot);
                const auto after = end_of(plan, before, other);
                if (step && after)
                    plan.constraints.push_back({.gap = {},
                                                .within = as_long_as_it_takes,
                                                .tolerance = as_long_as_it_takes, // only the order counts
                                                .step = *step,
                                                .after = *after});
            }
    }
    return plan;
}

} // namespace wsrace
