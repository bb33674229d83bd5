#include "run/message.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace wsrace {

namespace {

using OrderedJson = nlohmann::ordered_json;

std::string wrap(const Profile& profile, std::string_view type, const OrderedJson& fields)
{
    OrderedJson message{{"type", type}};
    if (profile.flat_fields)
        message.update(fields);
    else
        message["payload"] = fields;
    return message.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

} // namespace

std::string fill_in(std::string_view text, const Placeholders& placeholders)
{
    std::string out;
    out.reserve(text.size() + 64);
    while (!text.empty()) {
        const auto brace = text.find('{');
        out += text.substr(0, brace);
        if (brace == std::string_view::npos) break;
        text.remove_prefix(brace + 1);
        const auto found = std::find_if(placeholders.begin(), placeholders.end(), [text](const auto& entry) {
            return text.starts_with(entry.first) && text.substr(entry.first.size()).starts_with('}');
        });
        out += found == placeholders.end() ? std::string_view{"{"} : std::string_view{found->second};
        if (found != placeholders.end()) text.remove_prefix(found->first.size() + 1);
    }
    return out;
}

std::string request_template(const Profile& profile, const StepSpec& step)
{
    const auto type = step.message.empty() ? profile.request_message : step.message;
    const OrderedJson thread = step.thread.empty() ? OrderedJson(nullptr) : OrderedJson(step.thread);
    OrderedJson fields;
    if (type == "start_agent") {
        fields = OrderedJson{
            {"user_request", step.text}, {"thread_id", thread}, {"context", OrderedJson::object()}};
        fields["settings"] =
            step.settings.empty() ? OrderedJson::object() : OrderedJson::parse(step.settings);
    } else {
        fields = OrderedJson{{"content", step.text}, {"thread_id", thread}};
        if (type == "user_message") fields["references"] = OrderedJson::array();
    }
    return wrap(profile, type, fields);
}

std::string ping_message(const Profile& profile, std::uint32_t number)
{
    return wrap(profile, "ping", OrderedJson{{"timestamp", number}});
}

std::string stop_message(const Profile& profile, std::string_view run)
{
    return wrap(profile, "stop_agent", OrderedJson{{"run_id", run}});
}

} // namespace wsrace
