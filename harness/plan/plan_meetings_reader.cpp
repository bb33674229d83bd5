#include "plan/plan_meetings_reader.hpp"

#include "plan/plan_fields.hpp"
#include "plan/plan_waits.hpp"
#include "scenario/gates_reader.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <tuple>

namespace wsrace {

namespace {

// Held moments, by what holds them.
using Place = std::tuple<std::uint32_t, std::uint16_t, std::uint16_t, Moment::Kind>;

Place key_of(const PlannedMoment& place)
{
    return {place.user.value, place.slot, place.step, place.moment.kind};
}

// Empty, or why the plan has no such moment.
std::string missing(const PlannedMoment& place, const Plan& plan, bool held)
{
    const auto* const user = plan.find_user(place.user);
    if (user == nullptr) return fmt::format("there is no user {} in this plan", place.user.value);
    if (place.slot >= plan.role(*user).connections)
        return fmt::format("user {} has no connection {}: {} in all, counted from 0", place.user.value,
                           place.slot, plan.role(*user).connections);
    const auto& journey = plan.journey(*user, place.slot);
    const auto word = to_string(place.moment);
    if (place.step >= journey.size())
        return fmt::format(
            "the journey of connection {} of user {} has no step {}: {} in all, counted from 0", place.slot,
            place.user.value, place.step, journey.size());
    const auto& step = journey[place.step];
    if (step.action != place.moment.action)
        return fmt::format("step {} of connection {} of user {} is \"{}\", where \"{}\" cannot happen",
                           place.step, place.slot, place.user.value, name(step.action), word);
    if (held && step.early)
        return "this request leaves with the upgrade; use \"upgrade_sent\" of its connect";
    return {};
}

// [user, connection, step]
std::optional<PlannedMoment> read_place(const JsonNode& node, const std::optional<Moment>& moment,
                                        const Plan& plan, bool held)
{
    const auto parts = node.value().is_array() ? node.items("numbers") : std::vector<JsonNode>{};
    if (parts.size() != 3) {
        node.expected("a place: [user, connection, step]");
        return std::nullopt;
    }
    const auto user = parts[0].integer(0, 999'999);
    const auto slot = parts[1].integer(0, 0xFFFF);
    const auto step = parts[2].integer(0, 0xFFFF);
    if (!moment || !user || !slot || !step) return std::nullopt;
    const PlannedMoment place{.user = UserId{static_cast<std::uint32_t>(*user)},
                              .slot = static_cast<std::uint16_t>(*slot),
                              .step = static_cast<std::uint16_t>(*step),
                              .moment = *moment};
    const auto why = missing(place, plan, held);
    if (why.empty()) return place;
    node.mistake(why);
    return std::nullopt;
}

class MeetingsReader {
public:
    explicit MeetingsReader(Plan& plan) : plan_{plan} {}

    void read_gate(const JsonNode& node)
    {
        PlannedGate gate;
        JsonObject object(node, "a group of a gate");
        object.require("gate", "its number");
        object.read_integer("gate", gate.number, 0, 0xFFFF);
        object.read_integer("group", gate.group, 0, 0xFFFF'FFFF);
        const auto at = object.require("at", "where connections wait, as in \"upgrade_sent\"");
        const auto moment = at ? read_held_moment(*at) : std::nullopt;
        read_times(object, gate);
        const auto members = object.require("members", "who waits");
        object.reject_unknown();
        if (!members) return;
        const auto places = members->items("places");
        if (members->value().is_array() && places.size() < 2)
            members->mistake("a gate has two members at least: one alone waits for nobody");
        for (const JsonNode& item : places)
            if (const auto place = read_place(item, moment, plan_, true)) add_member(item, *place, gate);
        plan_.gates.push_back(std::move(gate));
    }

    void read_constraint(const JsonNode& node)
    {
        PlannedConstraint constraint;
        JsonObject object(node, "a constraint");
        object.require("constraint", "its number");
        object.read_integer("constraint", constraint.number, 0, 0xFFFF);
        const auto at = object.require("at", "what waits, as in \"connect\"");
        const auto after_at = object.require("after_at", "what it waits for, as in \"close\" or \"event:3\"");
        const auto moment = at ? read_held_moment(*at) : std::nullopt;
        const auto other = after_at ? read_observed_moment(*after_at) : std::nullopt;
        const auto step = object.require("step", "where it waits: [user, connection, step]");
        const auto after = object.require("after", "where the other one happens: [user, connection, step]");
        object.require("gap_us", "how long after");
        read_micros(object, "gap_us", constraint.gap);
        read_times(object, constraint);
        object.reject_unknown();
        const auto place = step ? read_place(*step, moment, plan_, true) : std::nullopt;
        const auto awaited = after ? read_place(*after, other, plan_, false) : std::nullopt;
        if (!place || !awaited) return;
        if (at_gate_.contains(key_of(*place)))
            step->mistake(
                "this step waits at a gate already; a step waits at a gate or for constraints, not for "
                "both");
        constraint.step = *place;
        constraint.after = *awaited;
        plan_.constraints.push_back(constraint);
    }

private:
    template <typename Wait>
    static void read_times(JsonObject& object, Wait& wait)
    {
        object.require("within_us", "how long is waited at most");
        object.require("tolerance_us", "by how much the harness may miss it");
        read_micros(object, "within_us", wait.within);
        read_micros(object, "tolerance_us", wait.tolerance);
    }

    void add_member(const JsonNode& node, const PlannedMoment& place, PlannedGate& gate)
    {
        if (!at_gate_.insert(key_of(place)).second)
            return node.mistake("this step waits at a gate already; it can wait at one only");
        gate.members.push_back(place);
    }

    Plan& plan_;
    std::set<Place> at_gate_;
};

} // namespace

void read_planned_meetings(JsonObject& root, Plan& plan)
{
    auto& mistakes = root.node().mistakes();
    const auto before = mistakes.problems().size();
    MeetingsReader reader{plan};
    if (const auto list = root.find("gates"))
        for (const JsonNode& node : list->items("groups of gates")) reader.read_gate(node);
    if (const auto list = root.find("constraints"))
        for (const JsonNode& node : list->items("constraints")) reader.read_constraint(node);
    if (mistakes.problems().size() > before) return;
    if (const auto circle = circular_wait(plan))
        mistakes.add(fmt::format("$.{}[{}]", circle->is_gate ? "gates" : "constraints", circle->number),
                     circle->text);
}

} // namespace wsrace
