// The fields of a protocol profile.
#pragma once

#include "scenario/json_node.hpp"
#include "scenario/profile.hpp"

namespace wsrace {

// Sets what the object has and leaves the rest: a profile that extends another is read over it. Lists replace
// the lists below them, and so does `run_events`; `types`, `headers` and `required_fields` are merged name by
// name. `extends` is the caller's business.
void read_profile_fields(JsonObject& object, Profile& profile);

// What only the whole profile can get wrong, reported at `node`: no name for an event, a token without a
// login, ...
void check_profile(const JsonNode& node, const Profile& profile);

} // namespace wsrace
