#include "plan/plan_faults_reader.hpp"
#include "plan/plan_fields.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wsrace {

namespace {

using Side = LinkFault::Side;
using Direction = LinkFault::Direction;
using Trigger = LinkFault::Trigger;

bool read_true(JsonObject& object, std::string_view field)
{
    const auto found = object.find(field);
    if (found && found->value() != true) found->expected("true; leave it out otherwise");
    return found.has_value();
}

void read_share(JsonObject& object, std::string_view field, double& out)
{
    const auto found = object.find(field);
    if (const auto share = found ? found->number(0, 1) : std::nullopt) out = *share;
}

void read_conditions(const JsonNode& node, LinkFault& fault)
{
    constexpr std::array sides{Choice<Side>{"client", Side::client}, Choice<Side>{"target", Side::target}};
    JsonObject link(node, "conditions of a link");
    read_micros(link, "latency_us", fault.latency);
    if (const auto jitter = link.find("jitter_us")) fault.jitter = read_planned_distribution(*jitter);
    link.read_integer("bandwidth", fault.bandwidth, 1, std::int64_t{1} << 60);
    link.read_integer("slice", fault.slice, 1, 1 << 20);
    read_micros(link, "stall_us", fault.stall);
    fault.black_hole = read_true(link, "black_hole");
    link.read_choice("half_open", fault.half_open, sides, "side");
    fault.reset = read_true(link, "reset");
    read_micros(link, "slow_close_us", fault.slow_close);
    link.read_word("corrupt_header", fault.corrupt_header);
    link.reject_unknown();
    if (link.valid() && node.value().empty()) node.mistake("it does not say what happens on the link");
}

void read_after(const JsonNode& node, Trigger& trigger)
{
    trigger.kind = Trigger::Kind::after_event;
    JsonObject after(node, "what the fault comes after");
    after.require("event", "which event of the connection, counted from 1");
    after.read_integer("event", trigger.number, 1, 1'000'000);
    std::uint32_t user = 0;
    if (after.read_integer("user", user, 0, 999'999)) trigger.user = user;
    after.reject_unknown();
}

void read_on(const JsonNode& node, Trigger& trigger)
{
    trigger.kind = Trigger::Kind::on_type;
    JsonObject on(node, "the frame that the fault begins with");
    on.require("type", "as in \"tool_executing\"");
    on.require("number", "which of them, counted from 1");
    read_enumerator(on, "type", FrameType::heartbeat, trigger.type, "type of a frame");
    on.read_integer("number", trigger.number, 1, 1'000'000);
    on.reject_unknown();
}

void read_trigger(JsonObject& object, Trigger& trigger)
{
    constexpr std::array spans{Choice<Trigger::Kind>{"upgrade", Trigger::Kind::while_upgrade}};
    if (const auto after = object.find("after")) read_after(*after, trigger);
    if (const auto on = object.find("on")) read_on(*on, trigger);
    object.read_choice("while", trigger.kind, spans, "span");
    int named = 0;
    for (const char* field : {"after", "on", "while"}) named += object.find(field) ? 1 : 0;
    if (named > 1) object.node().mistake("\"after\", \"on\" and \"while\" exclude each other; keep one");
}

LinkFault read_link_fault_of_plan(const JsonNode& node)
{
    constexpr std::array directions{Choice<Direction>{"up", Direction::up},
                                    Choice<Direction>{"down", Direction::down}};
    constexpr std::array starts{Choice<LinkFault::Since>{"connection", LinkFault::Since::connection}};
    LinkFault fault;
    JsonObject object(node, "a fault of the link");
    if (const auto link = object.require("link", "what happens")) read_conditions(*link, fault);
    object.read_choice("direction", fault.direction, directions, "direction");
    read_share(object, "users", fault.user_share);
    read_share(object, "connection_share", fault.connection_share);
    read_planned_span(object, fault);
    object.read_choice("since", fault.since, starts, "beginning");
    read_micros(object, "from_us", fault.from);
    if (read_micros(object, "until_us", fault.until) && fault.until <= fault.from)
        object.find("until_us")->mistake("the fault would end before it begins");
    read_micros(object, "for_us", fault.lasting);
    read_trigger(object, fault.trigger);
    object.reject_unknown();
    return fault;
}

} // namespace

void read_planned_link_faults(JsonObject& root, Plan& plan)
{
    const auto list = root.find("link_faults");
    if (!list) return;
    for (const JsonNode& node : list->items("faults of the link"))
        plan.link_faults.push_back(read_link_fault_of_plan(node));
}

} // namespace wsrace
