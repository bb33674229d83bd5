#include "scenario/presets.hpp"

#include "core/credential.hpp"

#include <algorithm>

namespace wsrace {
namespace {

using Words = std::vector<std::string_view>;

Json ask(const PresetContext& context) { return {{"request", context.request}}; }

void append(Json& journey, const Json& steps) { journey.insert(journey.end(), steps.begin(), steps.end()); }

Json conversation(const PresetContext& context) { return {"await_welcome", ask(context), "await_events"}; }

// One of some words; the first where the setting is absent or wrong.
std::string_view choose(JsonObject& settings, std::string_view field, const Words& words)
{
    const auto given = settings.find(field);
    const auto place = given ? given->place_among(words, field) : std::nullopt;
    return words[place.value_or(0)];
}

// A time or a distribution, as it stands.
Json time_of(JsonObject& settings, std::string_view field, Json standard)
{
    const auto given = settings.find(field);
    return given ? given->value() : std::move(standard);
}

std::int64_t number(JsonObject& settings, std::string_view field, std::int64_t standard, std::int64_t least,
                    std::int64_t most)
{
    settings.read_integer(field, standard, least, most);
    return standard;
}

Json leave(std::string_view by) { return by == "close" ? Json{"close"} : Json::array({{{"drop", by}}}); }

Json leaver(JsonObject& settings, const PresetContext& context)
{
    const auto at = choose(settings, "at", {"first_event", "request", "welcome", "connect"});
    const auto way = leave(choose(settings, "by", {"fin", "reset", "close"}));
    Json journey{"login", "connect"};
    if (at != "connect") journey.push_back("await_welcome");
    if (at == "request" || at == "first_event") journey.push_back(ask(context));
    if (at == "first_event") journey.push_back("await_first_event");
    append(journey, way);
    return Json::array({journey});
}

Json double_connector(JsonObject& settings, const PresetContext& context)
{
    const Json idle{
        "login", "connect", "await_welcome", {{"pause", time_of(settings, "for", "200ms")}}, "close"};
    Json used{"login", "connect"};
    append(used, conversation(context));
    used.push_back("close");
    return Json::array({idle, used});
}

Json instant_reconnector(JsonObject& settings, const PresetContext& context)
{
    const auto times = number(settings, "times", 3, 1, 1000);
    const auto by = choose(settings, "by", {"reset", "fin"});
    const auto after = time_of(settings, "after", "0ms");
    Json round{ask(context), "await_first_event", {{"drop", by}}};
    if (after != "0ms") round.push_back({{"pause", after}});
    append(round, {"reconnect", "await_welcome", "await_events"});
    Json journey{"login", "connect", "await_welcome", {{"repeat", {{"times", times}, {"steps", round}}}}};
    append(journey, {ask(context), "await_events", "close"});
    return Json::array({journey});
}

Json aborter(JsonObject& settings, const PresetContext& context)
{
    const auto at =
        choose(settings, "at", {"upgrade_sent", "tcp_connect", "tls", "upgrade_part", "answered", "welcome"});
    const auto by = choose(settings, "by", {"reset", "fin", "half_close", "silence"});
    Json journey{"login", {{"connect", {{"abort", {{"after", at}, {"by", by}}}}}}, "reconnect"};
    append(journey, conversation(context));
    journey.push_back("close");
    return Json::array({journey});
}

Json early_sender(JsonObject& /*settings*/, const PresetContext& context)
{
    Json early = context.request;
    early["early"] = true;
    return Json::array(
        {{"login", "connect", {{"request", early}}, "await_welcome", "await_events", "close"}});
}

// What it asks for meanwhile waits in the buffers of the target, which it has made small on its own side.
Json slow_reader(JsonObject& settings, const PresetContext& context)
{
    const auto lasting = time_of(settings, "for", "1s");
    const auto times = number(settings, "times", 5, 1, 1000);
    Json journey{"login",
                 {{"connect", {{"receive_buffer", 4096}}}},
                 "await_welcome",
                 ask(context),
                 "await_first_event",
                 {{"stop_reading", lasting}},
                 {{"repeat", {{"times", times}, {"steps", {ask(context)}}}}}};
    append(journey, {"await_events", ask(context), "await_events", "close"});
    return Json::array({journey});
}

Json tab_closer(JsonObject& settings, const PresetContext& context)
{
    const auto way = leave(choose(settings, "by", {"close", "fin", "reset"}));
    const auto after = time_of(settings, "after", {{"uniform", {"5ms", "50ms"}}});
    Json working{"login",        "connect",    "await_welcome", ask(context),
                 "await_events", ask(context), "await_events",  "close"};
    Json closing{"login", "connect", "await_welcome", {{"pause", after}}};
    append(closing, way);
    return Json::array({working, closing});
}

Json silent_witness(JsonObject& settings, const PresetContext& /*context*/)
{
    return Json::array(
        {{"login", "connect", "await_welcome", {{"pause", time_of(settings, "for", "2s")}}, "close"}});
}

Json token_sharer(JsonObject& settings, const PresetContext& context)
{
    const auto connections = number(settings, "connections", 3, 2, 64);
    const auto times = number(settings, "times", 2, 1, 1000);
    Json journey{"login", "connect"};
    append(journey, conversation(context));
    if (times > 1) {
        Json again{{{"drop", "fin"}}, "reconnect"};
        append(again, conversation(context));
        journey.push_back({{"repeat", {{"times", times - 1}, {"steps", again}}}});
    }
    journey.push_back("close");
    return Json(static_cast<std::size_t>(connections), journey);
}

Json thread_squatter(JsonObject& settings, const PresetContext& context)
{
    std::string thread = context.thread;
    if (const auto at = thread.find("{user}"); at != std::string::npos) thread.replace(at, 6, "{other_user}");
    settings.read_word("thread", thread);
    if (thread.find("{other_user}") == std::string::npos) {
        settings.node().mistake(
            "needs a thread of somebody else: write \"thread\": \"NAME-{other_user}\", and let the "
            "others ask in \"NAME-{user}\"");
        return nullptr;
    }
    Json request = context.request;
    request["thread"] = thread;
    const Json squat{{"request", request}};
    return Json::array(
        {{"login", "connect", "await_welcome", squat, "await_events", squat, "await_events", "close"}});
}

Json ticket_racer(JsonObject& settings, const PresetContext& context)
{
    const auto connections = number(settings, "connections", 4, 2, 64);
    const auto times = number(settings, "times", 3, 1, 1000);
    Json round{{{"connect", {{"ticket", "shared"}}}}};
    append(round, conversation(context));
    round.push_back("close");
    const Json journey{"login", {{"repeat", {{"times", times}, {"steps", round}}}}};
    return Json(static_cast<std::size_t>(connections), journey);
}

Json forger(JsonObject& settings, const PresetContext& context)
{
    Json kinds = Json::array();
    for (const Credential kind : forged_credentials) kinds.push_back(name(kind));
    if (const auto given = settings.find("tokens")) {
        const auto words = given->words("kinds of tokens");
        if (words.empty()) return nullptr;
        kinds = words;
    }
    Json journey{"login"};
    for (const auto& kind : kinds)
        append(journey, {{{"connect", {{"token", kind}}}}, "await_welcome", "drop"});
    journey.push_back("connect");
    append(journey, conversation(context));
    journey.push_back("close");
    return Json::array({journey});
}

constexpr std::array all{
    Preset{Behaviour::leaver, "at, by", leaver},
    Preset{Behaviour::aborter, "at, by", aborter},
    Preset{Behaviour::double_connector, "for", double_connector},
    Preset{Behaviour::instant_reconnector, "after, by, times", instant_reconnector},
    Preset{Behaviour::early_sender, "", early_sender},
    Preset{Behaviour::slow_reader, "for, times", slow_reader},
    Preset{Behaviour::tab_closer, "after, by", tab_closer},
    Preset{Behaviour::silent_witness, "for", silent_witness},
    Preset{Behaviour::token_sharer, "connections, times", token_sharer},
    Preset{Behaviour::thread_squatter, "thread", thread_squatter},
    Preset{Behaviour::ticket_racer, "connections, times", ticket_racer},
    Preset{Behaviour::forger, "tokens", forger},
};

} // namespace

std::span<const Preset> presets() { return all; }

} // namespace wsrace
