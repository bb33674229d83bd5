#include "plan/plan_faults_reader.hpp"

#include "plan/plan_fields.hpp"
#include "scenario/dependency_words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace wsrace {

namespace {

using Kind = LifeCycleFault::Kind;

void check_life_cycle(JsonObject& object, const LifeCycleFault& fault, const TargetSpec& target)
{
    const auto lasts = fault.kind == Kind::pause || fault.kind == Kind::slow_cpu;
    if (lasts && fault.lasting == Duration{})
        object.node().mistake("the field \"for_us\" is missing: how long, in microseconds");
    if (!target.server)
        object.node().mistake("the scenario's target is not one that the harness starts itself, so that "
                              "nothing can be done to it");
    else if (fault.instance && *fault.instance >= target.server->instances)
        object.find("instance")
            ->mistake(fmt::format("there is no instance {}: the scenario's server has {}, counted from 0",
                                  *fault.instance, target.server->instances));
}

LifeCycleFault read_life_cycle(const JsonNode& node, const TargetSpec& target)
{
    LifeCycleFault fault;
    JsonObject object(node, "a fault of the server");
    object.require("server", "what happens to it");
    const auto known = read_enumerator(object, "server", Kind::slow_cpu, fault.kind, "fault of the server");
    object.require("after", "what its time counts from");
    if (read_planned_anchor(object, "after", fault.after) && fault.after == Arrival::Anchor::terminating)
        object.find("after")->mistake("what happens to the server counts from its start");
    object.require("at_us", "when");
    read_micros(object, "at_us", fault.at);
    read_micros(object, "for_us", fault.lasting);
    const auto share = object.find("share");
    if (const auto value = share ? share->number(0, 1) : std::nullopt) fault.share = *value;
    std::uint16_t instance = 0;
    if (object.read_integer("instance", instance, 0, 999)) fault.instance = instance;
    object.reject_unknown();
    if (known) check_life_cycle(object, fault, target);
    return fault;
}

void check_dependency(JsonObject& object, const DependencyFault& fault, const TargetSpec& target)
{
    std::vector<std::string_view> names;
    if (target.server)
        for (const auto& one : target.server->dependencies) names.push_back(one.name);
    if (std::find(names.begin(), names.end(), fault.dependency) != names.end()) return;
    if (names.empty())
        object.node().mistake("the scenario declares no dependencies that could have faults");
    else
        object.find("dependency")->mistake(unknown_name("dependency", fault.dependency, names));
}

DependencyFault read_dependency_fault(const JsonNode& node, const TargetSpec& target)
{
    DependencyFault fault;
    JsonObject object(node, "a fault of a dependency");
    object.require("dependency", "whose fault it is");
    if (object.read_word("dependency", fault.dependency)) check_dependency(object, fault, target);
    object.require("kind", "what happens");
    read_enumerator(object, "kind", DependencyFault::Kind::cut, fault.kind, "fault of a dependency");
    const auto delay = object.find("delay_us");
    if (const auto drawn = delay ? read_planned_distribution(*delay) : std::nullopt) fault.delay = *drawn;
    if (const auto during = object.find("during")) {
        fault.during_start = during->value() == "start";
        if (!fault.during_start) during->expected("\"start\"; leave it out otherwise");
    }
    read_micros(object, "from_us", fault.from);
    if (read_micros(object, "until_us", fault.until) && fault.until <= fault.from)
        object.find("until_us")->mistake("the fault would end before it begins");
    read_planned_span(object, fault);
    object.reject_unknown();
    return fault;
}

} // namespace

bool read_planned_anchor(JsonObject& object, std::string_view field, Arrival::Anchor& anchor)
{
    using Anchor = Arrival::Anchor;
    constexpr std::array anchors{
        Choice<Anchor>{"server.ready", Anchor::ready}, Choice<Anchor>{"server.port_open", Anchor::port_open},
        Choice<Anchor>{"server.spawn", Anchor::spawn}, Choice<Anchor>{"server.sigterm", Anchor::terminating}};
    return object.read_choice(field, anchor, anchors, "anchor");
}

void read_planned_life_cycle(JsonObject& root, const TargetSpec& target, Plan& plan)
{
    const auto list = root.require("life_cycle", "what happens to the server; [] if nothing does");
    if (!list) return;
    for (const JsonNode& node : list->items("faults of the server"))
        plan.life_cycle.push_back(read_life_cycle(node, target));
}

void read_planned_dependency_faults(JsonObject& root, const TargetSpec& target, Plan& plan)
{
    const auto list = root.find("dependency_faults");
    if (!list) return;
    for (const JsonNode& node : list->items("faults of dependencies"))
        plan.dependency_faults.push_back(read_dependency_fault(node, target));
}

} // namespace wsrace
