// Connections that a fault of the link took: what became of them then is not the target's doing.
#pragma once

#include "core/history.hpp"

#include <optional>

namespace wsrace {

// The history as the checks are to see it: a connection that the link reset, dropped on one side or swallowed
// is one that the harness itself dropped then. Its end is the harness's, what was asked or failed on it
// afterwards was cancelled, and so was the journey, if it failed. Everything keeps its position and time, and
// all other connections stay as they are. Nothing: the link took none.
//
// A loss names user, slot and how many connections the slot's proxy had accepted before, which is how many of
// its incarnations had got through TCP.
std::optional<History> with_losses_as_drops(const History& history);

} // namespace wsrace
