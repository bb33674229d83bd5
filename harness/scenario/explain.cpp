#include "scenario/explain.hpp"

#include "scenario/dependency_words.hpp"
#include "scenario/distribution_reader.hpp"
#include "scenario/expectations_reader.hpp"
#include "scenario/ingress_words.hpp"
#include "scenario/link_words.hpp"
#include "scenario/meetings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace wsrace {
namespace {

std::string counted(std::size_t count, std::string_view one)
{
    return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string line(std::string_view subject, std::string_view text)
{
    return fmt::format("{:<13}{}\n", subject, text);
}

std::string ready_text(const ServerSpec& server)
{
    switch (server.ready) {
    case ServerSpec::Ready::port_open: return "its port is open";
    case ServerSpec::Ready::log: return fmt::format("its output says /{}/", server.ready_log);
    case ServerSpec::Ready::http: break;
    }
    return server.ready_path.empty() ? "the profile's health path answers 200"
                                     : server.ready_path + " answers 200";
}

std::string target_line(const TargetSpec& target)
{
    if (!target.url.empty())
        return fmt::format("{}{}", target.url, target.tls_verify ? "" : " (certificate not verified)");
    if (!target.server) return "to be named on the command line: --target URL or --server 'CMD {port}'";
    const ServerSpec& server = *target.server;
    const std::string sign = ready_text(server);
    return fmt::format("started here: {}; ready when {}, within {}", fmt::join(server.command, " "), sign,
                       format_duration(server.ready_within));
}

std::string dependency_lines(const TargetSpec& target)
{
    std::string text;
    if (!target.server) return text;
    for (const Dependency& dependency : target.server->dependencies)
        text += line(text.empty() ? "depends on" : "",
                     fmt::format("{}, through a proxy; {}", dependency.name,
                                 dependency.upstream.empty() ? "the server starts it itself"
                                                             : "it is at " + dependency.upstream));
    return text;
}

std::string ingress_lines(const TargetSpec& target)
{
    std::string text;
    if (!target.server || !target.server->ingress) return text;
    for (const std::string& sentence : describe(*target.server->ingress))
        text += line(text.empty() ? "ingress" : "", sentence);
    return text;
}

std::string_view anchor_text(Arrival::Anchor anchor)
{
    switch (anchor) {
    case Arrival::Anchor::ready: return "the target is ready";
    case Arrival::Anchor::port_open: return "its port is open";
    case Arrival::Anchor::spawn: return "its process was started";
    case Arrival::Anchor::terminating: break;
    }
    return "it is told to end";
}

std::string arrival_text(const Arrival& arrival)
{
    const std::string_view anchor = anchor_text(arrival.after);
    switch (arrival.pattern) {
    case Arrival::Pattern::all_at_once: break;
    case Arrival::Pattern::ramp:
        return fmt::format("evenly over {}, from when {}", format_duration(arrival.over), anchor);
    case Arrival::Pattern::poisson:
        return fmt::format("{} per second with random gaps (Poisson), from when {}", arrival.rate, anchor);
    case Arrival::Pattern::constant:
        return fmt::format("{} per second with equal gaps, from when {}", arrival.rate, anchor);
    }
    return fmt::format("all at once when {}", anchor);
}

std::string users_line(const Scenario& scenario)
{
    std::vector<std::string_view> carriers;
    for (const TokenCarrier carrier : scenario.carriers) carriers.push_back(name(carrier));
    return fmt::format("{} with {}{}, token carried by: {}", counted(scenario.users, "user"),
                       counted(scenario.connections, "connection"), scenario.users > 1 ? " each" : "",
                       fmt::join(carriers, ", "));
}

// Equal neighbours are told once: "ping x 20".
std::string journey_text(const std::vector<StepSpec>& journey)
{
    std::string text;
    for (std::size_t i = 0; i < journey.size();) {
        std::size_t next = i + 1;
        while (next < journey.size() && journey[next] == journey[i]) ++next;
        if (!text.empty()) text += " -> ";
        text += describe(journey[i]);
        if (next - i > 1) text += fmt::format(" x {}", next - i);
        i = next;
    }
    return text;
}

std::string journey_lines(const Scenario& scenario)
{
    std::string text;
    for (std::size_t i = 0; i < scenario.journeys.size(); ++i) {
        const std::string which = scenario.journeys.size() > 1 ? fmt::format("connection {}: ", i) : "";
        text += line(i == 0 ? "journey" : "", which + journey_text(scenario.journeys[i]));
    }
    return text;
}

std::string behaviour_lines(const Scenario& scenario)
{
    std::string text;
    for (const BehaviourSpec& behaviour : scenario.behaviours) {
        const auto who = behaviour.share > 0 ? fmt::format("{:g} % of the users", behaviour.share * 100)
                                             : counted(behaviour.users, "user");
        text += line(text.empty() ? "behaviours" : "",
                     fmt::format("{}: {}{}", name(behaviour.kind), who,
                                 behaviour.connections > 1
                                     ? fmt::format(", {} connections each", behaviour.connections)
                                     : ""));
        for (const auto& journey : behaviour.journeys) text += line("", "  " + journey_text(journey));
    }
    return text;
}

std::string life_cycle_text(const LifeCycleFault& fault)
{
    auto text = fmt::format("server {} {} after {}", name(fault.kind), format_duration(fault.at),
                            anchor_text(fault.after));
    if (fault.lasting > Duration{}) text += fmt::format(", for {}", format_duration(fault.lasting));
    if (fault.kind == LifeCycleFault::Kind::slow_cpu)
        text += fmt::format(", {:g} % of a core left", fault.share * 100);
    if (fault.instance) text += fmt::format(", instance {}", *fault.instance);
    return text;
}

std::string place_text(const DelayFault& fault)
{
    return fault.event > 0 ? fmt::format("after event {}", fault.event) : "before " + fault.at;
}

std::string fault_lines(const Scenario& scenario)
{
    std::string text;
    for (const DelayFault& fault : scenario.delays)
        text += line(text.empty() ? "faults" : "",
                     fmt::format("{} {}, for {:g} % of the users", describe(fault.delay), place_text(fault),
                                 fault.share * 100));
    for (const LifeCycleFault& fault : scenario.life_cycle)
        text += line(text.empty() ? "faults" : "", life_cycle_text(fault));
    for (const DependencyFault& fault : scenario.dependency_faults)
        text += line(text.empty() ? "faults" : "", describe(fault));
    for (const LinkFault& fault : scenario.link_faults)
        text += line(text.empty() ? "faults" : "", describe(fault));
    return text;
}

std::string gate_text(const StartingGate& gate, std::size_t number)
{
    const auto together = gate.size == 0 ? std::string{"all"} : fmt::format("groups of {}", gate.size);
    return fmt::format("{}: {} of {:g} % of the users together, {} for the last, void beyond {}",
                       title(gate, number), together, gate.share * 100, format_duration(gate.within),
                       format_duration(gate.tolerance));
}

std::string whose(const ConstraintEnd& end)
{
    using Users = ConstraintEnd::Users;
    const auto connection = end.connection == 0 ? "" : fmt::format(", connection {}", end.connection);
    switch (end.users) {
    case Users::all: return "all users" + connection;
    case Users::odd: return "odd users" + connection;
    case Users::even: return "even users" + connection;
    case Users::same: return "the same user" + connection;
    case Users::previous: return "the previous user" + connection;
    case Users::next: return "the next user" + connection;
    case Users::one: break;
    }
    return fmt::format("user {}{}", end.user, connection);
}

std::string meeting_lines(const Scenario& scenario)
{
    std::string text;
    for (std::size_t i = 0; i < scenario.gates.size(); ++i)
        text += line(text.empty() ? "together" : "", gate_text(scenario.gates[i], i));
    for (std::size_t i = 0; i < scenario.constraints.size(); ++i) {
        const auto& constraint = scenario.constraints[i];
        text += line(i == 0 ? "order" : "",
                     fmt::format("{}; {} after {}, {} for that, void beyond {}", title(constraint, i),
                                 whose(constraint.step), whose(constraint.after),
                                 format_duration(constraint.within), format_duration(constraint.tolerance)));
    }
    return text;
}

std::string check_lines(const Expectations& expectations)
{
    std::vector<std::string_view> on;
    std::string off;
    for (const std::string_view id : check_ids()) {
        const auto setting = expectations.checks.find(std::string(id));
        if (setting == expectations.checks.end() || setting->second.enabled)
            on.push_back(id);
        else
            off += line(off.empty() ? "not checked" : "", fmt::format("{} ({})", id, setting->second.reason));
    }
    std::string text = line("checks", fmt::format("{}", fmt::join(on, ", "))) + off;
    if (!expectations.forbidden_close_codes.empty())
        text += line("", fmt::format("forbidden close codes: {}",
                                     fmt::join(expectations.forbidden_close_codes, ", ")));
    if (expectations.checks.contains("idle_delivery"))
        text += line("", fmt::format("idle_delivery: connections older than {}",
                                     format_duration(expectations.idle_after)));
    if (!expectations.expected_close_codes.empty())
        text += line(
            "", fmt::format("expected close codes: {}", fmt::join(expectations.expected_close_codes, ", ")));
    return text;
}

std::string deadline_line(const Deadlines& limits)
{
    return fmt::format(
        "connect {}, handshake {}, welcome {}, first event {}, event gap {}, run {}, ping {}, stop {}, "
        "everything {}",
        format_duration(limits.connect), format_duration(limits.handshake), format_duration(limits.welcome),
        format_duration(limits.first_event), format_duration(limits.event_gap), format_duration(limits.run),
        format_duration(limits.ping), format_duration(limits.stop), format_duration(limits.total));
}

std::string level_text(std::string_view metric, const Limits& limits, double factor, std::string_view unit)
{
    if (!limits.warning && !limits.critical) return fmt::format("{}: not judged", metric);
    std::string text = fmt::format("{}:", metric);
    if (limits.warning) text += fmt::format(" warning above {:g}{}", *limits.warning * factor, unit);
    if (limits.critical)
        text += fmt::format("{} critical above {:g}{}", limits.warning ? "," : "", *limits.critical * factor,
                            unit);
    return text;
}

std::string latency_text(const Thresholds& thresholds)
{
    const auto limit = [](std::string_view level, std::string_view quantile,
                          const std::optional<Duration>& value) {
        return value ? fmt::format("{} from {} {}", level, quantile, format_duration(*value))
                     : fmt::format("{} not judged", quantile);
    };
    return "event latency: " + limit("warning", "p95", thresholds.event_latency_p95) + ", " +
           limit("critical", "p99", thresholds.event_latency_p99);
}

std::string threshold_lines(const Thresholds& thresholds)
{
    return line("levels", level_text("failed connections", thresholds.connection_failures, 100, " %")) +
           line("", level_text("failed golden paths", thresholds.golden_path_failures, 100, " %")) +
           line("", level_text("events missing per hour", thresholds.events_missing_per_hour, 1, "")) +
           line("", latency_text(thresholds));
}

std::string brought_text(Credential credential)
{
    switch (credential) {
    case Credential::own: return {};
    case Credential::missing: return " without a token";
    case Credential::shared_ticket: return " with a ticket shared by the user's connections";
    default: break;
    }
    return fmt::format(" with a forged token ({})", name(credential));
}

std::string request_text(const StepSpec& step)
{
    std::string text = fmt::format("{}request \"{}\"", step.early ? "early " : "", step.text);
    if (!step.thread.empty()) text += fmt::format(" in thread \"{}\"", step.thread);
    if (!step.message.empty()) text += fmt::format(" as {}", step.message);
    if (!step.settings.empty()) text += fmt::format(" with {}", step.settings);
    return text;
}

std::string connect_text(const StepSpec& step)
{
    const ConnectSpec& spec = step.connect;
    std::vector<std::string> parts;
    if (spec.trickle > Duration{})
        parts.push_back(fmt::format("the upgrade byte by byte, {} apart", format_duration(spec.trickle)));
    if (spec.receive_buffer > 0) parts.push_back(fmt::format("receive buffer {}", spec.receive_buffer));
    if (spec.withholds_pongs) parts.emplace_back("no pongs");
    if (spec.pong_delay > Duration{})
        parts.push_back(fmt::format("pongs {} late", format_duration(spec.pong_delay)));
    if (spec.abort_after != AbortStage::none)
        parts.push_back(fmt::format("given up after {} by {}", name(spec.abort_after), name(spec.abort_by)));
    const auto brought = brought_text(step.credential);
    if (parts.empty()) return "connect" + brought;
    return fmt::format("connect{} ({})", brought, fmt::join(parts, ", "));
}

} // namespace

std::string describe(const StepSpec& step)
{
    switch (step.action) {
    case Action::request: return request_text(step);
    case Action::connect: return connect_text(step);
    case Action::pause: return "pause " + describe(step.duration);
    case Action::drop:
        return step.ending == Ending::fin ? "drop" : fmt::format("drop ({})", name(step.ending));
    case Action::await_event: return fmt::format("await event {}", step.events);
    case Action::stop_reading: return "stop reading for " + format_duration(step.lasting);
    case Action::read_slowly:
        return fmt::format("read {} bytes per second for {}", step.rate, format_duration(step.lasting));
    case Action::close: return fmt::format("close {}", step.code);
    default: return std::string(name(step.action));
    }
}

std::string explain(const Scenario& scenario)
{
    std::string text = fmt::format("{}\n", scenario.name);
    if (!scenario.description.empty()) text += scenario.description + "\n";
    text += "\n" + line("target", target_line(scenario.target)) + dependency_lines(scenario.target);
    text += ingress_lines(scenario.target);
    text += line("profile",
                 fmt::format("{}, login: {}", scenario.profile.name, name(scenario.profile.login.kind)));
    if (scenario.expectations.run_events != RunEvents{})
        text += line("run events", describe(scenario.expectations.run_events));
    text += line("users", users_line(scenario));
    text += line("arrival", arrival_text(scenario.arrival));
    text += journey_lines(scenario) + behaviour_lines(scenario) + fault_lines(scenario) +
            meeting_lines(scenario) + check_lines(scenario.expectations);
    text += line("deadlines", deadline_line(scenario.expectations.deadlines));
    return text + threshold_lines(scenario.expectations.thresholds);
}

} // namespace wsrace
