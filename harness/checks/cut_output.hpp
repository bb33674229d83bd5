// Output of the target that was not kept: what nobody has seen cannot be right.
#pragma once

#include "core/history.hpp"
#include "core/verdict.hpp"

namespace wsrace {

// `result`, of a check that reads the target's output; inconclusive instead, unless it fails, when some of
// the output was not kept (LogStream::cut). The reason says of which instance, and from when on.
CheckResult unless_cut(const History& history, CheckResult result);

} // namespace wsrace
