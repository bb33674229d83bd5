#include "plan/gap_variation.hpp"

#include "core/draw.hpp"
#include "core/random.hpp"
#include "plan/elements.hpp"

#include <boost/random/uniform_int_distribution.hpp>

namespace wsrace {

namespace {

constexpr Duration least_change = std::chrono::microseconds{50};
constexpr Duration most_change = std::chrono::milliseconds{50};

} // namespace

bool can_vary_gaps(const Plan& plan) { return plan.users.size() > 1 || gaps(plan).size() > 1; }

Plan with_other_gaps(Plan plan, std::uint64_t seed, std::uint64_t number)
{
    const auto all = gaps(plan);
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto random = random_stream(seed, "other gaps", number, i);
        const auto way = boost::random::uniform_int_distribution<int>{0, 3}(random);
        const auto change = draw_log_uniform(least_change, most_change, random);
        if (way == 0) set_gap(plan, all[i], all[i].value + change);
        if (way == 1) set_gap(plan, all[i], all[i].value - change); // not below zero
    }
    return plan;
}

} // namespace wsrace
