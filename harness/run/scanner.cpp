#include "run/scanner.hpp"

#include "run/field_table.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace wsrace {

namespace {

constexpr std::size_t shortest_token = 3;
constexpr std::size_t longest_token = 40;
constexpr std::size_t most_tokens = 256; // remembered per connection
constexpr std::size_t deepest = 64;
constexpr std::uint8_t no_priority = 255;

enum CharacterClass : std::uint8_t { separator = 0, punctuation = 1, letter = 2, digit = 4 };

constexpr auto character_classes = [] {
    std::array<std::uint8_t, 256> out{};
    for (unsigned c = 0; c < 256; ++c) {
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) out[c] = letter;
        if (c >= '0' && c <= '9') out[c] = digit;
        if (c == '_' || c == '-') out[c] = punctuation;
    }
    return out;
}();

std::uint8_t class_of(char c) { return character_classes[static_cast<unsigned char>(c)]; }

// Ids have digits, and letters besides: "u-17", "run_3f9a", a UUID. Words and plain numbers are no evidence
// of anything.
bool is_id_like(std::size_t length, std::uint8_t classes)
{
    return length >= shortest_token && length <= longest_token &&
           (classes & (letter | digit)) == (letter | digit);
}

} // namespace

bool SeenTokens::insert(std::string_view token)
{
    const auto hash = static_cast<std::uint32_t>(path_hash(path_root, token));
    if (std::find(hashes_.begin(), hashes_.end(), hash) != hashes_.end()) return false;
    if (hashes_.size() >= most_tokens) hashes_.erase(hashes_.begin(), hashes_.begin() + most_tokens / 2);
    hashes_.push_back(hash);
    return true;
}

void FrameFacts::clear()
{
    type = FrameType::not_json;
    for (auto* const text : {&type_name, &run, &execution, &tool, &step, &status}) text->clear();
    timestamp_us = no_stamp;
    bad_timestamp = false;
    recovered = false;
    own_request = -1;
    other_canaries.clear();
    tokens.clear();
    schema.clear();
}

namespace {

// The handler of Boost.JSON's event parser. Keys and values arrive in parts where they are long or hold
// escapes; `text_` puts them together.
struct FrameHandler {
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();
    using Error = boost::system::error_code;
    using View = boost::json::string_view;

    explicit FrameHandler(const Profile& profile) : table{profile} {}

    FieldTable table;
    FrameFacts facts;
    const std::vector<std::string>* own = nullptr;
    SeenTokens* seen = nullptr;

    struct Level {
        bool array = false;
        std::uint32_t index = 0;
        std::uint64_t parent = path_root; // hash of the path of this object or array itself
        std::string key;
        std::uint64_t hash = path_root; // hash of the path of the current member
    };
    std::vector<Level> levels = std::vector<Level>(deepest + 2);
    std::size_t depth = 0;
    std::string text;
    std::array<std::uint8_t, field_count> priority{};
    std::array<std::string, 8> type_candidates; // by priority
    SeenFields fields;

    void begin(const std::vector<std::string>& own_canaries, SeenTokens& seen_tokens)
    {
        facts.clear();
        own = &own_canaries;
        seen = &seen_tokens;
        depth = 0;
        text.clear();
        priority.fill(no_priority);
        for (auto& candidate : type_candidates) candidate.clear();
        fields.any = 0;
        fields.as.fill(0);
    }

    // Where the current value stands.
    std::uint64_t here() const { return depth == 0 ? path_root : levels[depth].hash; }

    std::string path() const
    {
        std::string out;
        for (std::size_t i = 1; i <= depth; ++i) {
            if (levels[i].array)
                out += fmt::format("/{}", levels[i].index);
            else
                out += "/" + levels[i].key;
        }
        return out;
    }

    const FieldEntry* value(JsonType type)
    {
        const auto* const entry = depth == 0 ? nullptr : table.find(here());
        if (entry != nullptr && entry->schema_bit != 0) {
            fields.any |= entry->schema_bit;
            fields.as[static_cast<std::size_t>(type)] |= entry->schema_bit;
            fields.type_of[static_cast<std::size_t>(__builtin_ctzll(entry->schema_bit))] = type;
        }
        return entry;
    }

    void value_done()
    {
        if (depth != 0 && levels[depth].array) ++levels[depth].index;
    }

    void push(bool array)
    {
        const auto parent = here();
        auto& level = levels[++depth];
        level.array = array;
        level.index = 0;
        level.parent = parent;
        level.hash = array ? path_hash(parent, "[]") : parent;
        level.key.clear();
    }

    bool open(JsonType type)
    {
        value(type);
        push(type == JsonType::array);
        return true;
    }

    bool close()
    {
        --depth;
        value_done();
        return true;
    }

    // Of several pointers to one field, the first in the profile's order wins.
    bool wins(const FieldEntry& entry)
    {
        auto& best = priority[static_cast<std::size_t>(entry.field)];
        if (entry.priority >= best) return false;
        best = entry.priority;
        return true;
    }

    void timestamp(std::string_view value)
    {
        const auto parsed = parse_timestamp(value);
        facts.bad_timestamp = !parsed;
        facts.timestamp_us = parsed ? parsed->count() : no_stamp;
    }

    std::string* target_of(Field field)
    {
        switch (field) {
        case Field::run: return &facts.run;
        case Field::execution: return &facts.execution;
        case Field::tool: return &facts.tool;
        case Field::step: return &facts.step;
        case Field::status: return &facts.status;
        default: return nullptr;
        }
    }

    void scalar(const FieldEntry& entry, std::string_view value)
    {
        if (entry.field == Field::type && entry.priority < type_candidates.size())
            type_candidates[entry.priority] = value;
        if (entry.field == Field::none || entry.field == Field::type || !wins(entry)) return;
        if (entry.field == Field::timestamp)
            timestamp(value);
        else if (auto* const target = target_of(entry.field))
            *target = value;
    }

    void string_value(std::string_view value)
    {
        const auto* const entry = this->value(JsonType::string);
        if (entry != nullptr) scalar(*entry, value);
        const auto field = entry != nullptr ? entry->field : Field::none;
        if (value.size() >= canary_length) look_for_canaries(value);
        if (field != Field::timestamp && field != Field::execution && field != Field::type)
            look_for_tokens(value);
        value_done();
    }

    // The usual case, the connection's own canary in plain text, costs a comparison; anything else is looked
    // at closely.
    void look_for_canaries(std::string_view value)
    {
        std::size_t behind = 0; // the own canaries so far; between them may be some in base64
        for (auto at = value.find(canary_prefix); at != std::string_view::npos;
             at = value.find(canary_prefix, behind)) {
            const auto request = own_request(value.substr(at, canary_length));
            if (request < 0 || may_hold_canary(value.substr(behind, at - behind)))
                return record_canaries(value);
            facts.own_request = std::max(facts.own_request, request);
            behind = at + canary_length;
        }
        if (may_hold_canary(value.substr(behind))) record_canaries(value);
    }

    int own_request(std::string_view canary) const
    {
        for (auto i = own->size(); i-- > 0;)
            if ((*own)[i] == canary) return static_cast<int>(i);
        return -1;
    }

    void record_canaries(std::string_view value)
    {
        for (auto& found : find_canaries(value)) {
            const auto request = own_request(found.text);
            facts.own_request = std::max(facts.own_request, request);
            if (request >= 0) continue;
            facts.other_canaries.push_back(
                {.path = path(), .text = found.text, .encoded = found.encoded, .corrupt = !found.owner});
        }
    }

    void look_for_tokens(std::string_view value)
    {
        const auto* at = value.data();
        const auto* const end = at + value.size();
        while (at != end) {
            const auto* const begin = at;
            std::uint8_t classes = 0;
            for (std::uint8_t of = 0; at != end && (of = class_of(*at)) != separator; ++at) classes |= of;
            const std::string_view token{begin, static_cast<std::size_t>(at - begin)};
            while (at != end && class_of(*at) == separator) ++at;
            if (!is_id_like(token.size(), classes) || token.starts_with(canary_prefix) ||
                !seen->insert(token))
                continue;
            facts.tokens.push_back(
                {.path = path(), .text = std::string{token}, .encoded = false, .corrupt = false});
        }
    }

    void number_value(std::string_view value)
    {
        if (const auto* const entry = this->value(JsonType::number)) scalar(*entry, value);
        value_done();
    }

    bool keep(View part)
    {
        text.append(part.data(), part.size());
        return true;
    }

    // The whole of a text that may have come in parts.
    std::string_view joined(View last)
    {
        if (text.empty()) return {last.data(), last.size()};
        text.append(last.data(), last.size());
        return text;
    }

    bool on_document_begin(Error&) { return true; }
    bool on_document_end(Error&) { return true; }
    bool on_object_begin(Error&) { return open(JsonType::object); }
    bool on_object_end(std::size_t, Error&) { return close(); }
    bool on_array_begin(Error&) { return open(JsonType::array); }
    bool on_array_end(std::size_t, Error&) { return close(); }
    bool on_key_part(View part, std::size_t, Error&) { return keep(part); }
    bool on_key(View last, std::size_t, Error&)
    {
        auto& level = levels[depth];
        level.key = joined(last);
        level.hash = key_hash(level.parent, level.key);
        text.clear();
        if (level.key.size() >= canary_length) look_for_canaries(level.key);
        return true;
    }
    bool on_string_part(View part, std::size_t, Error&) { return keep(part); }
    bool on_string(View last, std::size_t, Error&)
    {
        string_value(joined(last));
        text.clear();
        return true;
    }
    bool on_number_part(View part, Error&) { return keep(part); }
    bool on_number(View last)
    {
        number_value(joined(last));
        text.clear();
        return true;
    }
    bool on_int64(std::int64_t, View last, Error&) { return on_number(last); }
    bool on_uint64(std::uint64_t, View last, Error&) { return on_number(last); }
    bool on_double(double, View last, Error&) { return on_number(last); }
    bool on_bool(bool value_given, Error&)
    {
        const auto* const entry = value(JsonType::boolean);
        if (entry != nullptr && entry->field == Field::recovered) facts.recovered = value_given;
        value_done();
        return true;
    }
    bool on_null(Error&)
    {
        value(JsonType::null);
        value_done();
        return true;
    }
    bool on_comment_part(View, Error&) { return true; }
    bool on_comment(View, Error&) { return true; }

    void decide_type()
    {
        facts.type = FrameType::no_type;
        for (const auto& candidate : type_candidates) {
            if (candidate.empty()) continue;
            facts.type_name = candidate;
            facts.type = table.type_of(candidate);
            if (!table.is_wrapper(candidate)) break;
        }
        table.check(facts.type, fields, [this](const std::string& field, std::string_view found) {
            facts.schema.push_back(
                {.path = field, .text = std::string{found}, .encoded = false, .corrupt = false});
        });
    }
};

} // namespace

struct FrameScanner::Machine {
    explicit Machine(const Profile& profile) : parser{options(), profile} {}

    static boost::json::parse_options options()
    {
        boost::json::parse_options options;
        options.max_depth = deepest;
        return options;
    }

    boost::json::basic_parser<FrameHandler> parser;
};

FrameScanner::FrameScanner(const Profile& profile) : machine_{std::make_unique<Machine>(profile)} {}
FrameScanner::~FrameScanner() = default;

const FrameFacts& FrameScanner::scan(std::string_view frame, const std::vector<std::string>& own,
                                     SeenTokens& seen)
{
    auto& parser = machine_->parser;
    auto& handler = parser.handler();
    handler.begin(own, seen);
    parser.reset();
    boost::system::error_code error;
    const auto used = parser.write_some(false, frame.data(), frame.size(), error);
    const auto rest = frame.substr(std::min(used, frame.size()));
    const auto whole = !error && parser.done() && rest.find_first_not_of(" \t\r\n") == std::string_view::npos;
    if (whole)
        handler.decide_type();
    else
        handler.facts.type = FrameType::not_json;
    return handler.facts;
}

} // namespace wsrace
