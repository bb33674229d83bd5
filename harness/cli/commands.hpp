// The commands of the program, one file each. A command parses its own options and gives the exit status.
#pragma once

#include <string>
#include <vector>

namespace wsrace::cli {

// Exit statuses (product.md): 0 pass, 1 violations, 2 usage or invalid input, 3 inconclusive or unreachable,
// 130 interrupted.
inline constexpr int exit_pass = 0;
inline constexpr int exit_usage = 2;
inline constexpr int exit_inconclusive = 3;
inline constexpr int exit_interrupted = 130;

// argv without the program's and the command's name.
using Arguments = std::vector<std::string>;

int run_command(const Arguments& arguments);
int coldstart_command(const Arguments& arguments);
int hunt_command(const Arguments& arguments);
int shrink_command(const Arguments& arguments);
int repro_command(const Arguments& arguments);
int proxy_command(const Arguments& arguments);
int check_command(const Arguments& arguments);
int report_command(const Arguments& arguments);
int history_command(const Arguments& arguments);
int compare_command(const Arguments& arguments);
int selftest_command(const Arguments& arguments);

int run_command_line(int argc, char** argv);

} // namespace wsrace::cli
