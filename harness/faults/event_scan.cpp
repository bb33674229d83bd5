#include "faults/event_scan.hpp"

#include <algorithm>
#include <optional>

namespace wsrace::faults {

namespace {

std::size_t skip_blanks(std::string_view text, std::size_t at)
{
    return std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}

// The string that begins at `at`, if one does and it ends within the text.
std::optional<std::string_view> string_at(std::string_view text, std::size_t at)
{
    if (at >= text.size() || text[at] != '"') return std::nullopt;
    const auto end = text.find('"', at + 1);
    if (end == std::string_view::npos) return std::nullopt;
    return text.substr(at + 1, end - at - 1);
}

} // namespace

EventScan::EventScan() : keys_{"\"type\"", "\"event\""}
{
    for (auto type = FrameType::welcome; type <= FrameType::heartbeat;
         type = static_cast<FrameType>(static_cast<int>(type) + 1))
        types_.emplace(name(type), type);
    types_.emplace("connection_established", FrameType::welcome);
    types_.emplace("agent_death", FrameType::agent_error);
    types_.emplace("error", FrameType::error_message);
    types_.emplace("ack", FrameType::acknowledgement);
}

EventScan::EventScan(const Profile& profile)
{
    types_.insert(profile.types.begin(), profile.types.end());
    for (const auto& pointer : profile.type_pointers) {
        auto key = "\"" + pointer.substr(pointer.rfind('/') + 1) + "\"";
        if (std::find(keys_.begin(), keys_.end(), key) == keys_.end()) keys_.push_back(std::move(key));
    }
}

FrameType EventScan::type_of(std::string_view beginning) const
{
    auto first = std::string_view::npos;
    auto found = FrameType::unknown;
    for (const auto& key : keys_) {
        for (auto at = beginning.find(key); at < first; at = beginning.find(key, at + 1)) {
            const auto colon = skip_blanks(beginning, at + key.size());
            if (colon >= beginning.size() || beginning[colon] != ':') continue;
            const auto value = string_at(beginning, skip_blanks(beginning, colon + 1));
            const auto known = value ? types_.find(*value) : types_.end();
            if (known == types_.end()) continue;
            first = at;
            found = known->second;
        }
    }
    return found;
}

} // namespace wsrace::faults
