// Where a run runs: what reports say of the machine and the terminal.
#pragma once

#include "reports/report.hpp"

#include <cstddef>
#include <string>

namespace wsrace::cli {

std::string machine_description(); // "2 cores (AMD EPYC), 23.4 GiB, Linux 6.1"

// Standard output is a terminal, and NO_COLOR (no-color.org) is not set.
bool wants_colours();

// Of the terminal that standard error is; many if nothing is known of it.
std::size_t columns_of_errors();

// What a run's summary is fitted to: the terminal, if standard output is one.
Screen terminal_screen();

} // namespace wsrace::cli
