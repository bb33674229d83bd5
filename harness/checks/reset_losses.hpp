// What a reset of ours may have thrown away.
#pragma once

#include "core/history.hpp"
#include "core/run_events.hpp"

namespace wsrace {

struct Run;

// A reset leaves no time in which the target could learn of it: what it writes in that moment is gone, and
// without acknowledgements nobody can know. So of each reset one event is taken to have been thrown away: the
// one behind the last that was received before it, if that never came. A second one that is missing there, or
// any after a FIN, which is read on behind, is the target's to explain.
void excuse_reset_losses(const History& history, Run& run, const RunEvents& expected);

} // namespace wsrace
