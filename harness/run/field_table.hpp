// A profile compiled for the scanner: from the hash of a value's path to what the value means.
#pragma once

#include "scenario/profile.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

// FNV-1a over a JSON pointer, extended key by key.
constexpr std::uint64_t path_root = 0xcbf29ce484222325ULL;
constexpr std::uint64_t path_hash(std::uint64_t hash, char c)
{
    return (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
}
constexpr std::uint64_t path_hash(std::uint64_t parent, std::string_view key)
{
    auto hash = path_hash(parent, '/');
    for (const auto c : key) hash = path_hash(hash, c);
    return hash;
}

// The same for a key as it stands in a document: "payload/type" is one key, and no way to another one. In a
// pointer it is "payload~1type" (RFC 6901, section 3).
constexpr std::uint64_t key_hash(std::uint64_t parent, std::string_view key)
{
    auto hash = path_hash(parent, '/');
    for (const auto c : key) {
        const bool is_escaped = c == '/' || c == '~';
        if (is_escaped) hash = path_hash(hash, '~');
        hash = path_hash(hash, !is_escaped ? c : c == '/' ? '1' : '0');
    }
    return hash;
}

enum class Field : std::uint8_t {
    none,
    type,
    run,
    user,
    thread,
    execution,
    tool,
    step,
    timestamp,
    status,
    recovered
};
inline constexpr std::size_t field_count = 11;

enum class JsonType : std::uint8_t { string, number, object, array, boolean, null };
std::string_view name(JsonType type);

struct FieldEntry {
    std::uint64_t hash = 0;
    Field field = Field::none;
    std::uint8_t priority = 0;    // among the pointers of one field: the lowest that is there wins
    std::uint64_t schema_bit = 0; // of the name, if a rule asks for it
};

// What a frame's fields were, by the bit of their name.
struct SeenFields {
    std::uint64_t any = 0;
    std::array<std::uint64_t, 6> as{}; // by JsonType
    std::array<JsonType, 64> type_of{};
};

class FieldTable {
public:
    explicit FieldTable(const Profile& profile);

    const FieldEntry* find(std::uint64_t hash) const;
    FrameType type_of(std::string_view wire_name) const; // unknown if the profile does not know it
    bool is_wrapper(std::string_view wire_name) const;

    // Calls report(field name, what was found) for each rule of `type` that the frame breaks.
    template <typename Report>
    void check(FrameType type, const SeenFields& seen, const Report& report) const
    {
        for (const auto& rule : rules_[static_cast<std::size_t>(type)]) {
            const auto right = rule.any_type ? seen.any : seen.as[static_cast<std::size_t>(rule.type)];
            if ((right & rule.mask) != 0) continue;
            const auto present = seen.any & rule.mask;
            if (present == 0)
                report(rule.name, std::string_view{"missing"});
            else
                report(rule.name, name(seen.type_of[static_cast<std::size_t>(__builtin_ctzll(present))]));
        }
    }

private:
    struct Rule {
        std::string name;
        std::uint64_t mask = 0;
        bool any_type = true;
        JsonType type = JsonType::string;
    };

    FieldEntry& entry(std::uint64_t hash);
    void add_pointers(Field field, const std::vector<std::string>& pointers);
    void add_rules(const Profile& profile);
    std::uint64_t add_name(const std::string& name);

    static constexpr std::size_t slots =
        512; // a power of two, sparsely used: a look-up is nearly always one comparison
    std::array<FieldEntry, slots> table_{};
    std::map<std::string, std::uint64_t> bits_;
    std::array<std::vector<Rule>, 16> rules_;
    std::map<std::string, FrameType, std::less<>> types_;
    std::vector<std::string> wrappers_;
};

} // namespace wsrace
