// What a target says on a WebSocket: frames as the scanner reads them, compared with a reader that builds the
// whole document.
#include "fuzz/target.hpp"

#include "run/scanner.hpp"
#include "run/token.hpp"
#include "scenario/data_folders.hpp"
#include "scenario/scenario.hpp"
#include "scenario/strict_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

using namespace wsrace;
using namespace wsrace::fuzz;

namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t deepest = 64;

FieldRule rule_of(const nlohmann::json& json)
{
    using Type = FieldRule::Type;
    FieldRule rule;
    rule.field = json.at("field").get<std::string>();
    const auto type = json.value("type", std::string{"any"});
    rule.type = type == "string"   ? Type::string
                : type == "number" ? Type::number
                : type == "object" ? Type::object
                                   : Type::any;
    rule.alternatives = json.value("alternatives", rule.alternatives);
    return rule;
}

// As it is shipped; the strict reader of profiles is another target's business.
Profile read_netra()
{
    for (const auto& folder : data_folders()) {
        const auto text = read_text_file(folder / "profiles" / "netra.json");
        if (!text) continue;
        const auto json = nlohmann::json::parse(*text);
        const auto& pointers = json.at("pointers");
        Profile profile;
        profile.wrapper_types = json.at("wrapper_types").get<std::vector<std::string>>();
        for (const auto& [field, member] : {std::pair{"type", &Profile::type_pointers},
                                            {"run", &Profile::run_pointers},
                                            {"user", &Profile::user_pointers},
                                            {"thread", &Profile::thread_pointers},
                                            {"execution", &Profile::execution_pointers},
                                            {"tool", &Profile::tool_pointers},
                                            {"step", &Profile::step_pointers},
                                            {"timestamp", &Profile::timestamp_pointers},
                                            {"status", &Profile::status_pointers},
                                            {"recovered", &Profile::recovered_pointers}})
            profile.*member = pointers.at(field).get<std::vector<std::string>>();
        std::map<std::string, FrameType> meanings;
        for (auto type = FrameType::unknown; type <= FrameType::binary;
             type = static_cast<FrameType>(static_cast<int>(type) + 1))
            meanings.emplace(name(type), type);
        for (const auto& [wire, meaning] : json.at("types").items())
            profile.types.emplace(wire, meanings.at(meaning.get<std::string>()));
        for (const auto& [type, rules] : json.at("required_fields").items())
            for (const auto& rule : rules)
                profile.required_fields[meanings.at(type)].push_back(rule_of(rule));
        return profile;
    }
    throw std::runtime_error{"the shipped profiles are not there; set WSRACE_DATA"};
}

const Profile& netra()
{
    static const auto profile = read_netra();
    return profile;
}

// Of a connection of user 3; the dictionary has these, and one of user 4.
const std::vector<std::string>& own_canaries()
{
    static const std::vector<std::string> own{
        make_canary({.run = RunId{99}, .request = {UserId{3}, SlotId{0}, 0}}),
        make_canary({.run = RunId{99}, .request = {UserId{3}, SlotId{0}, 1}})};
    return own;
}

FrameFacts scan(FrameScanner& scanner, std::string_view frame)
{
    SeenTokens seen;
    return scanner.scan(frame, own_canaries(), seen);
}

bool same(const std::vector<FrameFacts::Located>& one, const std::vector<FrameFacts::Located>& other)
{
    return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](const auto& a, const auto& b) {
        return a.path == b.path && a.text == b.text && a.encoded == b.encoded && a.corrupt == b.corrupt;
    });
}

bool same(const FrameFacts& one, const FrameFacts& other)
{
    return one.type == other.type && one.type_name == other.type_name && one.run == other.run &&
           one.execution == other.execution && one.tool == other.tool && one.step == other.step &&
           one.status == other.status && one.timestamp_us == other.timestamp_us &&
           one.bad_timestamp == other.bad_timestamp && one.recovered == other.recovered &&
           one.own_request == other.own_request && same(one.other_canaries, other.other_canaries) &&
           same(one.tokens, other.tokens) && same(one.schema, other.schema);
}

// What a document holds, as far as it matters here.
struct Content {
    std::size_t depth = 0;
    bool plain_numbers = true;      // that are written again as they were read
    std::vector<std::string> texts; // strings and names of fields that are long enough for a canary
};

void collect(const OrderedJson& json, std::size_t depth, Content& content)
{
    if (json.is_structured()) content.depth = std::max(content.depth, depth + 1);
    if (json.is_number_float() || json == 0) content.plain_numbers = false; // 1.50, -0
    const auto keep = [&](const std::string& text) {
        if (text.size() >= canary_length) content.texts.push_back(text);
    };
    if (json.is_string()) keep(json.get<std::string>());
    if (json.is_array())
        for (const auto& item : json) collect(item, depth + 1, content);
    if (!json.is_object()) return;
    for (const auto& [name, value] : json.items()) {
        keep(name);
        collect(value, depth + 1, content);
    }
}

// The value of the first pointer that leads to a string or a number; nothing if that is a number.
std::optional<std::string> first_of(const OrderedJson& json, const std::vector<std::string>& pointers)
{
    for (const auto& text : pointers) {
        const OrderedJson::json_pointer pointer{text};
        if (!json.contains(pointer)) continue;
        const auto& value = json[pointer];
        if (value.is_number()) return std::nullopt;
        if (value.is_string()) return value.get<std::string>();
    }
    return std::string{};
}

std::optional<std::string> type_of(const OrderedJson& json)
{
    std::string name;
    for (const auto& text : netra().type_pointers) {
        const auto candidate = first_of(json, {text});
        if (!candidate) return std::nullopt;
        if (candidate->empty()) continue;
        name = *candidate;
        const auto& wrappers = netra().wrapper_types;
        if (std::find(wrappers.begin(), wrappers.end(), name) == wrappers.end()) break;
    }
    return name;
}

void look_at_fields(const OrderedJson& json, const FrameFacts& facts)
{
    const auto type = type_of(json);
    require(!type || *type == facts.type_name, "a frame's type is what the profile's pointers lead to",
            facts.type_name);
    const auto meaning = netra().types.find(facts.type_name);
    const auto unknown = facts.type_name.empty() ? FrameType::no_type : FrameType::unknown;
    require(facts.type == (meaning == netra().types.end() ? unknown : meaning->second),
            "a frame's type means what the profile says", facts.type_name);
    const auto is_at = [&](const std::string& found, const std::vector<std::string>& pointers) {
        const auto expected = first_of(json, pointers);
        require(!expected || *expected == found, "a field is what the profile's pointers lead to", found);
    };
    is_at(facts.run, netra().run_pointers);
    is_at(facts.execution, netra().execution_pointers);
    is_at(facts.tool, netra().tool_pointers);
    is_at(facts.step, netra().step_pointers);
    is_at(facts.status, netra().status_pointers);
    require(!facts.bad_timestamp || facts.timestamp_us == no_stamp, "a bad timestamp is none");
}

std::multiset<std::string> texts_of(const std::vector<FrameFacts::Located>& canaries)
{
    std::multiset<std::string> out;
    for (const auto& canary : canaries) out.insert(canary.text + (canary.corrupt ? " (corrupt)" : ""));
    return out;
}

// A canary that is not looked for at once is not overlooked, and none is made up.
void look_at_canaries(const Content& content, const FrameFacts& facts)
{
    const auto& own = own_canaries();
    std::multiset<std::string> expected;
    int own_request = -1;
    for (const auto& text : content.texts) {
        for (const auto& found : find_canaries(text)) {
            require(may_hold_canary(text), "a text with a canary may hold one", text);
            const auto at = std::find(own.begin(), own.end(), found.text);
            if (at == own.end())
                expected.insert(found.text + (found.owner ? "" : " (corrupt)"));
            else
                own_request = std::max(own_request, static_cast<int>(at - own.begin()));
            require(found.encoded || text.find(found.text) != std::string::npos, "a canary is in its text",
                    found.text);
            require(!found.owner || make_canary(*found.owner) == found.text, "a canary names its owner",
                    found.text);
            if (!found.owner || found.encoded) continue;
            const auto hidden = find_canaries(base64url(text));
            require(std::any_of(hidden.begin(), hidden.end(),
                                [&](const auto& one) { return one.text == found.text && one.encoded; }),
                    "a canary is found through base64", text);
        }
    }
    require(texts_of(facts.other_canaries) == expected, "the canaries of others are those in the frame",
            fmt::format("{} found, {} in it", facts.other_canaries.size(), expected.size()));
    require(facts.own_request == own_request, "the newest own canary is the one in the frame");
}

void look_at_tokens(const FrameFacts& facts)
{
    std::set<std::string> texts;
    for (const auto& token : facts.tokens) {
        require(token.text.size() >= 3 && token.text.size() <= 40, "a token is as long as ids are",
                token.text);
        require(texts.insert(token.text).second, "a token is told of once", token.text);
    }
}

// Nothing when there is none, or none that can be compared: a field that stands twice, a number beyond
// double.
std::optional<OrderedJson> document_of(std::string_view frame)
{
    std::vector<Problem> problems;
    Mistakes mistakes{"frame", problems};
    if (frame.starts_with("\xEF\xBB\xBF") || !parse_strict_json(frame, mistakes)) return std::nullopt;
    return OrderedJson::parse(frame);
}

} // namespace

void wsrace::fuzz::look_at(std::string_view input)
{
    static FrameScanner scanner{netra()};
    const auto facts = scan(scanner, input);
    FrameScanner fresh{netra()};
    require(same(facts, scan(fresh, input)), "nothing of one frame is left in the next");
    look_at_tokens(facts);
    if (facts.type != FrameType::not_json) {
        try {
            const auto ignored = OrderedJson::parse(input);
        } catch (const nlohmann::json::parse_error& error) {
            broken("what is not JSON is told as such", error.what());
        } catch (const nlohmann::json::out_of_range&) { // 1e999: no double, but JSON
        }
    }
    const auto document = document_of(input);
    if (!document) return;
    Content content;
    collect(*document, 0, content);
    require((facts.type == FrameType::not_json) == (content.depth > deepest),
            "what is JSON, and not too deep, is read");
    if (facts.type == FrameType::not_json) return;
    look_at_fields(*document, facts);
    look_at_canaries(content, facts);
    if (!content.plain_numbers) return;
    const auto again = document->dump();
    require(same(facts, scan(scanner, again)), "a frame that is written otherwise says the same", again);
}
