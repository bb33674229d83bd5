#include "plan/strategies/parts.hpp"

#include <boost/random/uniform_real_distribution.hpp>

#include <algorithm>
#include <cmath>

namespace wsrace {

namespace {

using namespace std::chrono_literals;

// Where the membership changes, as parts of a journey; 0 is where it begins.
std::vector<double> change_points(const Draft& draft, std::size_t changes)
{
    std::vector<double> points{0.0};
    for (std::size_t i = 0; i < changes; ++i) {
        auto random = draft.stream("change point", i);
        points.push_back(boost::random::uniform_real_distribution<double>{0.0, 1.0}(random));
    }
    std::sort(points.begin(), points.end());
    return points;
}

// The first step from there on that is not a pause, and has nothing that left before it.
std::optional<std::uint16_t> step_from(const std::vector<StepSpec>& journey, double part)
{
    auto step = static_cast<std::size_t>(std::floor(part * static_cast<double>(journey.size())));
    while (step < journey.size() && (journey[step].action == Action::pause || journey[step].early)) ++step;
    if (step >= journey.size()) return std::nullopt;
    return static_cast<std::uint16_t>(step);
}

} // namespace

// After PCT (Burckhardt et al. 2010), without its bound: nobody enforces an order here.
void add_priorities(Draft& draft, std::size_t changes)
{
    const auto connections = draft.connections();
    const auto points = change_points(draft, changes);
    for (std::size_t part = 0; part < points.size(); ++part) {
        const auto victims = connections.size() > 3 && draft.decides("two victims", 0.4, part) ? 2U : 1U;
        for (std::uint64_t victim = 0; victim < victims; ++victim) {
            const auto& chosen = connections[draft.pick("victim", connections.size(), part, victim)];
            const auto step = step_from(draft.journey(chosen), points[part]);
            if (step)
                draft.add_delay(chosen, *step, PlannedDelay::Point::step,
                                draft.time("long delay", 5ms, 500ms, part, victim));
        }
    }
}

} // namespace wsrace
