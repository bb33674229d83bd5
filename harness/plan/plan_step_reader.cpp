#include "plan/plan_step_reader.hpp"

#include "plan/plan_fields.hpp"
#include "scenario/connect_reader.hpp"
#include "scenario/journey_rules.hpp"
#include "scenario/step_reader.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wsrace {

namespace {

void read_abort(const JsonNode& node, ConnectSpec& spec)
{
    JsonObject abort(node, "an attempt that is given up");
    abort.require("after", "where it is given up");
    abort.require("by", "how");
    if (read_enumerator(abort, "after", AbortStage::welcome, spec.abort_after, "stage") &&
        spec.abort_after == AbortStage::none)
        abort.find("after")->mistake("nothing would be given up; leave \"abort\" out then");
    read_enumerator(abort, "by", Ending::silence, spec.abort_by, "way to abort");
    abort.reject_unknown();
}

ConnectSpec read_connect_spec(const JsonNode& node)
{
    ConnectSpec spec;
    JsonObject connect(node, "settings of a connection");
    read_micros(connect, "trickle_us", spec.trickle);
    if (const auto abort = connect.find("abort")) read_abort(*abort, spec);
    connect.read_integer("receive_buffer", spec.receive_buffer, 1024, 16 * 1024 * 1024);
    if (const auto pongs = connect.find("pongs")) {
        spec.withholds_pongs = pongs->value() == "withhold";
        if (!spec.withholds_pongs) pongs->expected("\"withhold\"; leave it out otherwise");
    }
    read_micros(connect, "pong_delay_us", spec.pong_delay);
    connect.reject_unknown();
    return spec;
}

void read_request(JsonObject& object, StepSpec& step)
{
    object.require("text", "what is asked");
    object.read_text("text", step.text);
    object.read_word("thread", step.thread);
    if (const auto message = object.find("message")) step.message = read_message(*message).value_or("");
    if (const auto settings = object.find("settings")) {
        if (!settings->value().is_object()) settings->expected("an object, sent as the message's settings");
        step.settings = settings->value().dump();
    }
    object.read_bool("early", step.early);
}

// Each kind of step has fields of its own; any other one is unknown there.
void read_details(JsonObject& object, StepSpec& step)
{
    switch (step.action) {
    case Action::request: return read_request(object, step);
    case Action::connect:
        if (const auto spec = object.find("connect")) step.connect = read_connect_spec(*spec);
        read_enumerator(object, "credential", Credential::shared_ticket, step.credential, "credential");
        return;
    case Action::await_event:
        object.require("events", "how many");
        object.read_integer("events", step.events, 1, 1000);
        return;
    case Action::read_slowly:
        object.require("rate", "how many bytes per second");
        object.read_integer("rate", step.rate, 1, 1 << 30);
        [[fallthrough]];
    case Action::stop_reading:
        object.require("for_us", "how long");
        read_micros(object, "for_us", step.lasting);
        return;
    case Action::drop:
        object.require("by", "how the connection is cut");
        read_enumerator(object, "by", Ending::silence, step.ending, "way to drop");
        return;
    case Action::close:
        object.require("code", "what is sent");
        object.read_integer("code", step.code, 1000, 4999);
        return;
    default: return;
    }
}

PlacedJourney read_journey_of_plan(const JsonNode& list)
{
    PlacedJourney journey;
    journey.path = list.path();
    journey.complete = list.value().is_array();
    const auto nodes = list.items("steps");
    if (nodes.size() > most_steps) list.mistake(fmt::format("has more than {} steps", most_steps));
    for (const JsonNode& node : nodes) {
        JsonObject object(node, "a step");
        object.require("action", "what the connection does, as in \"connect\"");
        StepSpec step;
        const auto known = read_enumerator(object, "action", Action::pong, step.action, "step");
        journey.complete = journey.complete && known;
        if (!known) continue;
        read_details(object, step);
        object.reject_unknown();
        journey.steps.push_back({.step = step, .path = node.path(), .reopens = false});
    }
    return journey;
}

} // namespace

std::vector<PlacedJourney> read_planned_journeys(const JsonNode& list, bool needs_login)
{
    std::vector<PlacedJourney> journeys;
    const auto nodes = list.items("journeys, each a list of steps");
    if (list.value().is_array() && nodes.empty()) list.mistake("expected at least one journey");
    for (const JsonNode& node : nodes) {
        journeys.push_back(read_journey_of_plan(node));
        check_journey(journeys.back(), needs_login, list.mistakes());
    }
    return journeys;
}

} // namespace wsrace
