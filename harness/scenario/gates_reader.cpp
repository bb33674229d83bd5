#include "scenario/gates_reader.hpp"

#include "scenario/meetings.hpp"
#include "scenario/mistakes.hpp"
#include "scenario/share_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {
namespace {

constexpr std::size_t most_gates = 1000;

std::optional<Moment> read_moment(const JsonNode& node, std::optional<Moment> (*known)(std::string_view),
                                  const std::vector<std::string_view>& words)
{
    const auto word = node.word();
    if (!word) return std::nullopt;
    const auto moment = known(*word);
    if (!moment) node.mistake(unknown_name("step", *word, words));
    return moment;
}

// Every connection has a journey; those whose journey has not the step so often do not belong to the gate.
void check_place(const JsonNode& node, const StartingGate& gate, const Scenario& scenario)
{
    std::size_t most = 0;
    std::size_t connections = 0;
    for (std::uint16_t slot = 0; slot < scenario.connections; ++slot) {
        const auto& journey = scenario.journeys[slot % scenario.journeys.size()];
        most = std::max(most, occurrences_in(journey, gate.at));
        const auto step = place_in(journey, gate.at, gate.occurrence);
        if (step && !journey[*step].early) ++connections;
        if (step && journey[*step].early)
            node.mistake("this request leaves with the upgrade; hold it there, at \"upgrade_sent\"");
    }
    const auto word = to_string(gate.at);
    if (most == 0)
        return node.mistake(
            fmt::format("no journey gets to \"{}\", so that nobody would come to this gate", word));
    if (most < gate.occurrence)
        return node.mistake(fmt::format("\"step\" is {}, but no journey gets to \"{}\" more often than {} "
                                        "time{}",
                                        gate.occurrence, word, most, most == 1 ? "" : "s"));
    if (connections * scenario.users < 2)
        node.mistake("only one connection would come to this gate; it takes two to wait for each other");
}

void check_other_gates(const JsonNode& node, const StartingGate& gate, const Scenario& scenario)
{
    const auto same = [&](const StartingGate& other) {
        return other.at == gate.at && other.occurrence == gate.occurrence;
    };
    if (std::any_of(scenario.gates.begin(), scenario.gates.end(), same))
        node.mistake(fmt::format("there is another gate at \"{}\" already; a connection waits at one",
                                 to_string(gate.at)));
}

StartingGate read_gate(const JsonNode& node, bool judge_steps, const Scenario& scenario)
{
    StartingGate gate;
    JsonObject object(node, "a gate");
    const auto at = object.require("at", "where connections wait for each other, as in \"upgrade_sent\"");
    const auto moment = at ? read_held_moment(*at) : std::nullopt;
    if (moment) gate.at = *moment;
    const auto users = object.find("users");
    if (const auto share = users ? read_share(*users, "users") : std::nullopt) gate.share = *share;
    object.read_integer("size", gate.size, 2, 1'000'000);
    object.read_integer("step", gate.occurrence, 1, 10'000);
    const auto within = object.find("within");
    if (const auto limit = within ? within->positive_duration() : std::nullopt) gate.within = *limit;
    const auto tolerance = object.find("tolerance");
    if (const auto most = tolerance ? tolerance->duration() : std::nullopt) gate.tolerance = *most;
    object.reject_unknown();
    if (moment && judge_steps) check_place(*at, gate, scenario);
    if (moment) check_other_gates(node, gate, scenario);
    return gate;
}

} // namespace

std::optional<Moment> read_held_moment(const JsonNode& node)
{
    return read_moment(node, held_moment, held_words());
}

std::optional<Moment> read_observed_moment(const JsonNode& node)
{
    return read_moment(node, observed_moment, observed_words());
}

void read_gates(JsonObject& root, bool judge_steps, Scenario& scenario)
{
    const auto list = root.find("gates");
    if (!list) return;
    const auto nodes = list->items("gates");
    if (nodes.size() > most_gates) list->mistake(fmt::format("has more than {} gates", most_gates));
    for (const JsonNode& node : nodes) {
        const auto gate = read_gate(node, judge_steps, scenario);
        scenario.expectations.gates.push_back(
            {.text = title(gate, scenario.gates.size()), .tolerance = gate.tolerance});
        scenario.gates.push_back(gate);
    }
}

} // namespace wsrace
