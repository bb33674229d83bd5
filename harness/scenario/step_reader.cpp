#include "scenario/step_reader.hpp"

#include "scenario/distribution_reader.hpp"
#include "scenario/journey_reader.hpp"
#include "scenario/placeholders.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {
namespace {

bool read_request(const JsonNode& node, StepSpec& step);
bool read_pause(const JsonNode& node, StepSpec& step);
bool read_drop(const JsonNode& node, StepSpec& step);
bool read_close(const JsonNode& node, StepSpec& step);

enum class Settings { none, optional, required };

struct StepForm {
    std::string_view name;
    Action action;
    Settings settings;
    bool (*read)(const JsonNode& node, StepSpec& step); // the settings; false if they are wrong
    std::string_view example;
};

constexpr std::array step_forms{
    StepForm{"login", Action::login, Settings::none, nullptr, "\"login\""},
    StepForm{"connect", Action::connect, Settings::none, nullptr, "\"connect\""},
    StepForm{"reconnect", Action::connect, Settings::none, nullptr, "\"reconnect\""},
    StepForm{"await_welcome", Action::await_welcome, Settings::none, nullptr, "\"await_welcome\""},
    StepForm{"request", Action::request, Settings::required, read_request,
             "{\"request\": {\"text\": \"hello {canary}\"}}"},
    StepForm{"await_first_event", Action::await_first_event, Settings::none, nullptr,
             "\"await_first_event\""},
    StepForm{"await_events", Action::await_events, Settings::none, nullptr, "\"await_events\""},
    StepForm{"ping", Action::ping, Settings::none, nullptr, "\"ping\""},
    StepForm{"pause", Action::pause, Settings::required, read_pause, "{\"pause\": \"20ms\"}"},
    StepForm{"stop", Action::stop, Settings::none, nullptr, "\"stop\""},
    StepForm{"drop", Action::drop, Settings::optional, read_drop, "\"drop\" or {\"drop\": \"reset\"}"},
    StepForm{"close", Action::close, Settings::optional, read_close, "\"close\" or {\"close\": 1000}"},
};

bool read_settings_object(const JsonNode& node, StepSpec& step)
{
    if (!node.value().is_object()) {
        node.expected("an object, sent as the message's settings");
        return false;
    }
    step.settings = node.value().dump();
    return true;
}

bool read_request(const JsonNode& node, StepSpec& step)
{
    constexpr std::array messages{Choice<std::string_view>{"start_agent", "start_agent"},
                                  Choice<std::string_view>{"user_message", "user_message"},
                                  Choice<std::string_view>{"chat", "chat"}};
    JsonObject request(node, "a request");
    const auto text = request.require("text", "what is asked, for example \"hello {canary}\"");
    bool right = text && request.read_word("text", step.text);
    if (right) {
        right = check_placeholders(*text, request_placeholders);
        if (step.text.find("{canary}") == std::string::npos) {
            text->mistake("no {canary} in the text, so that no event could be told whose it is; add it: \"" +
                          step.text + " {canary}\"");
            right = false;
        }
    }
    if (const auto thread = request.find("thread")) {
        right &= request.read_word("thread", step.thread);
        right &= check_placeholders(*thread, request_placeholders);
    }
    std::string_view message;
    if (request.find("message")) right &= request.read_choice("message", message, messages, "message");
    step.message = message;
    if (const auto settings = request.find("settings")) right &= read_settings_object(*settings, step);
    request.reject_unknown();
    return right;
}

bool read_pause(const JsonNode& node, StepSpec& step)
{
    const auto duration = read_distribution(node);
    if (duration) step.duration = *duration;
    return duration.has_value();
}

bool read_drop(const JsonNode& node, StepSpec& step)
{
    constexpr std::array ways{Choice<bool>{"fin", false}, Choice<bool>{"reset", true}};
    const auto reset = node.choice(ways, "way to drop");
    if (reset) step.reset = *reset;
    return reset.has_value();
}

bool read_close(const JsonNode& node, StepSpec& step)
{
    const auto code = node.integer(1000, 4999);
    if (!code) return false;
    const bool reserved = (*code >= 1004 && *code <= 1006) || (*code >= 1015 && *code <= 2999);
    if (reserved) {
        node.mistake(
            fmt::format("{} cannot be sent in a close frame (RFC 6455, section 7.4); use 1000, another "
                        "registered code, or one from 3000 to 4999",
                        *code));
        return false;
    }
    step.code = static_cast<std::uint16_t>(*code);
    return true;
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
    if (settings ? form->settings == Settings::none : form->settings == Settings::required) {
        node.mistake(
            fmt::format("\"{}\" {} settings: write {}", step, settings ? "has no" : "needs", form->example));
        return std::nullopt;
    }
    StepSpec result;
    result.action = form->action;
    if (settings && !form->read(*settings, result)) return std::nullopt;
    return result;
}

std::vector<std::string_view> step_names()
{
    std::vector<std::string_view> names;
    for (const StepForm& form : step_forms) names.push_back(form.name);
    names.emplace_back("repeat");
    return names;
}

} // namespace wsrace
