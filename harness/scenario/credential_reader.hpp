// What a connection brings in place of its user's own token: settings of `connect`.
#pragma once

#include "core/step_spec.hpp"
#include "scenario/journey_reader.hpp"
#include "scenario/json_node.hpp"
#include "scenario/profile.hpp"

#include <optional>
#include <vector>

namespace wsrace {

// {"token": "expired"} or {"ticket": "shared"} among the settings of `connect`; the caller rejects what is
// unknown.
void read_credential(JsonObject& connect, StepSpec& step);

// "missing", "malformed", ...: what a target must refuse.
std::optional<Credential> read_forgery(const JsonNode& node);

// What the profile or the other connections make impossible; each mistake stands at its step.
void check_credentials(const std::vector<PlacedJourney>& journeys, std::uint16_t connections,
                       const Profile& profile, Mistakes& mistakes);

} // namespace wsrace
