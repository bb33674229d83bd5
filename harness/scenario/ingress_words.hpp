// An ingress in words, for people.
#pragma once

#include "scenario/scenario.hpp"

#include <string>
#include <vector>

namespace wsrace {

// One sentence for each thing that it does; one that says so where it only spreads.
std::vector<std::string> describe(const IngressSpec& ingress);

std::string_view name(ForwardedFor what);
std::string_view name(AffinityBy key);

} // namespace wsrace
