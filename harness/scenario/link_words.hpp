// Faults of links in words: for explanations, histories and messages.
#pragma once

#include "scenario/link_fault.hpp"

#include <string>

namespace wsrace {

// "latency 40 ms, jitter 0 s to 20 ms", without when and for whom.
std::string effect_of(const LinkFault& fault);

// "link: reset, after the 2nd event of user 7, for 30 % of the users".
std::string describe(const LinkFault& fault);

// As plan.json has it: one JSON object, without line breaks. Times in whole microseconds.
std::string link_fault_json(const LinkFault& fault);

} // namespace wsrace
