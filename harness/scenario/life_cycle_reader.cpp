#include "scenario/life_cycle_reader.hpp"

#include <fmt/format.h>

namespace wsrace {
namespace {

using Anchor = Arrival::Anchor;
using Kind = LifeCycleFault::Kind;

constexpr std::array anchors{
    Choice<Anchor>{"server.ready", Anchor::ready},
    Choice<Anchor>{"server.port_open", Anchor::port_open},
    Choice<Anchor>{"server.spawn", Anchor::spawn},
    Choice<Anchor>{"server.sigterm", Anchor::terminating},
};
constexpr std::array kinds{
    Choice<Kind>{"pause", Kind::pause},
    Choice<Kind>{"kill", Kind::kill},
    Choice<Kind>{"terminate", Kind::terminate},
    Choice<Kind>{"restart", Kind::restart},
    Choice<Kind>{"rolling_restart", Kind::rolling_restart},
    Choice<Kind>{"slow_cpu", Kind::slow_cpu},
};

void check_instance(const JsonNode& node, const LifeCycleFault& fault, const TargetSpec& target)
{
    const auto instances = target.server ? target.server->instances : std::uint16_t{1};
    if (fault.kind == Kind::rolling_restart)
        node.mistake("a rolling restart is one of all instances; leave \"instance\" out, or use \"restart\"");
    else if (*fault.instance >= instances)
        node.mistake(fmt::format("there is no instance {}: the server has {}, counted from 0",
                                 *fault.instance, instances));
}

} // namespace

std::string_view name(LifeCycleFault::Kind kind)
{
    for (const auto& known : kinds)
        if (known.value == kind) return known.name;
    return "invalid";
}

bool sends_sigterm(const LifeCycleFault& fault)
{
    return fault.kind == Kind::terminate || fault.kind == Kind::restart ||
           fault.kind == Kind::rolling_restart;
}

bool read_anchor(JsonObject& object, Anchor& anchor)
{
    return object.read_choice("after", anchor, anchors, "anchor");
}

LifeCycleFault read_life_cycle_fault(const JsonNode& node, const TargetSpec& target)
{
    LifeCycleFault fault;
    JsonObject object(node, "a fault of the server");
    const auto known = object.read_choice("server", fault.kind, kinds, "fault of the server");
    if (object.read_choice("after", fault.after, anchors, "anchor") && fault.after == Anchor::terminating)
        object.find("after")->mistake(
            "what happens to the server counts from its start; use \"server.ready\"");
    const auto at = object.find("at");
    if (const auto value = at ? at->duration() : std::nullopt) fault.at = *value;
    const auto lasts = fault.kind == Kind::pause || fault.kind == Kind::slow_cpu;
    const auto lasting = object.find("for");
    if (const auto value = lasting ? lasting->positive_duration() : std::nullopt) fault.lasting = *value;
    const auto share = object.find("share");
    if (const auto value = share ? share->number(0.01, 1.0) : std::nullopt) fault.share = *value;
    std::uint16_t instance = 0;
    if (object.read_integer("instance", instance, 0, 999)) fault.instance = instance;
    object.reject_unknown();
    if (!known) return fault;
    if (lasts && !lasting) node.mistake("the field \"for\" is missing: how long, as in \"500ms\"");
    if (!lasts && lasting) lasting->mistake("only \"pause\" and \"slow_cpu\" last; leave it out");
    if (fault.kind == Kind::slow_cpu && !share)
        node.mistake("the field \"share\" is missing: what is left of one core, as in 0.2");
    if (fault.kind != Kind::slow_cpu && share) share->mistake("\"share\" is for \"slow_cpu\"");
    if (fault.instance) check_instance(*object.find("instance"), fault, target);
    if (!target.server)
        node.mistake(
            "only a server that the harness starts itself can be treated so; the target has no \"server\"");
    return fault;
}

} // namespace wsrace
