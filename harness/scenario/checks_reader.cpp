#include "scenario/checks_reader.hpp"

#include "scenario/expectations_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace wsrace {
namespace {

constexpr std::array<std::string_view, 19> ids{
    "close_codes", "handshake",        "overload_refusal", "five_events",   "exactly_once",
    "event_order", "tool_pairing",     "isolation",        "routing",       "acknowledged",
    "liveness",    "tab_independence", "reconnect",        "idle_delivery", "credentials",
    "baseline",    "server_log",       "sanitizer",        "schema"};

std::set<int> read_codes(const JsonNode& node)
{
    std::set<int> codes;
    for (const JsonNode& item : node.items("close codes"))
        if (const auto code = item.integer(1000, 4999)) codes.insert(static_cast<int>(*code));
    return codes;
}

void read_close_codes(JsonObject& object, Expectations& expectations)
{
    const auto forbid = object.find("forbid");
    const auto expect = object.find("expect");
    if (forbid) expectations.forbidden_close_codes = read_codes(*forbid);
    if (expect) expectations.expected_close_codes = read_codes(*expect);
    for (const int code : expectations.expected_close_codes)
        if (expectations.forbidden_close_codes.contains(code))
            expect->mistake(fmt::format("{} is forbidden and expected at the same time", code));
}

void read_routing(JsonObject& object, Expectations& expectations)
{
    constexpr std::array policies{
        Choice<RoutingPolicy>{"starter", RoutingPolicy::starter},
        Choice<RoutingPolicy>{"all_connections", RoutingPolicy::all_connections},
    };
    object.read_choice("policy", expectations.routing, policies, "policy");
}

void read_server_log(JsonObject& object, Expectations& expectations)
{
    const auto patterns = object.find("patterns");
    if (!patterns) return;
    for (const JsonNode& item : patterns->items("regular expressions")) {
        const auto pattern = item.word();
        if (!pattern) continue;
        try {
            std::regex{*pattern};
            expectations.log_patterns.push_back(*pattern);
        } catch (const std::regex_error& error) {
            item.mistake(fmt::format("not a regular expression (ECMAScript): {}", error.what()));
        }
    }
}

void read_baseline(JsonObject& object, BaselineMargins& margins)
{
    constexpr std::int64_t most = 1'000'000'000;
    object.read_integer("sockets", margins.sockets, 0, most);
    object.read_integer("threads", margins.threads, 0, most);
    object.read_integer("memory_kib", margins.memory_kib, 0, most);
    const auto share = object.find("memory_share");
    if (const auto value = share ? share->number(0, 1000) : std::nullopt) margins.memory_share = *value;
}

void read_setting(const JsonNode& node, std::string_view id, CheckSetting& setting,
                  Expectations& expectations)
{
    JsonObject object(node, "a check");
    object.read_bool("required", setting.required);
    setting.enabled = !object.read_word("off", setting.reason);
    if (!setting.enabled && object.find("required"))
        node.mistake("\"off\" and \"required\" exclude each other; keep one");
    if (id == "close_codes") read_close_codes(object, expectations);
    if (id == "routing") read_routing(object, expectations);
    if (id == "server_log") read_server_log(object, expectations);
    if (id == "baseline") read_baseline(object, expectations.baseline);
    if (id == "idle_delivery")
        if (const auto after = object.find("after"))
            expectations.idle_after = after->positive_duration().value_or(expectations.idle_after);
    if (id == "five_events") object.read_bool("allow_failed_runs", expectations.failed_runs_allowed);
    object.reject_unknown();
}

CheckSetting read_check(const JsonNode& node, std::string_view id, Expectations& expectations)
{
    CheckSetting setting;
    if (node.is_boolean()) {
        setting.enabled = node.is_true();
        if (!setting.enabled) setting.reason = "switched off by the scenario";
    } else if (node.is_object()) {
        read_setting(node, id, setting, expectations);
    } else {
        node.expected(
            "true, false, {\"required\": false}, {\"off\": \"the reason\"} or the check's own settings");
    }
    return setting;
}

} // namespace

std::span<const std::string_view> check_ids() { return ids; }

void read_checks(const JsonNode& node, bool has_url, Expectations& expectations)
{
    JsonObject checks(node, "the checks");
    for (const std::string_view id : ids) {
        const auto check = checks.find(id);
        if (!check) continue;
        const CheckSetting setting = read_check(*check, id, expectations);
        if (setting.enabled && setting.required && has_url && (id == "server_log" || id == "sanitizer"))
            check->mistake("the harness does not start this target, so that it never sees its output; write "
                           "{\"required\": false} or leave this out");
        expectations.checks.emplace(id, setting);
    }
    checks.reject_unknown();
}

} // namespace wsrace
