#include "plan/strategies/variations.hpp"

#include <algorithm>

namespace wsrace {

namespace {

using Journey = std::vector<StepSpec>;

StepSpec step(Action action)
{
    StepSpec spec;
    spec.action = action;
    return spec;
}

StepSpec drop(Ending ending)
{
    auto spec = step(Action::drop);
    spec.ending = ending;
    return spec;
}

StepSpec early(StepSpec request)
{
    request.early = true;
    return request;
}

template <typename Is>
const StepSpec* first_of(const Scenario& scenario, Is is)
{
    for (const auto& journey : scenario.journeys) {
        const auto found = std::find_if(journey.begin(), journey.end(), is);
        if (found != journey.end()) return &*found;
    }
    return nullptr;
}

bool has(const Scenario& scenario, Action action)
{
    return first_of(scenario, [action](const StepSpec& one) { return one.action == action; }) != nullptr;
}

// One of them, and then the other with none of `between` before it.
bool has_in_turn(const Scenario& scenario, Action first, Action then, std::initializer_list<Action> between)
{
    for (const auto& journey : scenario.journeys) {
        bool found = false;
        for (const auto& one : journey) {
            if (found && one.action == then) return true;
            if (std::find(between.begin(), between.end(), one.action) != between.end()) found = false;
            found = found || one.action == first;
        }
    }
    return false;
}

// What the scenario's users ask, and how they connect.
struct Parts {
    explicit Parts(const Scenario& scenario)
    {
        const auto* const asked = first_of(scenario, [](const StepSpec& one) {
            return one.action == Action::request && one.thread.find("{other_user}") == std::string::npos;
        });
        if (asked != nullptr) request = *asked;
        request.early = false;
        if (asked == nullptr) request.text = "hello {canary}";
        if (has(scenario, Action::login)) before = {step(Action::login)};
    }

    Journey walk(const Journey& rest) const
    {
        Journey journey = before;
        journey.push_back(step(Action::connect));
        journey.insert(journey.end(), rest.begin(), rest.end());
        return journey;
    }

    Journey before;
    StepSpec request = step(Action::request);
};

} // namespace

std::vector<Variation> variations(const Scenario& scenario)
{
    const Parts parts{scenario};
    const auto& ask = parts.request;
    const auto connect = step(Action::connect);
    const auto welcome = step(Action::await_welcome);
    const auto first = step(Action::await_first_event);
    const auto all = step(Action::await_events);
    const auto close = step(Action::close);
    std::vector<Variation> out;
    const auto add = [&](std::string_view name, const Journey& rest) {
        out.push_back({.name = name, .behaviour = {}, .connections = 1, .journey = parts.walk(rest)});
    };
    // On a link with faults what had been sent when the connection was cut may be lost on the way.
    if (scenario.link_faults.empty() && !has_in_turn(scenario, Action::drop, Action::connect, {})) {
        add("cut hard and back",
            {welcome, ask, first, drop(Ending::reset), connect, welcome, all, ask, all, close});
        add("cut softly and back",
            {welcome, ask, first, drop(Ending::fin), connect, welcome, all, ask, all, close});
    }
    if (!has_in_turn(scenario, Action::close, Action::connect, {}))
        add("closed and reopened", {welcome, ask, all, close, connect, welcome, ask, all, close});
    if (!has_in_turn(scenario, Action::request, Action::request, {Action::await_events, Action::stop}))
        add("two questions at once", {welcome, ask, ask, all, close});
    if (!has_in_turn(scenario, Action::await_events, Action::request, {}))
        add("a second question", {welcome, ask, all, ask, all, close});
    // Nothing is asked behind a stop that may cross the end of its run: that it came too late is no refusal.
    if (!has(scenario, Action::stop))
        add("stopped", {welcome, ask, first, step(Action::stop), step(Action::ping), close});
    if (!has(scenario, Action::ping))
        add("ping during a run", {welcome, ask, first, step(Action::ping), all, close});
    if (!has_in_turn(scenario, Action::connect, Action::request, {Action::await_welcome})) {
        add("asks before the welcome", {ask, welcome, all, close});
        add("asks with the upgrade", {early(ask), welcome, all, close});
    }
    if (scenario.connections == 1)
        out.push_back({.name = "two tabs",
                       .behaviour = {},
                       .connections = 2,
                       .journey = parts.walk({welcome, ask, all, close})});
    for (const auto ending : {Ending::reset, Ending::fin})
        out.push_back({.name = "leaves",
                       .behaviour = Behaviour::leaver,
                       .connections = 1,
                       .journey = parts.walk({welcome, ask, first, drop(ending)})});
    return out;
}

void add_variations(Draft& draft, double probability)
{
    const auto known = variations(draft.scenario());
    for (std::size_t user = 0; user < draft.plan().users.size(); ++user) {
        const auto id = draft.plan().users[user].id.value;
        if (draft.plan().users[user].role != 0 || !draft.decides("varies", probability, id)) continue;
        const auto& one = known[draft.pick("variation", known.size(), id)];
        draft.give_role(user, one.behaviour, one.connections, {one.journey});
    }
}

} // namespace wsrace
