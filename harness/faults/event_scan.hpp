// What kind of message a text frame is, from its beginning alone.
#pragma once

#include "core/event.hpp"
#include "scenario/profile.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace::faults {

// Looks for `"key": "value"`, where the key is one under which the profile finds types and the value one of
// its names for them; the first that is found counts, at any depth. No JSON is parsed: the text may end in
// the middle of a word. Names are compared as they stand, without JSON's escapes.
class EventScan {
public:
    // For `wsrace proxy`: the names that every profile starts from, at /type, /data/type, /data/event and
    // /payload/type.
    EventScan();
    explicit EventScan(const Profile& profile);

    FrameType type_of(std::string_view beginning) const; // unknown: no such name

private:
    std::vector<std::string> keys_; // in quotation marks
    std::map<std::string, FrameType, std::less<>> types_;
};

} // namespace wsrace::faults
