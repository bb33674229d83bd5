// A plan that a strategy is working on.
#pragma once

#include "core/random.hpp"
#include "plan/strategies/step_points.hpp"
#include "plan/strategies/strategy.hpp"

#include <string_view>
#include <vector>

namespace wsrace {

// One connection of one user that is made.
struct DraftConnection {
    std::size_t user = 0; // its place in Plan::users
    std::uint16_t slot = 0;
};

// Whether no fault ends the server in the middle of things. Where one does, journeys break off anywhere,
// waits for what never comes would last until their limits, and a connection with half a message on the wire
// would not notice that it has ended: nobody is bound to anybody then.
bool server_lasts(const std::vector<LifeCycleFault>& faults);

// Begins with the scenario's users, fewer of them, who all arrive at once, and without delays, gates and
// constraints. Every draw has a stream of its own, by strategy and purpose.
class Draft {
public:
    // `scenario` may already have been cut down; it must outlive the draft, as must the input.
    Draft(const Scenario& scenario, const StrategyInput& input, std::string_view strategy);

    const Scenario& scenario() const { return scenario_; }
    const StrategyInput& input() const { return input_; }
    std::size_t fewest_events() const { return scenario_.expectations.run_events.types.size(); } // of a run
    Plan& plan() { return plan_; }
    const Plan& plan() const { return plan_; }

    RandomEngine stream(std::string_view purpose, std::uint64_t a = 0, std::uint64_t b = 0) const;
    bool decides(std::string_view purpose, double probability, std::uint64_t a = 0,
                 std::uint64_t b = 0) const;
    std::size_t pick(std::string_view purpose, std::size_t count, std::uint64_t a = 0,
                     std::uint64_t b = 0) const;
    Duration time(std::string_view purpose, Duration low, Duration high, std::uint64_t a = 0,
                  std::uint64_t b = 0) const; // log-uniform

    std::vector<DraftConnection> connections() const;
    std::vector<DraftConnection> connections_of(std::size_t user) const;
    const std::vector<StepSpec>& journey(const DraftConnection& connection) const;

    // To what there is already.
    void add_delay(const DraftConnection& connection, std::uint16_t step, PlannedDelay::Point point,
                   Duration delay);

    // Another way for a user, in a role of its own; the pauses of the old one go. Behaviours keep their mark.
    void give_role(std::size_t user, std::optional<Behaviour> behaviour, std::uint16_t connections,
                   const std::vector<std::vector<StepSpec>>& journeys);

    // `step` happens `gap` after `after`, which is put off until `step` is about to be done, so that the gap
    // can be kept. Where one of the two connections waits or is awaited already, that may make the step late:
    // no execution is void for it. False, and nothing is changed, where somebody would wait for himself.
    bool bind(const PlannedMoment& step, const PlannedMoment& after, Duration gap);

    // False, and nothing is changed, where they would wait for ever, or fewer than two could come.
    bool add_gate(std::vector<PlannedMoment> members);

    // User 0's first connection stays at least until then, counted from its last step: somebody must be there
    // when something happens to the server.
    void stay(Duration time);

    Plan finish() &&;

private:
    bool waits_at_gate(const PlannedMoment& place) const;
    bool waits(const PlannedMoment& place) const;
    bool has_part(const PlannedMoment& place) const; // its connection, in any gate or constraint
    std::uint16_t next_constraint() const;

    const Scenario& scenario_;
    const StrategyInput& input_;
    std::string strategy_;
    Plan plan_;
};

} // namespace wsrace
