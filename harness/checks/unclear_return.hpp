// Whose return is it, when a user who has lost one connection opens another?
#pragma once

#include "checks/ingress_acts.hpp"
#include "core/history.hpp"

#include <span>

namespace wsrace {

struct Run;

// A run whose connection the harness has cut, itself or by its ingress, is awaited on the next one of the
// same slot. A target that knows users, and not which of their tabs has come back, may take any connection
// that the user opens meanwhile for that, and send the rest there: it has no way to know better. So where
// another slot of the user was opened while a run's own was away, and the rest did not come on its own, it is
// not awaited any more, and what came there is no stray.
void excuse_unclear_returns(const History& history, const IngressActs& ingress, std::span<Run> runs);

} // namespace wsrace
