// What a run lacks of the events that are expected of it.
#pragma once

#include "checks/runs.hpp"
#include "core/run_events.hpp"

#include <string>
#include <vector>

namespace wsrace {

// Which of the expected events never came, in order, but for what was thrown away.
std::vector<FrameType> missing_events(const History& history, const Run& run, const RunEvents& expected);

// "3 of five event types", "1 of 3 event types": how many of the expected ones came.
std::string event_types_seen(const History& history, const Run& run, const RunEvents& expected);

} // namespace wsrace
