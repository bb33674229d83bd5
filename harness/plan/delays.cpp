#include "plan/delays.hpp"

#include "core/draw.hpp"

#include <boost/random/uniform_real_distribution.hpp>

namespace wsrace {

namespace {

// Whether a fault whose users are given as a share hits this user: one draw per fault and user.
bool is_hit(const DelayFault& fault, std::size_t number, UserId user, std::uint64_t seed)
{
    if (fault.share >= 1.0) return true;
    auto random = random_stream(seed, "fault user", number, user.value);
    return boost::random::uniform_real_distribution<double>{0.0, 1.0}(random) < fault.share;
}

// The sum of the delays of all faults for which `concerns` holds.
template <typename Concerns>
Duration fault_delay(const Scenario& scenario, UserId user, std::uint64_t place, std::uint64_t seed,
                     Concerns&& concerns)
{
    Duration sum{};
    for (std::size_t number = 0; number < scenario.delays.size(); ++number) {
        const auto& fault = scenario.delays[number];
        if (!concerns(fault) || !is_hit(fault, number, user, seed)) continue;
        auto random = random_stream(seed, "fault delay", number << 32U | user.value, place);
        sum += draw(fault.delay, random);
    }
    return sum;
}

struct PlannedConnection {
    const Scenario& scenario;
    const std::vector<StepSpec>& journey;
    std::uint16_t slot;
    std::uint64_t seed;
    UserId user;
    Pauses pauses;
    std::vector<PlannedDelay> delays{};

    std::uint64_t place(std::size_t step) const { return std::uint64_t{slot} << 32U | step; }

    void add(std::size_t step, PlannedDelay::Point point, Duration delay)
    {
        if (delay > Duration{})
            delays.push_back(
                {.slot = slot, .step = static_cast<std::uint16_t>(step), .delay = delay, .point = point});
    }

    Duration delay_at(std::size_t step, std::string_view at) const
    {
        return fault_delay(scenario, user, place(step), seed,
                           [at](const DelayFault& fault) { return fault.at == at && fault.event == 0; });
    }

    // What follows an awaited event is delayed, be it the end of the journey.
    Duration delay_after_event(std::size_t step) const
    {
        if (step == 0 || journey[step - 1].action != Action::await_event) return {};
        return fault_delay(
            scenario, user, place(step - 1), seed,
            [events = journey[step - 1].events](const DelayFault& fault) { return fault.event == events; });
    }

    void plan()
    {
        using Point = PlannedDelay::Point;
        for (std::size_t step = 0; step < journey.size(); ++step) {
            const auto& spec = journey[step];
            auto delay = delay_at(step, name(spec.action)) + delay_after_event(step);
            if (spec.action == Action::pause && pauses == Pauses::with) {
                auto random = random_stream(seed, "pause", user.value, place(step));
                delay += draw(spec.duration, random);
            }
            add(step, Point::step, delay);
            if (spec.action != Action::connect) continue;
            add(step, Point::tls, delay_at(step, "tls"));
            add(step, Point::upgrade_sent, delay_at(step, "upgrade_sent"));
        }
        if (!journey.empty()) add(journey.size(), Point::step, delay_after_event(journey.size()));
    }
};

} // namespace

std::vector<PlannedDelay> plan_delays(const Scenario& scenario, const std::vector<StepSpec>& journey,
                                      UserId user, std::uint16_t slot, std::uint64_t seed, Pauses pauses)
{
    PlannedConnection connection{
        .scenario = scenario, .journey = journey, .slot = slot, .seed = seed, .user = user, .pauses = pauses};
    connection.plan();
    return std::move(connection.delays);
}

} // namespace wsrace
