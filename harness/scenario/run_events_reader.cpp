#include "scenario/run_events_reader.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace wsrace {
namespace {

using Types = std::vector<FrameType>;

constexpr std::string_view learned = "learned";
constexpr std::int64_t most_runs = 1'000'000'000;

// In the order in which they are written, each once.
Types read_types(const JsonNode& node)
{
    std::vector<std::string_view> names;
    for (const FrameType type : five_events) names.push_back(name(type));
    Types types;
    for (const JsonNode& item : node.items("events of a run")) {
        const auto place = item.place_among(names, "event of a run");
        if (!place) continue;
        const FrameType type = five_events[*place];
        if (std::find(types.begin(), types.end(), type) != types.end())
            item.mistake(fmt::format("\"{}\" is there twice; keep one", name(type)));
        else
            types.push_back(type);
    }
    return types;
}

void read_expected_types(const JsonNode& node, RunEvents& events)
{
    events.types = read_types(node);
    std::sort(events.types.begin(), events.types.end(), [](FrameType a, FrameType b) {
        return std::find(five_events.begin(), five_events.end(), a) <
               std::find(five_events.begin(), five_events.end(), b);
    });
    if (node.is_list() && !events.has(FrameType::agent_completed))
        node.mistake("agent_completed is missing: a run must have an end; add it");
}

Types read_chain(const JsonNode& node, const RunEvents& events)
{
    auto chain = read_types(node);
    if (node.is_list() && node.size() < 2) node.expected("at least two events, the earlier first");
    for (const FrameType type : chain)
        if (!events.has(type))
            node.mistake(
                fmt::format("{} is not in \"types\": whether it comes is not known; add it there, or "
                            "leave it out here",
                            name(type)));
    return chain;
}

// Leaves out, again and again, what nothing comes before. What is left goes round in a circle.
bool contradict_each_other(std::vector<RunEvents::Pair> pairs)
{
    for (auto before = pairs.size() + 1; before > pairs.size();) {
        before = pairs.size();
        const auto all = pairs;
        std::erase_if(pairs, [&all](const RunEvents::Pair& pair) {
            return std::none_of(all.begin(), all.end(),
                                [&](const RunEvents::Pair& other) { return other.second == pair.first; });
        });
    }
    return !pairs.empty();
}

// What `event_order` says of every target that declares its events, or of every one at all.
std::vector<RunEvents::Pair> given(const RunEvents& events)
{
    std::vector<RunEvents::Pair> pairs;
    for (const FrameType type : events.types) {
        if (type != FrameType::agent_completed) pairs.emplace_back(type, FrameType::agent_completed);
        if (type != FrameType::agent_started && events.declared() && events.has(FrameType::agent_started))
            pairs.emplace_back(FrameType::agent_started, type);
    }
    return pairs;
}

void read_order(const JsonNode& node, RunEvents& events)
{
    std::vector<Types> chains;
    for (const JsonNode& item : node.items("lists of events")) chains.push_back(read_chain(item, events));
    events.order = pairs_of(chains);
    auto all = given(events);
    all.insert(all.end(), events.order.begin(), events.order.end());
    if (contradict_each_other(std::move(all)))
        node.mistake(events.declared()
                         ? "no run can have this order: agent_started comes first, "
                           "agent_completed last, and what is before another is not behind it"
                         : "no run can have this order: agent_completed comes last, and what is "
                           "before another is not behind it");
}

RunEvents read_object(const JsonNode& node)
{
    RunEvents events;
    JsonObject object(node, "the events of a run");
    const auto types = object.require("types", "which events every run has, as in [\"agent_completed\"]");
    if (types) read_expected_types(*types, events);
    object.read_integer("learned_from", events.learned_from, 1, most_runs);
    if (const auto order = object.find("order")) read_order(*order, events);
    object.reject_unknown();
    return events;
}

nlohmann::ordered_json names_json(const Types& types)
{
    auto names = nlohmann::ordered_json::array();
    for (const FrameType type : types) names.push_back(name(type));
    return names;
}

} // namespace

std::optional<RunEvents> read_run_events(const JsonNode& node)
{
    const auto before = node.mistakes().problems().size();
    RunEvents events;
    if (node.is_list())
        read_expected_types(node, events);
    else if (node.is_object())
        events = read_object(node);
    else if (node.is_string() && node.string() == learned)
        events = RunEvents::not_yet_learned();
    else
        node.expected("\"learned\", or a list of those events that every run has, as in [\"agent_started\", "
                      "\"agent_completed\"]");
    if (node.mistakes().problems().size() != before) return std::nullopt;
    return events;
}

std::string run_events_json(const RunEvents& events)
{
    if (events.to_be_learned) return nlohmann::ordered_json(learned).dump();
    nlohmann::ordered_json json{{"types", names_json(events.types)}};
    if (!events.order.empty()) {
        json["order"] = nlohmann::ordered_json::array();
        for (const Types& chain : chains_of(events)) json["order"].push_back(names_json(chain));
    }
    if (events.learned_from > 0) json["learned_from"] = events.learned_from;
    return json.dump();
}

} // namespace wsrace
