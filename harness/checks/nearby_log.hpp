// What the target itself said when a violation happened: lines of its output become evidence.
#pragma once

#include "checks/judge.hpp"

#include <vector>

namespace wsrace {

// Adds to violations up to three log lines each, the nearest in time, within a second: those that carry the
// connection's canary, run id, user id or connection id, and those that speak of trouble. Of each signature
// only the first few violations, for the price is a search through the output. `server_log` and `sanitizer`
// cite their lines themselves.
void attach_nearby_log(std::vector<CheckResult>& checks, const CheckInput& input);

} // namespace wsrace
