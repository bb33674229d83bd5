#include "scenario/link_words.hpp"

#include "scenario/distribution_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace wsrace {
namespace {

using Direction = LinkFault::Direction;
using Kind = LinkFault::Trigger::Kind;
using Side = LinkFault::Side;
using Json = nlohmann::ordered_json;

std::string ordinal(std::uint32_t number)
{
    const auto tens = number / 10 % 10;
    const auto ones = tens == 1 ? 0 : number % 10;
    return fmt::format("{}{}", number, ones == 1 ? "st" : ones == 2 ? "nd" : ones == 3 ? "rd" : "th");
}

std::string when_text(const LinkFault& fault)
{
    const auto& trigger = fault.trigger;
    const auto lasting = fault.lasting == Duration::max()
                             ? std::string{}
                             : fmt::format(", for {}", format_duration(fault.lasting));
    switch (trigger.kind) {
    case Kind::after_event: {
        const auto whose = trigger.user ? fmt::format("user {}", *trigger.user) : "each connection";
        return fmt::format(", after the {} event of {}{}", ordinal(trigger.number), whose, lasting);
    }
    case Kind::on_type:
        return fmt::format(", from the {} {} of each connection{}", ordinal(trigger.number),
                           name(trigger.type), lasting);
    case Kind::while_upgrade: return ", while the upgrade is under way";
    case Kind::none: break;
    }
    const auto since = fault.since == LinkFault::Since::start ? "the start" : "a connection's start";
    const auto ends = fault.until != Duration::max();
    if (fault.from == Duration{} && !ends) return {};
    if (!ends) return fmt::format(", from {} after {}", format_duration(fault.from), since);
    return fmt::format(", from {} to {} after {}", format_duration(fault.from), format_duration(fault.until),
                       since);
}

std::string whom_text(const LinkFault& fault)
{
    std::string text;
    if (fault.direction == Direction::up) text += ", from the users to the target only";
    if (fault.direction == Direction::down) text += ", from the target to the users only";
    if (fault.user_share < 1) text += fmt::format(", for {:g} % of the users", fault.user_share * 100);
    if (fault.connection_share < 1)
        text += fmt::format(", for {:g} % of the connections", fault.connection_share * 100);
    if (fault.last_connection != LinkFault{}.last_connection)
        text += fmt::format(", for the connections {} to {}", fault.first_connection, fault.last_connection);
    return text;
}

std::int64_t micros(Duration duration)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

Json conditions_json(const LinkFault& fault)
{
    Json json = Json::object();
    if (fault.latency > Duration{}) json["latency_us"] = micros(fault.latency);
    if (fault.jitter)
        json["jitter_us"] = {name(fault.jitter->kind), micros(fault.jitter->low), micros(fault.jitter->high)};
    if (fault.bandwidth > 0) json["bandwidth"] = fault.bandwidth;
    if (fault.slice > 0) json["slice"] = fault.slice;
    if (fault.stall > Duration{}) json["stall_us"] = micros(fault.stall);
    if (fault.black_hole) json["black_hole"] = true;
    if (fault.half_open != Side::neither)
        json["half_open"] = fault.half_open == Side::client ? "client" : "target";
    if (fault.reset) json["reset"] = true;
    if (fault.slow_close > Duration{}) json["slow_close_us"] = micros(fault.slow_close);
    if (!fault.corrupt_header.empty()) json["corrupt_header"] = fault.corrupt_header;
    return json;
}

Json trigger_json(const LinkFault::Trigger& trigger)
{
    if (trigger.kind == Kind::while_upgrade) return "upgrade";
    if (trigger.kind == Kind::on_type) return {{"type", name(trigger.type)}, {"number", trigger.number}};
    Json json{{"event", trigger.number}};
    if (trigger.user) json["user"] = *trigger.user;
    return json;
}

} // namespace

std::string effect_of(const LinkFault& fault)
{
    std::vector<std::string> parts;
    if (fault.latency > Duration{}) parts.push_back("latency " + format_duration(fault.latency));
    if (fault.jitter) parts.push_back("jitter " + describe(*fault.jitter));
    if (fault.bandwidth > 0) parts.push_back(fmt::format("{} bytes per second", fault.bandwidth));
    if (fault.slice > 0)
        parts.push_back(fmt::format("{} byte{} at once", fault.slice, fault.slice == 1 ? "" : "s"));
    if (fault.stall > Duration{}) parts.push_back("stall " + format_duration(fault.stall));
    if (fault.black_hole) parts.emplace_back("black hole");
    if (fault.half_open != Side::neither)
        parts.push_back(
            fmt::format("half open, {} gone", fault.half_open == Side::client ? "client" : "target"));
    if (fault.reset) parts.emplace_back("reset");
    if (fault.slow_close > Duration{})
        parts.push_back("end passed on " + format_duration(fault.slow_close) + " later");
    if (!fault.corrupt_header.empty()) parts.push_back("header " + fault.corrupt_header + " corrupted");
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string describe(const LinkFault& fault)
{
    return fmt::format("link: {}{}{}", effect_of(fault), when_text(fault), whom_text(fault));
}

std::string link_fault_json(const LinkFault& fault)
{
    Json json{{"link", conditions_json(fault)}};
    if (fault.direction != Direction::both)
        json["direction"] = fault.direction == Direction::up ? "up" : "down";
    if (fault.user_share < 1) json["users"] = fault.user_share;
    if (fault.connection_share < 1) json["connection_share"] = fault.connection_share;
    if (fault.first_connection > 0 || fault.last_connection != LinkFault{}.last_connection)
        json["connections"] = {fault.first_connection, fault.last_connection};
    if (fault.since == LinkFault::Since::connection) json["since"] = "connection";
    if (fault.from > Duration{}) json["from_us"] = micros(fault.from);
    if (fault.until != Duration::max()) json["until_us"] = micros(fault.until);
    if (fault.lasting != Duration::max()) json["for_us"] = micros(fault.lasting);
    constexpr auto names = std::to_array<std::string_view>({"", "after", "on", "while"});
    if (fault.trigger.kind != Kind::none)
        json[std::string{names[static_cast<std::size_t>(fault.trigger.kind)]}] = trigger_json(fault.trigger);
    return json.dump();
}

} // namespace wsrace
