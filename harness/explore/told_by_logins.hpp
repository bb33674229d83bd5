// Whether an edge is one of logins or of connections, and what lies between the two: a user can only be
// placed by its arrival, which is its login, and meets an edge of connections later by what the login takes.
#pragma once

#include "explore/segmentation.hpp"

namespace wsrace {

// The outcome of at least one of two neighbouring segments was mostly decided by logins.
bool is_told_by_logins(const std::vector<Probe>& probes, const Segment& left, const Segment& right);

// How much earlier than the attempts around the edge their users arrived: the median of the nearest probes;
// 0 if the edge is told by logins.
Duration lead_of_arrivals(const std::vector<Probe>& probes, const Segment& left, const Segment& right);

} // namespace wsrace
