// Every kind of violation that the checks can name.
#pragma once

#include "core/expectation.hpp"
#include "core/history.hpp"

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace wsrace::test {

// Patterns of signatures, in which * stands for any text: "five_events: late *". A signature is of the first
// kind that fits. Not here: a kind's variants for runs that were moved to another instance (ingress).
std::span<const std::string_view> violation_kinds();

bool fits(std::string_view pattern, std::string_view text);

// The kinds of all that the checks of the table find; a signature of no kind stands for itself.
std::set<std::string> kinds_found(const History& history, const Expectations& expectations);

} // namespace wsrace::test
