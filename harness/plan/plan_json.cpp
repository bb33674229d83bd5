#include "plan/plan.hpp"

#include "scenario/dependency_words.hpp"
#include "scenario/distribution_words.hpp"
#include "scenario/ingress_words.hpp"
#include "scenario/link_words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wsrace {

namespace {

using Json = nlohmann::ordered_json;

std::int64_t micros(Duration duration)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

// Only what differs from a plain connect.
Json connect_json(const ConnectSpec& spec)
{
    Json json = Json::object();
    if (spec.trickle > Duration{}) json["trickle_us"] = micros(spec.trickle);
    if (spec.abort_after != AbortStage::none)
        json["abort"] = {{"after", name(spec.abort_after)}, {"by", name(spec.abort_by)}};
    if (spec.receive_buffer > 0) json["receive_buffer"] = spec.receive_buffer;
    if (spec.withholds_pongs) json["pongs"] = "withhold";
    if (spec.pong_delay > Duration{}) json["pong_delay_us"] = micros(spec.pong_delay);
    return json;
}

Json step_json(const StepSpec& step)
{
    Json json{{"action", name(step.action)}};
    if (step.action == Action::request) {
        json["text"] = step.text;
        if (!step.thread.empty()) json["thread"] = step.thread;
        if (!step.message.empty()) json["message"] = step.message;
        if (!step.settings.empty()) json["settings"] = Json::parse(step.settings);
        if (step.early) json["early"] = true;
    }
    if (step.connect != ConnectSpec{}) json["connect"] = connect_json(step.connect);
    if (step.action == Action::await_event) json["events"] = step.events;
    if (step.lasting > Duration{}) json["for_us"] = micros(step.lasting);
    if (step.rate > 0) json["rate"] = step.rate;
    if (step.action == Action::drop) json["by"] = name(step.ending);
    if (step.action == Action::close) json["code"] = step.code;
    if (step.credential != Credential::own) json["credential"] = name(step.credential);
    return json;
}

std::string_view anchor_name(Arrival::Anchor anchor)
{
    switch (anchor) {
    case Arrival::Anchor::ready: return "server.ready";
    case Arrival::Anchor::port_open: return "server.port_open";
    case Arrival::Anchor::terminating: return "server.sigterm";
    case Arrival::Anchor::spawn: break;
    }
    return "server.spawn";
}

std::string_view point_text(PlannedDelay::Point point)
{
    switch (point) {
    case PlannedDelay::Point::tls: return ",\"tls\"";
    case PlannedDelay::Point::upgrade_sent: return ",\"upgrade_sent\"";
    case PlannedDelay::Point::step: break;
    }
    return "";
}

// [[slot, step, microseconds], ...]; a delay within a connect says where: [slot, step, microseconds, "tls"]
std::string delays_text(const PlannedUser& user)
{
    std::string out = "[";
    for (const auto& delay : user.delays)
        out += fmt::format("{}[{},{},{}{}]", out.size() > 1 ? "," : "", delay.slot, delay.step,
                           micros(delay.delay), point_text(delay.point));
    return out + "]";
}

Json life_cycle_json(const LifeCycleFault& fault)
{
    Json json{{"server", name(fault.kind)}, {"after", anchor_name(fault.after)}, {"at_us", micros(fault.at)}};
    if (fault.lasting > Duration{}) json["for_us"] = micros(fault.lasting);
    if (fault.kind == LifeCycleFault::Kind::slow_cpu) json["share"] = fault.share;
    if (fault.instance) json["instance"] = *fault.instance;
    return json;
}

Json fault_json(const DependencyFault& fault)
{
    Json json{{"dependency", fault.dependency}, {"kind", name(fault.kind)}};
    if (fault.kind == DependencyFault::Kind::delay)
        json["delay_us"] = {name(fault.delay.kind), micros(fault.delay.low), micros(fault.delay.high)};
    if (fault.during_start) json["during"] = "start";
    if (fault.from != Duration{}) json["from_us"] = micros(fault.from);
    if (fault.until != Duration::max()) json["until_us"] = micros(fault.until);
    if (fault.first_connection > 0 || fault.last_connection != DependencyFault{}.last_connection)
        json["connections"] = {fault.first_connection, fault.last_connection};
    return json;
}

// A line of their own; nothing where there are none.
std::string dependency_faults_text(const Plan& plan)
{
    if (plan.dependency_faults.empty()) return {};
    Json faults = Json::array();
    for (const auto& fault : plan.dependency_faults) faults.push_back(fault_json(fault));
    return fmt::format("\"dependency_faults\":{},\n", faults.dump());
}

Json cut_json(const IngressCut& cut)
{
    return {{"after_us", micros(cut.after)}, {"by", cut.by_reset ? "reset" : "fin"}};
}

Json ingress_json(const IngressSpec& ingress)
{
    Json json = Json::object();
    if (ingress.queue_limit) json["queue_limit"] = *ingress.queue_limit;
    if (ingress.concurrency > 0) json["concurrency"] = ingress.concurrency;
    if (ingress.idle_cut) json["idle_cut"] = cut_json(*ingress.idle_cut);
    if (ingress.request_limit) json["request_limit"] = cut_json(*ingress.request_limit);
    if (!ingress.strip_headers.empty()) json["strip_headers"] = ingress.strip_headers;
    if (ingress.forwarded_for != ForwardedFor::none) json["forwarded_for"] = name(ingress.forwarded_for);
    for (const auto& [header, value] : ingress.add_headers) json["add_headers"][header] = value;
    if (ingress.affinity > 0) {
        json["affinity"] = ingress.affinity;
        json["affinity_by"] = name(ingress.affinity_by);
    }
    if (ingress.reroute_on_reconnect) json["reroute_on_reconnect"] = true;
    for (const auto& change : ingress.scale)
        json["scale"].push_back({{"at_us", micros(change.at)}, {"change", change.change}});
    if (!ingress.scale.empty()) json["drain_us"] = micros(ingress.drain);
    if (ingress.revisions)
        json["revisions"] = {{"weight", ingress.revisions->weight},
                             {"command", ingress.revisions->command},
                             {"instances", ingress.revisions->instances}};
    return json;
}

// A line of its own, where there is one.
std::string ingress_text(const Plan& plan)
{
    if (!plan.ingress) return {};
    return fmt::format("\"ingress\":{},\n", ingress_json(*plan.ingress).dump());
}

// [user, slot, step]
std::string place_text(const PlannedMoment& place)
{
    return fmt::format("[{},{},{}]", place.user.value, place.slot, place.step);
}

// One line a group; nothing where there are none.
std::string gates_text(const Plan& plan)
{
    if (plan.gates.empty()) return {};
    std::string out = "\"gates\":[";
    for (const auto& gate : plan.gates) {
        std::string members;
        for (const auto& member : gate.members)
            members += fmt::format("{}{}", members.empty() ? "" : ",", place_text(member));
        out += fmt::format("{}\n{{\"gate\":{},\"group\":{},\"at\":\"{}\",\"within_us\":{},"
                           "\"tolerance_us\":{},\"members\":[{}]}}",
                           &gate == plan.gates.data() ? "" : ",", gate.number, gate.group,
                           to_string(gate.members.front().moment), micros(gate.within),
                           micros(gate.tolerance), members);
    }
    return out + "],\n";
}

std::string constraints_text(const Plan& plan)
{
    if (plan.constraints.empty()) return {};
    std::string out = "\"constraints\":[";
    for (const auto& one : plan.constraints)
        out +=
            fmt::format("{}\n{{\"constraint\":{},\"step\":{},\"at\":\"{}\",\"after\":{},\"after_at\":\"{}\","
                        "\"gap_us\":{},\"within_us\":{},\"tolerance_us\":{}}}",
                        &one == plan.constraints.data() ? "" : ",", one.number, place_text(one.step),
                        to_string(one.step.moment), place_text(one.after), to_string(one.after.moment),
                        micros(one.gap), micros(one.within), micros(one.tolerance));
    return out + "],\n";
}

// A line of its own, where there are any.
std::string link_faults_text(const Plan& plan)
{
    if (plan.link_faults.empty()) return {};
    std::string all;
    for (const auto& fault : plan.link_faults) all += (all.empty() ? "" : ",") + link_fault_json(fault);
    return fmt::format("\"link_faults\":[{}],\n", all);
}

// Connection k of a user with the role follows journey first + k mod (last - first + 1).
Json roles_json(const Plan& plan)
{
    Json roles = Json::array();
    for (const auto& role : plan.roles) {
        auto& json = roles.emplace_back(Json::object());
        if (role.behaviour) json["behaviour"] = name(*role.behaviour);
        json["connections"] = role.connections;
        json["journeys"] = {role.first_journey, role.first_journey + role.journeys - 1};
    }
    return roles;
}

// Nothing of a user who walks the ordinary journeys and names nobody.
std::string role_text(const PlannedUser& user)
{
    std::string out;
    if (user.role > 0) out = fmt::format(",\"role\":{}", user.role);
    if (user.other) out += fmt::format(",\"other_user\":{}", user.other->value);
    return out;
}

} // namespace

std::string plan_json(const Plan& plan)
{
    Json journeys = Json::array();
    for (const auto& journey : plan.journeys) {
        auto& steps = journeys.emplace_back(Json::array());
        for (const auto& step : journey) steps.push_back(step_json(step));
    }
    Json life_cycle = Json::array();
    for (const auto& fault : plan.life_cycle) life_cycle.push_back(life_cycle_json(fault));
    // Users are written by hand, one a line: there may be many thousands, and a DOM of them would be larger
    // than the run.
    auto out = fmt::format(
        "{{\"format_version\":{},\"scenario\":{},\"scenario_digest\":\"{}\",\"seed\":{},\"anchor\":"
        "\"{}\",\n\"journeys\":{},\n\"roles\":{},\n\"life_cycle\":{},\n{}{}{}{}{}\"users\":[",
        plan_format_version, Json(plan.scenario).dump(), plan.scenario_digest, plan.seed,
        anchor_name(plan.anchor), journeys.dump(), roles_json(plan).dump(), life_cycle.dump(),
        dependency_faults_text(plan), ingress_text(plan), gates_text(plan), constraints_text(plan),
        link_faults_text(plan));
    for (const auto& user : plan.users)
        out += fmt::format("{}\n{{\"user\":{},\"arrival_us\":{},\"carrier\":\"{}\",\"delays_us\":{}{}}}",
                           &user == plan.users.data() ? "" : ",", user.id.value, micros(user.arrival),
                           name(user.carrier), delays_text(user), role_text(user));
    return out + "\n]}\n";
}

} // namespace wsrace
