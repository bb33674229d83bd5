#include "plan/plan_faults_reader.hpp"
#include "plan/plan_fields.hpp"
#include "scenario/ingress_words.hpp"

#include <fmt/format.h>

namespace wsrace {

namespace {

std::optional<IngressCut> read_cut(JsonObject& object, std::string_view field)
{
    constexpr std::array ways{Choice<bool>{"fin", false}, Choice<bool>{"reset", true}};
    const auto found = object.find(field);
    if (!found) return std::nullopt;
    IngressCut cut;
    JsonObject inner(*found, "a cut");
    inner.require("after_us", "when");
    inner.require("by", "how");
    read_micros(inner, "after_us", cut.after);
    inner.read_choice("by", cut.by_reset, ways, "way to end a connection");
    inner.reject_unknown();
    return cut;
}

void read_headers(JsonObject& object, IngressSpec& ingress)
{
    if (const auto names = object.find("strip_headers"))
        for (const JsonNode& item : names->items("names of headers"))
            if (const auto header = item.word()) ingress.strip_headers.push_back(*header);
    if (const auto added = object.find("add_headers"))
        for (const auto& [header, value] : JsonObject(*added, "headers").members())
            if (const auto text = value.text()) ingress.add_headers.emplace_back(header, *text);
    read_enumerator(object, "forwarded_for", ForwardedFor::per_user, ingress.forwarded_for,
                    "way to forward an address");
}

void read_scale(JsonObject& object, IngressSpec& ingress)
{
    const auto list = object.find("scale");
    read_micros(object, "drain_us", ingress.drain);
    if (!list) return;
    for (const JsonNode& item : list->items("changes of the number of instances")) {
        IngressScale change;
        JsonObject one(item, "a change of the number of instances");
        one.require("at_us", "when");
        one.require("change", "how many are added; below zero: removed");
        read_micros(one, "at_us", change.at);
        one.read_integer("change", change.change, -64, 64);
        one.reject_unknown();
        ingress.scale.push_back(change);
    }
}

IngressRevision read_revision(const JsonNode& node)
{
    IngressRevision other;
    JsonObject object(node, "the other revision");
    const auto weight = object.require("weight", "its share of the connections");
    if (const auto share = weight ? weight->number(0, 1) : std::nullopt) other.weight = *share;
    const auto command = object.require("command", "the program and its arguments");
    if (command)
        for (const JsonNode& item : command->items("words: the program and its arguments"))
            if (const auto word = item.text()) other.command.push_back(*word);
    object.require("instances", "how many");
    object.read_integer("instances", other.instances, 1, 64);
    object.reject_unknown();
    return other;
}

IngressSpec read_ingress_of_plan(const JsonNode& node)
{
    IngressSpec ingress;
    JsonObject object(node, "an ingress");
    std::uint32_t limit = 0;
    if (object.read_integer("queue_limit", limit, 1, 1'000'000)) ingress.queue_limit = limit;
    object.read_integer("concurrency", ingress.concurrency, 1, 1'000'000);
    ingress.idle_cut = read_cut(object, "idle_cut");
    ingress.request_limit = read_cut(object, "request_limit");
    read_headers(object, ingress);
    const auto affinity = object.find("affinity");
    if (const auto share = affinity ? affinity->number(0, 1) : std::nullopt) ingress.affinity = *share;
    read_enumerator(object, "affinity_by", AffinityBy::address, ingress.affinity_by, "key");
    object.read_bool("reroute_on_reconnect", ingress.reroute_on_reconnect);
    read_scale(object, ingress);
    if (const auto other = object.find("revisions")) ingress.revisions = read_revision(*other);
    object.reject_unknown();
    return ingress;
}

} // namespace

void read_planned_ingress(JsonObject& root, const TargetSpec& target, Plan& plan)
{
    const auto found = root.find("ingress");
    const auto wanted = target.server && target.server->ingress;
    if (found) plan.ingress = read_ingress_of_plan(*found);
    if (found && !wanted) found->mistake("the scenario has no ingress; a plan cannot add one");
    if (!found && wanted && root.valid())
        root.node().mistake("the field \"ingress\" is missing, and the scenario has one; {} only spreads "
                            "connections");
}

} // namespace wsrace
