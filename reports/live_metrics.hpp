// What a monitoring system sees of a run that is still going on.
#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <string>

namespace wsrace {

struct LiveFigures {
    std::string scenario;
    Duration passed{};
    std::uint64_t users = 0;       // that have arrived
    std::uint64_t connections = 0; // open now
    std::uint64_t requests = 0, runs_ended = 0, frames = 0;
    std::uint64_t suspicious = 0; // frames and ends that a check will look at: not a verdict
};

// OpenMetrics 1.0, as reports/openmetrics.cpp has it of a run that has ended, under names of its own.
std::string live_openmetrics(const LiveFigures& figures);

} // namespace wsrace
