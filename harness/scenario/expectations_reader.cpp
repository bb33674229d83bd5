#include "scenario/expectations_reader.hpp"

#include "scenario/checks_reader.hpp"
#include "scenario/thresholds_reader.hpp"

#include <fmt/format.h>

namespace wsrace {
namespace {

struct DeadlineField {
    std::string_view name;
    Duration Deadlines::*limit;
};

constexpr std::array deadline_fields{
    DeadlineField{"login", &Deadlines::login},
    DeadlineField{"connect", &Deadlines::connect},
    DeadlineField{"handshake", &Deadlines::handshake},
    DeadlineField{"welcome", &Deadlines::welcome},
    DeadlineField{"first_event", &Deadlines::first_event},
    DeadlineField{"event_gap", &Deadlines::event_gap},
    DeadlineField{"run", &Deadlines::run},
    DeadlineField{"ping", &Deadlines::ping},
    DeadlineField{"stop", &Deadlines::stop},
    DeadlineField{"close", &Deadlines::close},
    DeadlineField{"retry", &Deadlines::retry},
    DeadlineField{"baseline", &Deadlines::baseline},
    DeadlineField{"total", &Deadlines::total},
};

// A limit within another one must be the smaller, or it never comes into effect. Defaults are nobody's
// mistake.
void check_order(const JsonObject& object, const Deadlines& deadlines)
{
    for (const DeadlineField& field : deadline_fields) {
        const bool within_run = field.name == "first_event" || field.name == "event_gap";
        const std::string_view outer = within_run ? "run" : "total";
        const Duration limit = within_run ? deadlines.run : deadlines.total;
        if (deadlines.*field.limit <= limit || !object.node().has(field.name)) continue;
        object.node().mistakes().add(member_path(object.node().path(), field.name),
                                     fmt::format("{} is longer than the deadline \"{}\", which is {}",
                                                 format_duration(deadlines.*field.limit), outer,
                                                 format_duration(limit)));
    }
}

void read_deadlines(const JsonNode& node, Deadlines& deadlines)
{
    JsonObject object(node, "deadlines");
    for (const DeadlineField& field : deadline_fields)
        object.read_duration(field.name, deadlines.*field.limit);
    object.reject_unknown();
    if (object.valid()) check_order(object, deadlines);
}

std::optional<Duration> read_interval(const JsonNode& node)
{
    JsonObject events(node, "the events of a run");
    const auto interval = events.require("interval", "the time between two events of a run, as in \"5ms\"");
    events.reject_unknown();
    return interval ? interval->positive_duration() : std::nullopt;
}

} // namespace

Expectations read_expectations(JsonObject& root, bool has_url, bool server_output)
{
    Expectations result;
    result.server_output = server_output;
    if (const auto deadlines = root.find("deadlines")) read_deadlines(*deadlines, result.deadlines);
    if (const auto events = root.find("events")) result.event_interval = read_interval(*events);
    if (const auto checks = root.find("checks")) read_checks(*checks, has_url, result);
    if (const auto thresholds = root.find("thresholds")) read_thresholds(*thresholds, result.thresholds);
    return result;
}

} // namespace wsrace
