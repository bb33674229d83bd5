// Probes as columns of a strip chart.
#pragma once

#include "explore/probe.hpp"

#include <vector>

namespace wsrace {

// 72 columns of equal width. A column that a window reaches into shows that window, however narrow it is.
std::vector<ColdStartCell> strip_cells(const std::vector<Probe>& probes,
                                       const std::vector<ColdStartStretch>& windows, Duration from,
                                       Duration until);

} // namespace wsrace
