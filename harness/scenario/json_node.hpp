// Typed reading of a document: every value knows its path, and what does not fit becomes a mistake there.
#pragma once

#include "core/time.hpp"
#include "scenario/strict_json.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

// A name that may be written in a document, and what it means.
template <typename Value>
struct Choice {
    std::string_view name;
    Value value;
};

// One value of a document and its place. A cheap view: the document and the mistakes outlive it.
// Each getter returns nothing and records a mistake when the value is not what it asks for.
class JsonNode {
public:
    JsonNode(const Json& value, std::string path, Mistakes& mistakes)
        : value_(&value), path_(std::move(path)), mistakes_(&mistakes)
    {}

    const Json& value() const { return *value_; } // to look into it: <nlohmann/json.hpp>
    const std::string& path() const { return path_; }
    Mistakes& mistakes() const { return *mistakes_; }
    void mistake(const std::string& message) const { mistakes_->add(path_, message); }
    void expected(std::string_view what) const; // records `expected WHAT, found ...`

    // What it is, without a mistake.
    bool is_object() const;
    bool is_list() const;
    bool is_string() const;
    bool is_boolean() const;
    bool is_number() const;
    bool is_true() const;
    std::size_t size() const;               // of an object or list
    bool has(std::string_view field) const; // an object with it
    const std::string& string() const;      // of a string

    std::optional<std::string> text() const; // any string
    std::optional<std::string> word() const; // a string that is not empty
    std::optional<bool> boolean() const;
    std::optional<std::int64_t> integer(std::int64_t least, std::int64_t most) const; // 3.0 is not one
    std::optional<double> number(double least, double most) const;
    std::optional<Duration> duration() const;          // "20ms"
    std::optional<Duration> positive_duration() const; // the same, not zero
    std::vector<JsonNode>
    items(std::string_view what) const; // of a list; `what` names its items in the mistake
    std::vector<std::string> words(std::string_view what) const;

    // The place in `names` of this string; else a mistake that lists them. `kind` says what they are names
    // of.
    std::optional<std::size_t> place_among(const std::vector<std::string_view>& names,
                                           std::string_view kind) const;

    template <typename Value, std::size_t n>
    std::optional<Value> choice(const std::array<Choice<Value>, n>& choices, std::string_view kind) const
    {
        std::vector<std::string_view> names;
        for (const auto& entry : choices) names.push_back(entry.name);
        const auto place = place_among(names, kind);
        if (!place) return std::nullopt;
        return choices[*place].value;
    }

private:
    const Json* value_;
    std::string path_;
    Mistakes* mistakes_;
};

// One object of a document. It remembers which fields it was asked for; reject_unknown() reports all others.
class JsonObject {
public:
    // `what` names the object in the mistake that is recorded when the value is not an object.
    JsonObject(const JsonNode& node, std::string_view what);

    const JsonNode& node() const { return node_; }
    bool valid() const { return valid_; }

    std::optional<JsonNode> find(std::string_view field);
    std::optional<JsonNode> require(std::string_view field, std::string_view what);

    // Each leaves `out` as it is when the field is absent or wrong, and says whether it was set.
    bool read_text(std::string_view field, std::string& out);
    bool read_word(std::string_view field, std::string& out);
    bool read_bool(std::string_view field, bool& out);
    bool read_duration(std::string_view field, Duration& out);
    bool read_words(std::string_view field, std::vector<std::string>& out, std::string_view what);

    template <typename Integer>
    bool read_integer(std::string_view field, Integer& out, std::int64_t least, std::int64_t most)
    {
        const auto found = find(field);
        const auto number = found ? found->integer(least, most) : std::nullopt;
        if (number) out = static_cast<Integer>(*number);
        return number.has_value();
    }

    template <typename Value, std::size_t n>
    bool read_choice(std::string_view field, Value& out, const std::array<Choice<Value>, n>& choices,
                     std::string_view kind)
    {
        const auto found = find(field);
        const auto value = found ? found->choice(choices, kind) : std::nullopt;
        if (value) out = *value;
        return value.has_value();
    }

    // Every field, in order, for objects whose names are free (headers, environment).
    std::vector<std::pair<std::string, JsonNode>> members() const;

    // To be called when everything that may be there has been asked for.
    void reject_unknown() const;

private:
    JsonNode node_;
    bool valid_;
    std::set<std::string, std::less<>> known_;
};

} // namespace wsrace
