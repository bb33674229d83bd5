#include "run/message.hpp"

#include <nlohmann/json.hpp>

namespace wsrace {

namespace {

using Json = nlohmann::ordered_json;

std::string wrap(const Profile& profile, std::string_view type, const Json& fields)
{
    Json message{{"type", type}};
    if (profile.flat_fields)
        message.update(fields);
    else
        message["payload"] = fields;
    return message.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace

std::string fill_in(std::string_view text, const Placeholders& placeholders)
{
    std::string out{text};
    for (const auto& [name, value] : placeholders) {
        const auto marker = "{" + std::string{name} + "}";
        for (auto at = out.find(marker); at != std::string::npos; at = out.find(marker, at + value.size()))
            out.replace(at, marker.size(), value);
    }
    return out;
}

std::string request_message(const Profile& profile, const StepSpec& step, const Placeholders& placeholders)
{
    const auto type = step.message.empty() ? profile.request_message : step.message;
    const auto text = fill_in(step.text, placeholders);
    const Json thread = step.thread.empty() ? Json(nullptr) : Json(fill_in(step.thread, placeholders));
    Json fields;
    if (type == "start_agent") {
        fields = Json{{"user_request", text}, {"thread_id", thread}, {"context", Json::object()}};
        fields["settings"] = step.settings.empty() ? Json::object() : Json::parse(step.settings);
    } else {
        fields = Json{{"content", text}, {"thread_id", thread}};
        if (type == "user_message") fields["references"] = Json::array();
    }
    return wrap(profile, type, fields);
}

std::string ping_message(const Profile& profile, std::uint32_t number)
{
    return wrap(profile, "ping", Json{{"timestamp", number}});
}

std::string stop_message(const Profile& profile, std::string_view run)
{
    return wrap(profile, "stop_agent", Json{{"run_id", run}});
}

} // namespace wsrace
