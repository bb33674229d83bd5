#include "scenario/meetings.hpp"

#include "scenario/distribution_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {

namespace {

using Users = ConstraintEnd::Users;

bool picks(const ConstraintEnd& end, std::uint32_t user)
{
    switch (end.users) {
    case Users::odd: return user % 2 == 1;
    case Users::even: return user % 2 == 0;
    case Users::one: return user == end.user;
    default: return true;
    }
}

std::optional<std::uint32_t> other_of(const ConstraintEnd& end, std::uint32_t user, std::uint32_t users)
{
    switch (end.users) {
    case Users::previous: return user > 0 ? std::optional{user - 1} : std::nullopt;
    case Users::next: return user + 1 < users ? std::optional{user + 1} : std::nullopt;
    case Users::one: return end.user < users ? std::optional{end.user} : std::nullopt;
    default: return user;
    }
}

std::string occurrence_text(std::uint16_t occurrence)
{
    return occurrence == 1 ? std::string{} : fmt::format(" no. {}", occurrence);
}

} // namespace

std::optional<std::uint16_t> place_in(const std::vector<StepSpec>& journey, const Moment& moment,
                                      std::uint16_t occurrence)
{
    for (std::size_t step = 0; step < journey.size(); ++step)
        if (journey[step].action == moment.action && --occurrence == 0)
            return static_cast<std::uint16_t>(step);
    return std::nullopt;
}

std::size_t occurrences_in(const std::vector<StepSpec>& journey, const Moment& moment)
{
    return static_cast<std::size_t>(std::count_if(
        journey.begin(), journey.end(), [&](const auto& step) { return step.action == moment.action; }));
}

std::vector<BoundUsers> bound_users(const Constraint& constraint, std::uint32_t users)
{
    const auto fans_in = constraint.after.users == Users::one && constraint.step.users != Users::one;
    std::vector<BoundUsers> out;
    for (std::uint32_t user = 0; user < users; ++user) {
        if (!picks(constraint.step, user)) continue;
        const auto other = other_of(constraint.after, user, users);
        if (!other || (fans_in && *other == user)) continue;
        out.push_back({.step = user, .after = *other});
    }
    return out;
}

std::string title(const StartingGate& gate, std::size_t number)
{
    return fmt::format("gate {} at {}{}", number, to_string(gate.at), occurrence_text(gate.occurrence));
}

std::string title(const Constraint& constraint, std::size_t number)
{
    return fmt::format("constraint {}: {}{} {} after {}{}", number, to_string(constraint.step.at),
                       occurrence_text(constraint.step.occurrence), describe(constraint.gap),
                       to_string(constraint.after.at), occurrence_text(constraint.after.occurrence));
}

} // namespace wsrace
