#include "scenario/constraints_reader.hpp"

#include "scenario/distribution_reader.hpp"
#include "scenario/gates_reader.hpp"
#include "scenario/meeting_order.hpp"
#include "scenario/meetings.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {
namespace {

using Users = ConstraintEnd::Users;

constexpr std::size_t most_constraints = 1000;
constexpr std::array picked{Choice<Users>{"all", Users::all}, Choice<Users>{"odd", Users::odd},
                            Choice<Users>{"even", Users::even}};
constexpr std::array related{Choice<Users>{"same", Users::same}, Choice<Users>{"previous", Users::previous},
                             Choice<Users>{"next", Users::next}};

// One end, and where it stands.
struct PlacedEnd {
    ConstraintEnd end;
    std::optional<JsonNode> at; // only if it was understood
};

template <std::size_t n>
void read_whom(const JsonNode& node, const std::array<Choice<Users>, n>& words, std::uint32_t users,
               ConstraintEnd& end)
{
    if (!node.is_number()) {
        const auto word = node.choice(words, "users (or a user's number)");
        if (word) end.users = *word;
        return;
    }
    const auto number = node.integer(0, std::int64_t{users} - 1);
    if (!number) return;
    end.users = Users::one;
    end.user = static_cast<std::uint32_t>(*number);
}

PlacedEnd read_end(const JsonNode& node, std::string_view what, bool held, const Scenario& scenario)
{
    PlacedEnd placed;
    auto& end = placed.end;
    JsonObject object(node, what);
    const auto at = object.require("at", held ? "the step that waits, as in \"connect\""
                                              : "what it waits for, as in \"close\" or \"event:3\"");
    const auto moment = !at ? std::nullopt : held ? read_held_moment(*at) : read_observed_moment(*at);
    if (moment) {
        end.at = *moment;
        placed.at = at;
    }
    const auto users =
        held ? object.find("users")
             : object.require("users",
                              "whose step that is: \"same\", \"previous\", \"next\" or a user's number");
    if (users && held) read_whom(*users, picked, scenario.users, end);
    if (users && !held) read_whom(*users, related, scenario.users, end);
    object.read_integer("connection", end.connection, 0, scenario.connections - 1);
    object.read_integer("occurrence", end.occurrence, 1, 10'000);
    object.reject_unknown();
    return placed;
}

const std::vector<StepSpec>& journey_of(const Scenario& scenario, const ConstraintEnd& end)
{
    return scenario.journeys[end.connection % scenario.journeys.size()];
}

// Whether the journey of that connection has the moment; a mistake where it has not.
bool check_place(const PlacedEnd& placed, const Scenario& scenario)
{
    if (!placed.at) return false;
    const auto& [end, at] = placed;
    const auto& journey = journey_of(scenario, end);
    const auto step = place_in(journey, end.at, end.occurrence);
    if (step && end.at.is_held_by_bytes() && journey[*step].early) {
        at->mistake("this request leaves with the upgrade; use \"upgrade_sent\"");
        return false;
    }
    if (step) return true;
    const auto often = occurrences_in(journey, end.at);
    at->mistake(often == 0 ? fmt::format("the journey of connection {} never gets to \"{}\"", end.connection,
                                         to_string(end.at))
                           : fmt::format("\"occurrence\" is {}, but the journey of connection {} gets to "
                                         "\"{}\" {} time{} only",
                                         end.occurrence, end.connection, to_string(end.at), often,
                                         often == 1 ? "" : "s"));
    return false;
}

// A connection that waits at a gate cannot keep the time of a constraint at the same step.
void check_gates(const JsonNode& node, const Constraint& constraint, const Scenario& scenario)
{
    const auto& journey = journey_of(scenario, constraint.step);
    const auto step = place_in(journey, constraint.step.at, constraint.step.occurrence);
    for (std::size_t number = 0; number < scenario.gates.size(); ++number) {
        const auto& gate = scenario.gates[number];
        if (gate.at == constraint.step.at && place_in(journey, gate.at, gate.occurrence) == step)
            node.mistake(fmt::format("gate {} holds connections at the same step; a step waits at a gate or "
                                     "for a constraint, not for both",
                                     number));
    }
}

void check_gap(const JsonNode& node, const Distribution& gap, Duration total)
{
    if (gap.low >= total)
        node.mistake(
            fmt::format("{} is not less than the deadline \"total\", {}: the step would never be done",
                        format_duration(gap.low), format_duration(total)));
}

bool check_ends(const JsonNode& node, const PlacedEnd& step, const PlacedEnd& after,
                const Constraint& constraint, const Scenario& scenario)
{
    const auto step_is_there = check_place(step, scenario);
    const auto after_is_there = check_place(after, scenario);
    if (!step_is_there || !after_is_there) return false;
    check_gates(node, constraint, scenario);
    if (!bound_users(constraint, scenario.users).empty()) return true;
    node.mistake(
        fmt::format("binds nobody: of {} user{}, none that \"step\" names has one that \"after\" names",
                    scenario.users, scenario.users == 1 ? "" : "s"));
    return false;
}

// False where it is not known what it means.
bool read_constraint(const JsonNode& node, bool judge_steps, const Scenario& scenario, Constraint& constraint)
{
    JsonObject object(node, "a constraint");
    const auto step =
        object.require("step", "the step that waits, as in {\"at\": \"connect\", \"users\": \"odd\"}");
    const auto after =
        object.require("after", "what it waits for, as in {\"at\": \"close\", \"users\": \"previous\"}");
    PlacedEnd first;
    PlacedEnd second;
    if (step) first = read_end(*step, "the step that waits", true, scenario);
    if (after) second = read_end(*after, "what is waited for", false, scenario);
    constraint.step = first.end;
    constraint.after = second.end;
    const auto gap =
        object.require("gap", "how long after, as in \"0ms\" or {\"log_uniform\": [\"1ms\", \"1s\"]}");
    if (const auto value = gap ? read_distribution(*gap) : std::nullopt) constraint.gap = *value;
    if (gap) check_gap(*gap, constraint.gap, scenario.expectations.deadlines.total);
    const auto within = object.find("within");
    if (const auto limit = within ? within->positive_duration() : std::nullopt) constraint.within = *limit;
    const auto tolerance = object.find("tolerance");
    if (const auto most = tolerance ? tolerance->duration() : std::nullopt) constraint.tolerance = *most;
    object.reject_unknown();
    return judge_steps && check_ends(node, first, second, constraint, scenario);
}

} // namespace

void read_constraints(JsonObject& root, bool judge_steps, Scenario& scenario)
{
    const auto list = root.find("constraints");
    const auto nodes = list ? list->items("constraints") : std::vector<JsonNode>{};
    if (nodes.size() > most_constraints)
        list->mistake(fmt::format("has more than {} constraints", most_constraints));
    bool complete = judge_steps;
    for (const JsonNode& node : nodes) {
        Constraint constraint;
        complete = read_constraint(node, judge_steps, scenario, constraint) && complete;
        scenario.expectations.constraints.push_back(
            {.text = title(constraint, scenario.constraints.size()), .tolerance = constraint.tolerance});
        scenario.constraints.push_back(constraint);
    }
    complete = complete && root.node().mistakes().problems().empty();
    const auto circle = complete ? circular_wait(scenario) : std::nullopt;
    if (circle)
        root.node().mistakes().add(
            fmt::format("$.{}[{}]", circle->is_gate ? "gates" : "constraints", circle->number), circle->text);
}

} // namespace wsrace
