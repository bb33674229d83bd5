// What each behaviour does, as journeys in the form of a scenario: data made from a few settings.
#pragma once

#include "core/behaviour.hpp"
#include "scenario/json_node.hpp"

#include <nlohmann/json.hpp>

#include <span>
#include <string_view>

namespace wsrace {

// What a preset can refer to besides its own settings.
struct PresetContext {
    Json request = {{"text", "hello {canary}"}}; // what these users ask; setting "request"
    std::string thread; // a thread's name of the ordinary journey that holds {user}, or empty
};

struct Preset {
    Behaviour behaviour;
    std::string_view settings; // the names of its own settings, for messages; empty: none
    // The journeys, one for each connection; null after a mistake. Asks `settings` for all that it knows.
    Json (*journeys)(JsonObject& settings, const PresetContext& context);
};

std::span<const Preset> presets();

} // namespace wsrace
