#include "scenario/ingress_reader.hpp"

#include "scenario/http_words.hpp"
#include "scenario/placeholders.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace wsrace {
namespace {

constexpr std::uint16_t most_instances = 64;

void read_queue(const JsonNode& node, IngressSpec& ingress)
{
    JsonObject object(node, "a queue");
    std::uint32_t limit = 0;
    object.require("limit", "how many connections may wait, as in 100");
    if (object.read_integer("limit", limit, 1, 1'000'000)) ingress.queue_limit = limit;
    object.reject_unknown();
}

// "30s", or {"after": "30s", "by": "reset"}.
std::optional<IngressCut> read_cut(const JsonNode& node)
{
    constexpr std::array ways{Choice<bool>{"fin", false}, Choice<bool>{"reset", true}};
    IngressCut cut;
    if (!node.is_object()) {
        const auto after = node.positive_duration();
        if (!after) return std::nullopt;
        cut.after = *after;
        return cut;
    }
    JsonObject object(node, "a cut");
    const auto after = object.require("after", "when, as in \"30s\"");
    if (const auto time = after ? after->positive_duration() : std::nullopt) cut.after = *time;
    object.read_choice("by", cut.by_reset, ways, "way to end a connection");
    object.reject_unknown();
    return cut;
}

void read_strip(const JsonNode& node, IngressSpec& ingress)
{
    for (const JsonNode& item : node.items("names of headers")) {
        const auto name = item.word();
        if (!name) continue;
        if (!is_http_token(*name))
            item.mistake("not the name of a header");
        else
            ingress.strip_headers.push_back(*name);
    }
}

void read_added(const JsonNode& node, IngressSpec& ingress)
{
    for (const auto& [name, value] : JsonObject(node, "headers").members()) {
        const auto text = value.text();
        if (!text) continue;
        if (!is_http_token(name))
            value.mistake("not the name of a header");
        else if (text->find_first_of("\r\n") != std::string::npos)
            value.mistake("a header has one line");
        else
            ingress.add_headers.emplace_back(name, *text);
    }
}

void read_forwarded_for(const JsonNode& node, IngressSpec& ingress)
{
    if (node.is_boolean())
        ingress.forwarded_for = node.is_true() ? ForwardedFor::peer : ForwardedFor::none;
    else if (node.value() == "per_user")
        ingress.forwarded_for = ForwardedFor::per_user;
    else
        node.expected("true, false or \"per_user\"");
}

void read_affinity(JsonObject& object, std::uint16_t instances, IngressSpec& ingress)
{
    constexpr std::array keys{Choice<AffinityBy>{"cookie", AffinityBy::cookie},
                              Choice<AffinityBy>{"authorization", AffinityBy::authorization},
                              Choice<AffinityBy>{"address", AffinityBy::address}};
    const auto affinity = object.find("affinity");
    if (const auto share = affinity ? affinity->number(0, 1) : std::nullopt) ingress.affinity = *share;
    object.read_choice("affinity_by", ingress.affinity_by, keys, "key");
    object.read_bool("reroute_on_reconnect", ingress.reroute_on_reconnect);
    if (object.find("affinity_by") && !affinity)
        object.find("affinity_by")
            ->mistake(
                "\"affinity_by\" says how \"affinity\" is kept; say how often, as in \"affinity\": 0.9");
    const bool alone = instances == 1;
    if (affinity && alone)
        affinity->mistake("there is one instance only, so that every connection goes there; add "
                          "\"instances\", \"revisions\" or \"scale\", or leave it out");
    if (ingress.reroute_on_reconnect && alone)
        object.find("reroute_on_reconnect")
            ->mistake("there is one instance only, and no other to go to; add \"instances\"");
}

// Exactly one of "add" and "remove".
std::optional<IngressScale> read_change(const JsonNode& node)
{
    IngressScale change;
    JsonObject object(node, "a change of the number of instances");
    const auto at = object.require("at", "the time since the server was ready, as in \"2s\"");
    if (const auto time = at ? at->duration() : std::nullopt) change.at = *time;
    const auto add = object.find("add");
    const auto remove = object.find("remove");
    std::int32_t number = 0;
    if (object.read_integer("add", number, 1, most_instances)) change.change = number;
    if (object.read_integer("remove", number, 1, most_instances)) change.change = -number;
    object.reject_unknown();
    if (add.has_value() == remove.has_value())
        node.mistake("expected one of \"add\" and \"remove\": how many instances");
    return change.change == 0 ? std::nullopt : std::optional{change};
}

void read_scale(const JsonNode& node, std::uint16_t at_start, IngressSpec& ingress)
{
    for (const JsonNode& item : node.items("changes, as in {\"at\": \"2s\", \"add\": 1}"))
        if (const auto change = read_change(item)) ingress.scale.push_back(*change);
    std::stable_sort(ingress.scale.begin(), ingress.scale.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    std::int32_t there = at_start;
    for (const auto& change : ingress.scale) {
        there += change.change;
        if (there < 1)
            return node.mistake(fmt::format("at {} no instance would be left; keep at least one",
                                            format_duration(change.at)));
    }
}

IngressRevision read_revisions(const JsonNode& node, std::span<const std::string_view> placeholders)
{
    IngressRevision other;
    JsonObject object(node, "the other revision");
    const auto weight = object.require("weight", "its share of the connections, as in 0.5");
    if (const auto share = weight ? weight->number(0, 1) : std::nullopt) other.weight = *share;
    object.read_integer("instances", other.instances, 1, most_instances);
    const auto command = object.require("command", "the program and its arguments as a list of strings");
    if (command)
        for (const JsonNode& item : command->items("words: the program and its arguments")) {
            const auto word = item.text();
            if (word && check_placeholders(item, placeholders)) other.command.push_back(*word);
        }
    if (command && command->is_list() && (command->size() == 0 || command->value()[0] == ""))
        command->mistake("the first word of the command is the program; it is missing");
    object.reject_unknown();
    return other;
}

} // namespace

IngressSpec read_ingress(const JsonNode& node, const ServerSpec& server,
                         std::span<const std::string_view> placeholders)
{
    IngressSpec ingress;
    JsonObject object(node, "an ingress");
    if (const auto queue = object.find("queue")) read_queue(*queue, ingress);
    object.read_integer("concurrency", ingress.concurrency, 1, 1'000'000);
    if (const auto cut = object.find("idle_cut")) ingress.idle_cut = read_cut(*cut);
    if (const auto cut = object.find("request_limit")) ingress.request_limit = read_cut(*cut);
    if (const auto names = object.find("strip_headers")) read_strip(*names, ingress);
    if (const auto headers = object.find("add_headers")) read_added(*headers, ingress);
    if (const auto forwarded = object.find("forwarded_for")) read_forwarded_for(*forwarded, ingress);
    if (const auto other = object.find("revisions")) ingress.revisions = read_revisions(*other, placeholders);
    const auto others = ingress.revisions ? ingress.revisions->instances : 0;
    if (const auto scale = object.find("scale"))
        read_scale(*scale, static_cast<std::uint16_t>(server.instances + others), ingress);
    ServerSpec whole = server;
    whole.ingress = ingress;
    const auto in_all = whole.instances_in_all();
    read_affinity(object, in_all, ingress);
    const auto drain = object.find("drain");
    object.read_duration("drain", ingress.drain);
    if (drain && std::none_of(ingress.scale.begin(), ingress.scale.end(),
                              [](const auto& change) { return change.change < 0; }))
        drain->mistake("\"drain\" is the time that a removed instance has to end; \"scale\" removes none");
    if (in_all > most_instances)
        node.mistake(fmt::format("{} instances in all; at most {} can be started", in_all, most_instances));
    object.reject_unknown();
    return ingress;
}

} // namespace wsrace
