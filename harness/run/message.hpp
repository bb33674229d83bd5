// What users send: the client messages of the protocol, in the form that the profile asks for.
#pragma once

#include "core/step_spec.hpp"
#include "scenario/profile.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wsrace {

using Placeholders =
    std::vector<std::pair<std::string_view, std::string>>; // "canary" -> its text, for {canary}

// Unknown {words} are left as they are, and so are placeholders in the values.
std::string fill_in(std::string_view text, const Placeholders& placeholders);

// A request with its placeholders still in it, to be made once for all users: their values need no JSON
// escapes.
std::string request_template(const Profile& profile, const StepSpec& step);

std::string ping_message(const Profile& profile, std::uint32_t number);
std::string stop_message(const Profile& profile, std::string_view run);

} // namespace wsrace
