#include "scenario/link_reader.hpp"

#include "scenario/connection_span_reader.hpp"
#include "scenario/distribution_reader.hpp"
#include "scenario/share_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace wsrace {
namespace {

using Direction = LinkFault::Direction;
using Side = LinkFault::Side;
using Trigger = LinkFault::Trigger;

constexpr std::array directions{Choice<Direction>{"both", Direction::both},
                                Choice<Direction>{"up", Direction::up},
                                Choice<Direction>{"down", Direction::down}};
constexpr std::array sides{Choice<Side>{"client", Side::client}, Choice<Side>{"target", Side::target}};
constexpr std::array starts{Choice<LinkFault::Since>{"start", LinkFault::Since::start},
                            Choice<LinkFault::Since>{"connection", LinkFault::Since::connection}};
constexpr std::array spans{Choice<Trigger::Kind>{"upgrade", Trigger::Kind::while_upgrade}};
constexpr std::array frame_types{
    FrameType::welcome,        FrameType::agent_started,  FrameType::agent_thinking,
    FrameType::tool_executing, FrameType::tool_completed, FrameType::agent_completed,
    FrameType::agent_error,    FrameType::error_message,  FrameType::acknowledgement,
    FrameType::ping,           FrameType::pong,           FrameType::heartbeat};
constexpr auto most = std::numeric_limits<std::uint32_t>::max() - 1;

// "64KiB": how many bytes a second.
std::optional<std::uint64_t> read_rate(const JsonNode& node)
{
    constexpr std::array<std::pair<std::string_view, unsigned>, 4> units{
        {{"KiB", 10U}, {"MiB", 20U}, {"GiB", 30U}, {"B", 0U}}};
    const auto text = node.is_string() ? node.string() : std::string{};
    std::uint64_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit{rest, static_cast<std::size_t>(text.data() + text.size() - rest)};
    for (const auto& [known, shift] : units)
        if (error == std::errc{} && number > 0 && number < (std::uint64_t{1} << 30U) && unit == known)
            return number << shift;
    node.expected("bytes per second, as in \"64KiB\" (units: B, KiB, MiB, GiB)");
    return std::nullopt;
}

// A duration alone is the most that is added.
std::optional<Distribution> read_jitter(const JsonNode& node)
{
    if (!node.is_string()) return read_distribution(node);
    const auto up_to = node.positive_duration();
    if (!up_to) return std::nullopt;
    return Distribution{.kind = Distribution::Kind::uniform, .low = {}, .high = *up_to};
}

bool read_true(JsonObject& object, const char* field)
{
    const auto found = object.find(field);
    if (found && !found->is_true()) found->expected("true; leave it out otherwise");
    return found.has_value();
}

void check_header(const JsonNode& node, const std::string& name)
{
    constexpr std::string_view signs = "!#$%&'*+-.^_`|~";
    const auto is_token = [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               signs.find(c) != std::string_view::npos;
    };
    if (!std::all_of(name.begin(), name.end(), is_token))
        node.expected("the name of a header, as in \"Sec-WebSocket-Accept\"");
}

// What stands under "link".
void read_conditions(const JsonNode& node, LinkFault& fault)
{
    JsonObject link(node, "conditions of a link");
    link.read_duration("latency", fault.latency);
    if (const auto jitter = link.find("jitter")) fault.jitter = read_jitter(*jitter);
    const auto bandwidth = link.find("bandwidth");
    if (const auto rate = bandwidth ? read_rate(*bandwidth) : std::nullopt) fault.bandwidth = *rate;
    link.read_integer("slice", fault.slice, 1, 1 << 20);
    link.read_duration("stall", fault.stall);
    fault.black_hole = read_true(link, "black_hole");
    link.read_choice("half_open", fault.half_open, sides, "side");
    fault.reset = read_true(link, "reset");
    link.read_duration("slow_close", fault.slow_close);
    if (link.read_word("corrupt_header", fault.corrupt_header))
        check_header(*link.find("corrupt_header"), fault.corrupt_header);
    link.reject_unknown();
    if (link.valid() && node.size() == 0)
        node.mistake("it does not say what happens on the link, as in {\"latency\": \"40ms\"}");
    std::vector<std::string_view> fatal;
    for (const char* field : {"reset", "black_hole", "half_open"})
        if (link.valid() && node.has(field)) fatal.emplace_back(field);
    if (fatal.size() > 1)
        node.mistake(
            fmt::format("\"{}\" and \"{}\" exclude each other; keep one, and write another fault for "
                        "the other",
                        fatal[0], fatal[1]));
    else if (!fatal.empty() && node.size() > 1)
        node.mistake(fmt::format(
            "\"{}\" ends the connection, and stands alone; write another fault for the rest", fatal[0]));
}

void read_connections(const JsonNode& node, LinkFault& fault)
{
    if (node.is_string()) {
        if (const auto share = read_share(node, "connections")) fault.connection_share = *share;
        return;
    }
    const auto span = read_connection_span(node, "a share, as in \"30%\", or ");
    if (!span) return;
    fault.first_connection = span->first;
    fault.last_connection = span->last;
}

void read_after(const JsonNode& node, const LinkPlace& place, Trigger& trigger)
{
    JsonObject after(node, "what the fault comes after");
    trigger.kind = Trigger::Kind::after_event;
    after.require("event", "which event of the connection, counted from 1");
    after.read_integer("event", trigger.number, 1, 1'000'000);
    std::uint32_t user = 0;
    const auto limit = place.users == 0 ? most : place.users - 1;
    if (place.has_users && after.read_integer("user", user, 0, limit)) trigger.user = user;
    if (const auto named = place.has_users ? std::nullopt : after.find("user"))
        named->mistake("the proxy alone knows connections, not users; use \"connections\": [7, 7]");
    after.reject_unknown();
}

std::optional<FrameType> read_type(const JsonNode& node)
{
    std::vector<std::string_view> names;
    for (const FrameType type : frame_types) names.push_back(name(type));
    const auto place = node.place_among(names, "type of a frame");
    if (!place) return std::nullopt;
    return frame_types[*place];
}

// "tool_executing", or {"type": "tool_executing", "number": 2}.
void read_on(const JsonNode& node, Trigger& trigger)
{
    trigger.kind = Trigger::Kind::on_type;
    if (!node.is_object()) {
        if (const auto type = read_type(node)) trigger.type = *type;
        return;
    }
    JsonObject on(node, "the frame that the fault begins with");
    const auto type = on.require("type", "as in \"tool_executing\"");
    if (const auto known = type ? read_type(*type) : std::nullopt) trigger.type = *known;
    on.read_integer("number", trigger.number, 1, 1'000'000);
    on.reject_unknown();
}

void read_trigger(JsonObject& object, const LinkPlace& place, LinkFault& fault)
{
    std::vector<std::string_view> found;
    if (const auto after = object.find("after")) {
        found.emplace_back("after");
        read_after(*after, place, fault.trigger);
    }
    if (const auto on = object.find("on")) {
        found.emplace_back("on");
        read_on(*on, fault.trigger);
    }
    if (object.find("while")) {
        found.emplace_back("while");
        object.read_choice("while", fault.trigger.kind, spans, "span");
    }
    if (found.size() > 1)
        object.node().mistake(
            fmt::format("\"{}\" and \"{}\" exclude each other; keep one", found[0], found[1]));
    for (const char* field : {"from", "until", "since"})
        if (const auto span = object.find(field); span && !found.empty())
            span->mistake(fmt::format("\"{}\" says when; \"{}\" excludes it", found[0], field));
    const auto lasting = object.find("for");
    object.read_duration("for", fault.lasting);
    if (lasting && (found.empty() || found[0] == "while"))
        lasting->mistake("\"for\" goes with \"after\" and \"on\"; use \"from\" and \"until\"");
}

void read_window(JsonObject& object, LinkFault& fault)
{
    object.read_choice("since", fault.since, starts, "beginning");
    const auto from = object.find("from");
    if (const auto time = from ? from->duration() : std::nullopt) fault.from = *time;
    const auto until = object.find("until");
    object.read_duration("until", fault.until);
    if (until && fault.until <= fault.from)
        until->mistake(fmt::format("the fault would end at {}, before it begins at {}",
                                   format_duration(fault.until), format_duration(fault.from)));
}

// What happens once has a time and no span; what is about the handshake has the handshake's.
void check_time(JsonObject& object, const LinkFault& fault)
{
    const auto triggered = fault.trigger.kind != Trigger::Kind::none;
    const auto once = fault.reset || fault.half_open != Side::neither;
    const auto in_upgrade = fault.trigger.kind == Trigger::Kind::while_upgrade;
    if ((once || fault.black_hole) && !triggered && !object.find("from"))
        object.node().mistake("it does not say when the connection is to be lost: \"from\", \"after\" or "
                              "\"on\"");
    for (const char* field : {"until", "for"})
        if (const auto span = object.find(field); span && (once || fault.stall > Duration{}))
            span->mistake(fmt::format("{}; leave \"{}\" out",
                                      once ? "a connection is lost once" : "a stall has its own length",
                                      field));
    if (const auto way = object.find("direction"); way && once)
        way->mistake("a connection that is lost is lost both ways; leave it out");
    if (!fault.corrupt_header.empty() && triggered && !in_upgrade)
        object.node().mistake("\"corrupt_header\" is about the handshake, which is over then");
}

void check_place(JsonObject& object, const LinkPlace& place, const LinkFault& fault)
{
    if (!place.plain_text && fault.needs_plain_text())
        object.node().mistake("the target speaks TLS (wss://): what passes cannot be read, so that there are "
                              "no events, upgrades and headers to go by; use \"from\" and \"until\"");
    if (const auto users = object.find("users"); users && !place.has_users)
        users->mistake("the proxy alone knows connections, not users; use \"connections\"");
}

} // namespace

bool is_link_fault(const JsonNode& fault) { return fault.is_object() && fault.has("link"); }

LinkFault read_link_fault(const JsonNode& node, const LinkPlace& place)
{
    LinkFault fault;
    JsonObject object(node, "a fault of a link");
    if (const auto link = object.require("link", "what happens, as in {\"latency\": \"40ms\"}"))
        read_conditions(*link, fault);
    object.read_choice("direction", fault.direction, directions, "direction");
    if (const auto users = object.find("users"))
        if (const auto share = read_share(*users, "users")) fault.user_share = *share;
    if (const auto connections = object.find("connections")) read_connections(*connections, fault);
    read_window(object, fault);
    read_trigger(object, place, fault);
    object.reject_unknown();
    check_time(object, fault);
    check_place(object, place, fault);
    return fault;
}

} // namespace wsrace
