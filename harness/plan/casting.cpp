#include "plan/casting.hpp"

#include "core/random.hpp"

#include <boost/random/uniform_int_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>

#include <algorithm>
#include <numeric>

namespace wsrace {

std::vector<std::size_t> cast_behaviours(const Scenario& scenario, std::uint64_t seed)
{
    std::vector<std::size_t> roles(scenario.users, 0);
    if (scenario.behaviours.empty()) return roles;
    std::vector<double> draws;
    draws.reserve(scenario.users);
    for (std::uint32_t user = 0; user < scenario.users; ++user) {
        auto random = random_stream(seed, "behaviour", user);
        draws.push_back(boost::random::uniform_real_distribution<double>{0.0, 1.0}(random));
    }
    std::vector<std::size_t> highest(scenario.users);
    std::iota(highest.begin(), highest.end(), std::size_t{0});
    std::stable_sort(highest.begin(), highest.end(),
                     [&](std::size_t a, std::size_t b) { return draws[a] > draws[b]; });
    auto next = highest.begin();
    double from = 0;
    for (std::size_t i = 0; i < scenario.behaviours.size(); ++i) {
        const auto& behaviour = scenario.behaviours[i];
        for (std::uint32_t n = 0; n < behaviour.users && next != highest.end(); ++n) roles[*next++] = i + 1;
        const double to = from + behaviour.share;
        for (std::size_t user = 0; behaviour.share > 0 && user < draws.size(); ++user)
            if (roles[user] == 0 && draws[user] >= from && draws[user] < to) roles[user] = i + 1;
        from = to;
    }
    return roles;
}

UserId draw_other(const std::vector<std::size_t>& roles, UserId user, std::uint64_t seed)
{
    std::vector<std::uint32_t> others;
    for (const bool ordinary : {true, false}) {
        for (std::uint32_t other = 0; other < roles.size(); ++other)
            if (other != user.value && (!ordinary || roles[other] == 0)) others.push_back(other);
        if (!others.empty()) break;
    }
    if (others.empty()) return user; // alone: the reader does not let this pass
    auto random = random_stream(seed, "other user", user.value);
    return UserId{others[boost::random::uniform_int_distribution<std::size_t>{0, others.size() - 1}(random)]};
}

bool names_other(const std::vector<std::vector<StepSpec>>& journeys)
{
    return std::any_of(journeys.begin(), journeys.end(), [](const auto& journey) {
        return std::any_of(journey.begin(), journey.end(), [](const StepSpec& step) {
            return step.thread.find("{other_user}") != std::string::npos;
        });
    });
}

} // namespace wsrace
