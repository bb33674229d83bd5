#include "plan/strategies/step_points.hpp"

#include <algorithm>

namespace wsrace {

namespace {

using Journey = std::vector<StepSpec>;
using Kind = Moment::Kind;

Moment of_step(Action action) { return {.kind = Kind::step, .action = action, .event = 0}; }
Moment of_connect(Kind kind) { return {.kind = kind, .action = Action::connect, .event = 0}; }
Moment of_request(Kind kind, std::uint16_t event = 0)
{
    return {.kind = kind, .action = Action::request, .event = event};
}

bool ends_connection(const StepSpec& step)
{
    return step.action == Action::drop || step.action == Action::close;
}

// What happens on the way from `from` to the end of the connection, or of the journey.
template <typename Is>
bool comes_later(const Journey& journey, std::size_t from, Is is)
{
    for (auto step = from + 1; step < journey.size(); ++step)
        if (is(journey[step])) return true;
    return false;
}

// Steps that belong to an attempt which may be refused, or is given up: what follows it may be left out.
std::vector<bool> certain_steps(const Journey& journey)
{
    std::vector<bool> certain;
    bool sure = true;
    for (const auto& step : journey) {
        if (step.action == Action::connect)
            sure = step.credential == Credential::own && step.connect.abort_after == AbortStage::none;
        certain.push_back(sure || step.action == Action::connect);
    }
    return certain;
}

bool is_plain(const StepSpec& connect)
{
    return connect.credential == Credential::own && connect.connect.abort_after == AbortStage::none;
}

class Points {
public:
    Points(const Plan& plan, const PlannedUser& user, std::uint16_t slot, std::size_t fewest_events = 0)
        : journey_{plan.journey(user, slot)}, user_{user.id}, slot_{slot}, fewest_events_{fewest_events}
    {}

    void add(std::size_t step, const Moment& moment)
    {
        const PlannedMoment place{
            .user = user_, .slot = slot_, .step = static_cast<std::uint16_t>(step), .moment = moment};
        points_.push_back({.place = place, .type = step_type(journey_, place)});
    }

    void add_held(std::size_t step)
    {
        const auto& spec = journey_[step];
        switch (spec.action) {
        case Action::pause:
        case Action::await_event:
        case Action::stop_reading:
        case Action::read_slowly:
        case Action::pong: return;
        case Action::request:
            if (!spec.early) add(step, of_step(Action::request));
            return;
        case Action::connect:
            add(step, of_step(Action::connect));
            if (is_plain(spec) && spec.connect.trickle == Duration{})
                add(step, of_connect(Kind::upgrade_sent));
            return;
        default: add(step, of_step(spec.action)); return;
        }
    }

    void add_observed(std::size_t step)
    {
        const auto& spec = journey_[step];
        switch (spec.action) {
        case Action::login:
        case Action::ping:
        case Action::drop:
        case Action::close: add(step, of_step(spec.action)); return;
        case Action::connect:
            add(step, of_step(Action::connect));
            if (is_plain(spec)) add_inside(step);
            return;
        case Action::request: add_request(step); return;
        default: return;
        }
    }

    std::vector<StepPoint> take() { return std::move(points_); }

private:
    void add_inside(std::size_t step)
    {
        add(step, of_connect(Kind::upgrade_sent));
        add(step, of_connect(Kind::answered));
        for (auto later = step + 1; later < journey_.size(); ++later) {
            const auto& spec = journey_[later];
            if (spec.action == Action::await_welcome) add(step, of_connect(Kind::welcome));
            const auto certainly =
                spec.action == Action::close || spec.ending == Ending::fin || spec.ending == Ending::reset;
            if (ends_connection(spec) && certainly) add(step, of_connect(Kind::ended));
            if (ends_connection(spec) || spec.action == Action::connect) return;
        }
    }

    // Whoever names another user's thread may be refused, and gets no event then.
    void add_request(std::size_t step)
    {
        const auto& spec = journey_[step];
        if (!spec.early) add(step, of_step(Action::request));
        if (spec.thread.find("{other_user}") != std::string::npos) return;
        const auto has = [this, step](auto... actions) {
            return comes_later(journey_, step, [actions...](const StepSpec& later) {
                return ((later.action == actions) || ...);
            });
        };
        if (has(Action::await_first_event, Action::await_event, Action::await_events))
            add(step, of_request(Kind::event, 1));
        if (!has(Action::await_events)) return;
        if (!has(Action::stop) && fewest_events_ >= 3) add(step, of_request(Kind::event, 3));
        add(step, of_request(Kind::completed));
    }

    const Journey& journey_;
    UserId user_;
    std::uint16_t slot_;
    std::size_t fewest_events_; // of a run
    std::vector<StepPoint> points_;
};

std::optional<std::uint16_t> last_before(const Journey& journey, std::size_t step, Action action)
{
    while (step-- > 0)
        if (journey[step].action == action) return static_cast<std::uint16_t>(step);
    return std::nullopt;
}

// What is known to have happened once the step is done; its kind alone, since the place depends on it.
std::optional<Moment> outcome_of(const StepSpec& step)
{
    switch (step.action) {
    case Action::login:
    case Action::ping:
    case Action::drop:
    case Action::close: return of_step(step.action);
    case Action::request: return step.early ? std::nullopt : std::optional{of_step(step.action)};
    case Action::connect: return is_plain(step) ? std::optional{of_connect(Kind::answered)} : std::nullopt;
    case Action::await_welcome: return of_connect(Kind::welcome);
    case Action::await_first_event: return of_request(Kind::event, 1);
    case Action::await_event: return of_request(Kind::event, step.events);
    case Action::await_events:
    case Action::stop: return of_request(Kind::completed);
    default: return std::nullopt;
    }
}

} // namespace

std::string step_type(const Journey& journey, const PlannedMoment& place)
{
    auto type = to_string(place.moment);
    const auto of_a_connect = place.moment.action == Action::connect;
    if (of_a_connect && last_before(journey, place.step, Action::connect)) type += " again";
    return type;
}

std::vector<StepPoint> held_points(const Plan& plan, const PlannedUser& user, std::uint16_t slot)
{
    const auto certain = certain_steps(plan.journey(user, slot));
    Points points{plan, user, slot};
    for (std::size_t step = 0; step < certain.size(); ++step)
        if (certain[step]) points.add_held(step);
    return points.take();
}

std::vector<StepPoint> observed_points(const Plan& plan, const PlannedUser& user, std::uint16_t slot,
                                       std::size_t fewest_events)
{
    const auto certain = certain_steps(plan.journey(user, slot));
    Points points{plan, user, slot, fewest_events};
    for (std::size_t step = 0; step < certain.size(); ++step)
        if (certain[step]) points.add_observed(step);
    return points.take();
}

std::optional<Readiness> ready_for(const Plan& plan, const PlannedUser& user, std::uint16_t slot,
                                   std::uint16_t step)
{
    const auto& journey = plan.journey(user, slot);
    const auto certain = certain_steps(journey);
    const auto delay_before = [&](std::uint16_t at) {
        Duration sum{};
        for (const auto& delay : user.delays)
            if (delay.slot == slot && delay.step == at) sum += delay.delay;
        return sum;
    };
    auto behind = delay_before(step);
    for (auto at = step; at-- > 0; behind += delay_before(at)) {
        const auto moment = certain[at] ? outcome_of(journey[at]) : std::nullopt;
        if (!moment) continue;
        const auto place = journey[at].action == moment->action ? std::optional{at}
                                                                : last_before(journey, at, moment->action);
        if (!place) continue;
        return Readiness{.place = {.user = user.id, .slot = slot, .step = *place, .moment = *moment},
                         .behind = behind};
    }
    return std::nullopt;
}

// An early request leaves with the connect before it.
PlannedMoment cause_of(const Journey& journey, const PlannedMoment& observed)
{
    auto cause = observed;
    cause.moment = of_step(observed.moment.action);
    if (!journey[cause.step].early) return cause;
    --cause.step;
    cause.moment = of_step(Action::connect);
    return cause;
}

} // namespace wsrace
