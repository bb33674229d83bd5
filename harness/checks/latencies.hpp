// How long things took, from the *intended* time of an operation where there is one: a stalled target must
// not be flattered by requests that could not be sent in time (no coordinated omission).
#pragma once

#include "checks/judge.hpp"

#include <string_view>
#include <vector>

namespace wsrace {

struct LatencySamples {
    std::string_view id;
    std::vector<Duration> samples; // in no order; never empty
};

// login, connect, handshake, welcome, first_event, event, run, ping, schedule_lag; those without any sample
// are left out.
std::vector<LatencySamples> latency_samples(const CheckInput& input);

// The same of a history as it was recorded, for those who want more of them than a verdict keeps.
std::vector<LatencySamples> latency_samples(const Expectations& expectations, const History& recorded);

// Their quantiles.
std::vector<Latency> latencies(const CheckInput& input);

// How late events came, one value for each first delivery of an event of a run.
// - The scenario declares an interval: arrival minus due time, where event k of a run (the first is event 1)
//   is due k intervals after the planned time of its request; never negative.
// - Otherwise: the gap to the event before it, and for the first event the time since the planned time of
//   its request.
// Time in which the harness itself had stopped the target does not count.
std::vector<Duration> event_lateness(const CheckInput& input);

} // namespace wsrace
