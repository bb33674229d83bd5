#include "run/field_table.hpp"

#include <algorithm>
#include <stdexcept>

namespace wsrace {

namespace {

std::uint64_t hash_pointer(std::string_view pointer)
{
    auto hash = path_root;
    while (pointer.starts_with('/')) {
        pointer.remove_prefix(1);
        const auto slash = pointer.find('/');
        hash = path_hash(hash, pointer.substr(0, slash));
        pointer.remove_prefix(std::min(slash, pointer.size()));
    }
    return hash;
}

JsonType json_type(FieldRule::Type type)
{
    switch (type) {
    case FieldRule::Type::number: return JsonType::number;
    case FieldRule::Type::object: return JsonType::object;
    default: return JsonType::string;
    }
}

} // namespace

std::string_view name(JsonType type)
{
    static constexpr auto names = std::to_array<std::string_view>(
        {"a string", "a number", "an object", "an array", "a boolean", "null"});
    return names[static_cast<std::size_t>(type)];
}

FieldTable::FieldTable(const Profile& profile) : wrappers_{profile.wrapper_types}
{
    add_pointers(Field::type, profile.type_pointers);
    add_pointers(Field::run, profile.run_pointers);
    add_pointers(Field::user, profile.user_pointers);
    add_pointers(Field::thread, profile.thread_pointers);
    add_pointers(Field::execution, profile.execution_pointers);
    add_pointers(Field::tool, profile.tool_pointers);
    add_pointers(Field::step, profile.step_pointers);
    add_pointers(Field::timestamp, profile.timestamp_pointers);
    add_pointers(Field::status, profile.status_pointers);
    add_pointers(Field::recovered, profile.recovered_pointers);
    add_rules(profile);
    types_.insert(profile.types.begin(), profile.types.end());
}

FieldEntry& FieldTable::entry(std::uint64_t hash)
{
    for (auto slot = hash % slots;; slot = (slot + 1) % slots) {
        auto& candidate = table_[slot];
        if (candidate.hash == hash) return candidate;
        if (candidate.hash != 0) continue;
        candidate.hash = hash;
        return candidate;
    }
}

const FieldEntry* FieldTable::find(std::uint64_t hash) const
{
    for (auto slot = hash % slots; table_[slot].hash != 0; slot = (slot + 1) % slots)
        if (table_[slot].hash == hash) return &table_[slot];
    return nullptr;
}

void FieldTable::add_pointers(Field field, const std::vector<std::string>& pointers)
{
    for (std::size_t i = 0; i < pointers.size(); ++i) {
        auto& found = entry(hash_pointer(pointers[i]));
        found.field = field;
        found.priority = static_cast<std::uint8_t>(i);
    }
}

// A field of a rule may stand at the top level, or under payload or data.
std::uint64_t FieldTable::add_name(const std::string& name)
{
    const auto known = bits_.find(name);
    if (known != bits_.end()) return known->second;
    if (bits_.size() == 64)
        throw std::runtime_error{"a profile can require at most 64 different field names"};
    const auto bit = std::uint64_t{1} << bits_.size();
    bits_.emplace(name, bit);
    for (const auto* const prefix : {"/", "/payload/", "/data/"})
        entry(hash_pointer(prefix + name)).schema_bit = bit;
    return bit;
}

void FieldTable::add_rules(const Profile& profile)
{
    for (const auto& [type, rules] : profile.required_fields) {
        for (const auto& required : rules) {
            Rule rule{
                .name = required.field, .mask = add_name(required.field), .any_type = false, .type = {}};
            for (const auto& alternative : required.alternatives) rule.mask |= add_name(alternative);
            rule.any_type = required.type == FieldRule::Type::any;
            rule.type = json_type(required.type);
            rules_[static_cast<std::size_t>(type)].push_back(std::move(rule));
        }
    }
}

FrameType FieldTable::type_of(std::string_view wire_name) const
{
    const auto found = types_.find(wire_name);
    return found == types_.end() ? FrameType::unknown : found->second;
}

bool FieldTable::is_wrapper(std::string_view wire_name) const
{
    return std::find(wrappers_.begin(), wrappers_.end(), wire_name) != wrappers_.end();
}

} // namespace wsrace
