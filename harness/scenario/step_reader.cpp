#include "scenario/step_reader.hpp"

#include "scenario/connect_reader.hpp"
#include "scenario/credential_reader.hpp"
#include "scenario/distribution_reader.hpp"
#include "scenario/journey_reader.hpp"
#include "scenario/placeholders.hpp"
#include "scenario/size_reader.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace wsrace {
namespace {

void read_connect_settings(const JsonNode& node, StepSpec& step);
void read_request(const JsonNode& node, StepSpec& step);
void read_count(const JsonNode& node, StepSpec& step);
void read_stop_reading(const JsonNode& node, StepSpec& step);
void read_slow_reading(const JsonNode& node, StepSpec& step);
void read_pong(const JsonNode& node, StepSpec& step);
void read_pause(const JsonNode& node, StepSpec& step);
void read_drop(const JsonNode& node, StepSpec& step);
void read_close(const JsonNode& node, StepSpec& step);

enum class Settings { none, optional, required };

struct StepForm {
    std::string_view name;
    Action action;
    Settings settings;
    void (*read)(const JsonNode& node, StepSpec& step); // the settings
    std::string_view example;
};

constexpr std::array step_forms{
    StepForm{"login", Action::login, Settings::none, nullptr, "\"login\""},
    StepForm{"connect", Action::connect, Settings::optional, read_connect_settings,
             "\"connect\" or {\"connect\": {\"token\": \"expired\"}}"},
    StepForm{"reconnect", Action::connect, Settings::optional, read_connect_settings,
             "\"reconnect\" or {\"reconnect\": {\"token\": \"expired\"}}"},
    StepForm{"await_welcome", Action::await_welcome, Settings::none, nullptr, "\"await_welcome\""},
    StepForm{"request", Action::request, Settings::required, read_request,
             "{\"request\": {\"text\": \"hello {canary}\"}}"},
    StepForm{"await_first_event", Action::await_first_event, Settings::none, nullptr,
             "\"await_first_event\""},
    StepForm{"await_event", Action::await_event, Settings::required, read_count, "{\"await_event\": 3}"},
    StepForm{"await_events", Action::await_events, Settings::none, nullptr, "\"await_events\""},
    StepForm{"ping", Action::ping, Settings::none, nullptr, "\"ping\""},
    StepForm{"stop_reading", Action::stop_reading, Settings::required, read_stop_reading,
             "{\"stop_reading\": \"2s\"}"},
    StepForm{"read_slowly", Action::read_slowly, Settings::required, read_slow_reading,
             "{\"read_slowly\": {\"rate\": \"2KiB\", \"for\": \"2s\"}}"},
    StepForm{"pong", Action::pong, Settings::required, read_pong, "{\"pong\": \"unsolicited\"}"},
    StepForm{"pause", Action::pause, Settings::required, read_pause, "{\"pause\": \"20ms\"}"},
    StepForm{"stop", Action::stop, Settings::none, nullptr, "\"stop\""},
    StepForm{"drop", Action::drop, Settings::optional, read_drop, "\"drop\" or {\"drop\": \"reset\"}"},
    StepForm{"close", Action::close, Settings::optional, read_close, "\"close\" or {\"close\": 1000}"},
};

void read_connect_settings(const JsonNode& node, StepSpec& step)
{
    JsonObject connect(node, "settings of a connection");
    step.connect = read_connect(connect);
    read_credential(connect, step);
    connect.reject_unknown();
}

void read_text(const JsonNode& node, StepSpec& step)
{
    const auto text = node.word();
    if (!text) return;
    step.text = *text;
    check_placeholders(node, request_placeholders);
    if (text->find("{canary}") == std::string::npos)
        node.mistake(
            fmt::format("no {{canary}} in the text, so that no event could be told whose it is; add it: "
                        "\"{} {{canary}}\"",
                        *text));
}

void read_request(const JsonNode& node, StepSpec& step)
{
    JsonObject request(node, "a request");
    const auto text = request.require("text", "what is asked, for example \"hello {canary}\"");
    if (text) read_text(*text, step);
    request.read_word("thread", step.thread);
    if (const auto thread = request.find("thread")) check_placeholders(*thread, thread_placeholders);
    if (const auto message = request.find("message")) step.message = read_message(*message).value_or("");
    if (const auto settings = request.find("settings")) {
        if (!settings->is_object()) settings->expected("an object, sent as the message's settings");
        step.settings = settings->value().dump();
    }
    request.read_bool("early", step.early);
    request.reject_unknown();
}

void read_pause(const JsonNode& node, StepSpec& step)
{
    step.duration = read_distribution(node).value_or(Distribution{});
}

void read_drop(const JsonNode& node, StepSpec& step)
{
    step.ending = read_ending(node, "way to drop").value_or(Ending::fin);
}

void read_count(const JsonNode& node, StepSpec& step)
{
    step.events = static_cast<std::uint16_t>(node.integer(1, 1000).value_or(1));
}

void read_stop_reading(const JsonNode& node, StepSpec& step)
{
    step.lasting = node.positive_duration().value_or(Duration{});
}

void read_slow_reading(const JsonNode& node, StepSpec& step)
{
    JsonObject slow(node, "slow reading");
    const auto rate = slow.require("rate", "how much per second, as in \"2KiB\"");
    const auto lasting = slow.require("for", "how long, as in \"2s\"");
    slow.reject_unknown();
    constexpr std::uint64_t most = 1U << 30U;
    const auto size = rate ? read_size(*rate) : std::nullopt;
    step.rate = static_cast<std::uint32_t>(std::min(size.value_or(most), most));
    const auto length = lasting ? lasting->positive_duration() : std::nullopt;
    step.lasting = length.value_or(Duration{});
}

void read_pong(const JsonNode& node, StepSpec&)
{
    constexpr std::array kinds{Choice<bool>{"unsolicited", true}};
    node.choice(kinds, "pong");
}

void read_close(const JsonNode& node, StepSpec& step)
{
    const auto code = node.integer(1000, 4999);
    if (!code) return;
    const bool reserved = (*code >= 1004 && *code <= 1006) || (*code >= 1015 && *code <= 2999);
    if (reserved)
        node.mistake(
            fmt::format("{} cannot be sent in a close frame (RFC 6455, section 7.4); use 1000, another "
                        "registered code, or one from 3000 to 4999",
                        *code));
    step.code = static_cast<std::uint16_t>(*code);
}

} // namespace

std::optional<StepSpec> read_step(const JsonNode& node, std::string_view step,
                                  const std::optional<JsonNode>& settings)
{
    const auto* const form = std::find_if(step_forms.begin(), step_forms.end(),
                                          [&](const StepForm& candidate) { return candidate.name == step; });
    if (step == "repeat") {
        node.mistake("\"repeat\" needs settings: {\"repeat\": {\"times\": 3, \"steps\": [...]}}");
        return std::nullopt;
    }
    if (form == step_forms.end()) {
        node.mistake(unknown_name("step", step, step_names()));
        return std::nullopt;
    }
    StepSpec result;
    result.action = form->action;
    if (settings ? form->settings == Settings::none : form->settings == Settings::required)
        node.mistake(
            fmt::format("\"{}\" {} settings: write {}", step, settings ? "has no" : "needs", form->example));
    else if (settings)
        form->read(*settings, result);
    return result;
}

std::optional<std::string> read_message(const JsonNode& node)
{
    const std::vector<std::string_view> messages{"start_agent", "user_message", "chat"};
    const auto place = node.place_among(messages, "message");
    if (!place) return std::nullopt;
    return std::string(messages[*place]);
}

std::vector<std::string_view> step_names()
{
    std::vector<std::string_view> names;
    for (const StepForm& form : step_forms) names.push_back(form.name);
    names.emplace_back("repeat");
    return names;
}

} // namespace wsrace
