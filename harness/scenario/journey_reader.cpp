#include "scenario/journey_reader.hpp"

#include "scenario/step_reader.hpp"

#include <fmt/format.h>

namespace wsrace {
namespace {

void append_repeated(const JsonNode& node, PlacedJourney& out);

void append_single(const JsonNode& node, std::string_view name, const std::optional<JsonNode>& settings,
                   PlacedJourney& out)
{
    const auto step = read_step(node, name, settings);
    out.complete = out.complete && step.has_value();
    if (step) out.steps.push_back({.step = *step, .path = node.path(), .reopens = name == "reconnect"});
}

void append_step(const JsonNode& node, PlacedJourney& out)
{
    if (node.is_string()) {
        const auto& name = node.string();
        return append_single(node, name, std::nullopt, out);
    }
    if (!node.is_object() || node.size() != 1) {
        node.expected("a step: its name, or an object with its name as the only field");
        out.complete = false;
        return;
    }
    const auto members = JsonObject(node, "a step").members();
    const auto& [name, settings] = members.front();
    if (name == "repeat") return append_repeated(settings, out);
    append_single(node, name, settings, out);
}

void append_repeated(const JsonNode& node, PlacedJourney& out)
{
    JsonObject repeat(node, "a repetition");
    std::size_t times = 0;
    repeat.require("times", "how often, for example 3");
    const bool counted = repeat.read_integer("times", times, 1, 1000);
    const auto steps = repeat.require("steps", "a list of steps");
    repeat.reject_unknown();
    const PlacedJourney body = steps ? read_journey(*steps) : PlacedJourney{};
    out.complete = out.complete && body.complete && steps && counted;
    if (out.steps.size() + times * body.steps.size() > most_steps) {
        node.mistake(fmt::format("makes the journey longer than {} steps", most_steps));
        out.complete = false;
        times = 1;
    }
    for (std::size_t i = 0; i < times; ++i)
        out.steps.insert(out.steps.end(), body.steps.begin(), body.steps.end());
}

} // namespace

PlacedJourney read_journey(const JsonNode& list)
{
    PlacedJourney journey;
    journey.path = list.path();
    const auto items = list.items("steps");
    journey.complete = list.is_list();
    if (journey.complete && items.empty()) {
        list.mistake(
            "there is no step in this list; the shortest useful journey is [\"login\", \"connect\"]");
        journey.complete = false;
    }
    for (const JsonNode& item : items) append_step(item, journey);
    return journey;
}

} // namespace wsrace
