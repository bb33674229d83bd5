#include "scenario/profile_reader.hpp"

#include "scenario/http_words.hpp"
#include "scenario/placeholders.hpp"
#include "scenario/run_events_reader.hpp"
#include "scenario/step_reader.hpp"
#include "scenario/users_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {
namespace {

constexpr std::array<std::string_view, 2> email_placeholders{"user", "run"};
constexpr std::array<std::string_view, 1> header_placeholders{"user"};

constexpr std::array login_kinds{
    Choice<LoginKind>{"none", LoginKind::none},
    Choice<LoginKind>{"password", LoginKind::password},
    Choice<LoginKind>{"mint", LoginKind::mint},
    Choice<LoginKind>{"token", LoginKind::token},
};

struct PointerField {
    std::string_view name;
    std::vector<std::string> Profile::*pointers;
};

constexpr std::array pointer_fields{
    PointerField{"type", &Profile::type_pointers},
    PointerField{"run", &Profile::run_pointers},
    PointerField{"user", &Profile::user_pointers},
    PointerField{"thread", &Profile::thread_pointers},
    PointerField{"execution", &Profile::execution_pointers},
    PointerField{"tool", &Profile::tool_pointers},
    PointerField{"step", &Profile::step_pointers},
    PointerField{"timestamp", &Profile::timestamp_pointers},
    PointerField{"status", &Profile::status_pointers},
    PointerField{"recovered", &Profile::recovered_pointers},
};

void read_path(JsonObject& object, std::string_view field, std::string& out, bool may_be_empty)
{
    if (!(may_be_empty ? object.read_text(field, out) : object.read_word(field, out))) return;
    if (!out.empty() && out.front() != '/') object.find(field)->mistake("a path begins with /");
}

void read_variable(JsonObject& object, std::string_view field, std::string& out)
{
    if (object.read_word(field, out) && !is_variable_name(out))
        object.find(field)->expected(
            "the name of an environment variable (secrets never stand in a profile)");
}

void read_login(const JsonNode& node, LoginProfile& login)
{
    JsonObject object(node, "the login");
    object.read_choice("kind", login.kind, login_kinds, "kind of login");
    read_path(object, "register_path", login.register_path, true);
    read_path(object, "login_path", login.login_path, false);
    read_path(object, "ticket_path", login.ticket_path, false);
    if (object.read_word("email", login.email)) check_placeholders(*object.find("email"), email_placeholders);
    read_variable(object, "password_env", login.password_env);
    read_variable(object, "secret_env", login.secret_env);
    read_variable(object, "token_env", login.token_env);
    object.read_text("issuer", login.issuer);
    object.read_text("audience", login.audience);
    object.read_duration("token_lifetime", login.token_lifetime);
    object.reject_unknown();
}

void read_headers(const JsonNode& node, std::map<std::string, std::string>& headers)
{
    const JsonObject object(node, "HTTP headers");
    for (const auto& [header, value] : object.members()) {
        const auto text = value.text();
        if (!is_http_token(header))
            value.mistake("not the name of an HTTP header");
        else if (is_reserved_header(header))
            value.mistake("the harness writes this header itself; a token is carried as \"carrier\" says");
        else if (text && text->find_first_of("\r\n") != std::string::npos)
            value.mistake("a header's value is one line");
        else if (text && check_placeholders(value, header_placeholders))
            headers[header] = *text;
    }
}

// "/type" or "/data/type".
bool is_short_pointer(const std::string& text)
{
    const auto slashes = std::count(text.begin(), text.end(), '/');
    return !text.empty() && text.front() == '/' && text.back() != '/' && slashes <= 2 &&
           text.find("//") == std::string::npos && text.find('~') == std::string::npos;
}

void read_pointers(const JsonNode& node, Profile& profile)
{
    JsonObject object(node, "JSON pointers");
    for (const PointerField& field : pointer_fields) {
        const auto list = object.find(field.name);
        if (!list || !object.read_words(field.name, profile.*field.pointers, "JSON pointers")) continue;
        for (const JsonNode& item : list->items("JSON pointers"))
            if (item.is_string() && !is_short_pointer(item.string()))
                item.expected("a JSON pointer with one or two names, as in \"/type\" or \"/data/type\"");
    }
    object.reject_unknown();
}

// Every type of frame that a wire name can mean; the others are what is left when no name fits.
std::vector<std::pair<std::string_view, FrameType>> nameable_frames()
{
    std::vector<std::pair<std::string_view, FrameType>> frames;
    for (auto type = static_cast<int>(FrameType::welcome); type <= static_cast<int>(FrameType::heartbeat);
         ++type)
        frames.emplace_back(name(static_cast<FrameType>(type)), static_cast<FrameType>(type));
    return frames;
}

std::optional<FrameType> frame_named(const JsonNode& place, std::string_view wanted)
{
    std::vector<std::string_view> names;
    for (const auto& [frame, type] : nameable_frames()) {
        if (frame == wanted) return type;
        names.push_back(frame);
    }
    place.mistake(unknown_name("frame type", wanted, names));
    return std::nullopt;
}

void read_types(const JsonNode& node, std::map<std::string, FrameType>& types)
{
    const JsonObject object(node, "the types of frames by their names on the wire");
    for (const auto& [wire_name, meaning] : object.members()) {
        const auto word = meaning.word();
        const auto type = word ? frame_named(meaning, *word) : std::nullopt;
        if (type) types[wire_name] = *type;
    }
}

FieldRule read_field_rule(const JsonNode& node)
{
    using Type = FieldRule::Type;
    constexpr std::array types{Choice<Type>{"string", Type::string}, Choice<Type>{"number", Type::number},
                               Choice<Type>{"object", Type::object}, Choice<Type>{"any", Type::any}};
    FieldRule rule;
    JsonObject object(node, "a required field");
    object.require("field", "its name");
    object.read_word("field", rule.field);
    object.read_choice("type", rule.type, types, "type of a field");
    object.read_words("alternatives", rule.alternatives, "names that do as well");
    object.reject_unknown();
    return rule;
}

void read_required_fields(const JsonNode& node, std::map<FrameType, std::vector<FieldRule>>& required)
{
    const JsonObject object(node, "required fields by type of frame");
    for (const auto& [frame, rules] : object.members()) {
        const auto type = frame_named(rules, frame);
        std::vector<FieldRule> read;
        for (const JsonNode& rule : rules.items("required fields")) read.push_back(read_field_rule(rule));
        if (type) required[*type] = std::move(read);
    }
}

void read_subprotocols(JsonObject& object, Profile& profile)
{
    if (!object.read_words("subprotocols", profile.subprotocols, "subprotocols")) return;
    for (const JsonNode& item : object.find("subprotocols")->items("subprotocols"))
        if (item.is_string() && !is_http_token(item.string()))
            item.expected("the name of a subprotocol (letters, digits, - . _)");
}

// A type that is expected must have a name, or every run would lack it.
void check_event_names(const JsonNode& node, const Profile& profile)
{
    for (const FrameType event : profile.run_events.types) {
        const bool named = std::any_of(profile.types.begin(), profile.types.end(),
                                       [&](const auto& entry) { return entry.second == event; });
        if (named) continue;
        const auto advice = event == FrameType::agent_completed
                                ? "no run could ever end; name it"
                                : "every run would lack it; name it, or say with \"run_events\" which events "
                                  "the target's runs have";
        node.mistake(fmt::format("no name in \"types\" means {}, so that {}", name(event), advice));
    }
}

} // namespace

void read_profile_fields(JsonObject& object, Profile& profile)
{
    object.find("$schema");
    object.find("extends");
    object.read_word("name", profile.name);
    object.read_text("description", profile.description);
    if (const auto login = object.find("login")) read_login(*login, profile.login);
    const auto carrier = object.find("carrier");
    if (const auto value = carrier ? read_carrier(*carrier) : std::nullopt) profile.carrier = *value;
    read_path(object, "websocket_path", profile.websocket_path, false);
    read_subprotocols(object, profile);
    if (const auto headers = object.find("headers")) read_headers(*headers, profile.headers);
    read_path(object, "health_path", profile.health_path, false);
    const auto message = object.find("request_message");
    if (const auto value = message ? read_message(*message) : std::nullopt) profile.request_message = *value;
    object.read_bool("flat_fields", profile.flat_fields);
    object.read_bool("wait_for_welcome", profile.wait_for_welcome);
    object.read_words("wrapper_types", profile.wrapper_types, "type names");
    if (const auto pointers = object.find("pointers")) read_pointers(*pointers, profile);
    const auto run_events = object.find("run_events");
    if (auto events = run_events ? read_run_events(*run_events) : std::nullopt)
        profile.run_events = std::move(*events);
    if (const auto types = object.find("types")) read_types(*types, profile.types);
    if (const auto required = object.find("required_fields"))
        read_required_fields(*required, profile.required_fields);
    object.reject_unknown();
}

void check_profile(const JsonNode& node, const Profile& profile)
{
    if (profile.name.empty()) node.mistake("the profile has no name");
    if (profile.type_pointers.empty())
        node.mistake("the profile has no \"pointers\".\"type\": no frame could be told");
    check_event_names(node, profile);
    for (const std::string& wrapper : profile.wrapper_types)
        if (profile.types.contains(wrapper))
            node.mistake(fmt::format("\"{}\" is in \"types\" and in \"wrapper_types\"; keep one", wrapper));
    const bool own_identity =
        profile.login.kind == LoginKind::password || profile.login.kind == LoginKind::mint;
    if (own_identity && profile.login.email.find("{user}") == std::string::npos)
        node.mistake("no {user} in the login's email: all users would be the same person");
    if (profile.login.kind == LoginKind::none && profile.carrier != TokenCarrier::none)
        node.mistake(
            fmt::format("there is no login, so that there is no token for the carrier \"{}\"; use \"none\"",
                        name(profile.carrier)));
}

} // namespace wsrace
