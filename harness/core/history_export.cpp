#include "core/history_file.hpp"
#include "core/redact.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <stdexcept>

namespace wsrace {

namespace {

using Json = nlohmann::ordered_json;

std::string_view type_name(const Event& event)
{
    switch (event.kind) {
    case EventKind::step: return name(event.step());
    case EventKind::end: return name(event.end());
    case EventKind::life_cycle: return name(event.life_cycle());
    case EventKind::log: return log_stream_name(event.value);
    case EventKind::fault: return "fault";
    case EventKind::sample: return name(event.sample());
    case EventKind::gate: return name(event.gate());
    case EventKind::constraint: return "constraint";
    default: return name(event.frame());
    }
}

void put_flags(Json& json, const Event& event)
{
    static constexpr std::array<std::pair<Flag, std::string_view>, 13> flags{
        {{Flag::own_canary, "own_canary"},
         {Flag::other_canary, "other_canary"},
         {Flag::recovered, "recovered"},
         {Flag::bad_timestamp, "bad_timestamp"},
         {Flag::item_is_tool, "item_is_tool"},
         {Flag::after_end, "after_end"},
         {Flag::reset, "reset"},
         {Flag::unoffered, "unoffered"},
         {Flag::corrupt_canary, "corrupt_canary"},
         {Flag::encoded, "encoded"},
         {Flag::payload_kept, "payload_kept"},
         {Flag::failed_status, "failed_status"},
         {Flag::link_lost, "link_lost"}}};
    for (const auto& [flag, flag_name] : flags)
        if (event.has(flag)) json["flags"].push_back(flag_name);
}

Json event_json(const History& history, const Event& event)
{
    Json json{{"at_ns", event.at.count()}, {"kind", name(event.kind)}, {"type", type_name(event)}};
    if (event.user != no_user) {
        json["user"] = event.user;
        json["connection"] = event.slot;
        json["incarnation"] = event.incarnation;
    } else {
        json["instance"] = event.slot;
    }
    if (event.request != no_request) json["request"] = event.request;
    if (event.stamp != no_stamp)
        json[event.kind == EventKind::frame ? "timestamp_us" : "planned_ns"] = event.stamp;
    if (event.kind == EventKind::step || event.kind == EventKind::constraint)
        json["outcome"] = name(event.outcome);
    if (event.value != 0) json["value"] = event.value;
    put_flags(json, event);
    if (event.run != no_symbol) json["run"] = redact(history.text(event.run));
    if (event.item != no_symbol) json["item"] = redact(history.text(event.item));
    if (event.text != no_symbol) json["text"] = redact(history.text(event.text));
    return json;
}

} // namespace

void export_jsonl(const History& history, const std::filesystem::path& file)
{
    std::ofstream out{file, std::ios::binary};
    for (const auto& event : history.events)
        out << event_json(history, event).dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    out.flush();
    if (!out) throw std::runtime_error{file.string() + ": could not be written"};
}

} // namespace wsrace
