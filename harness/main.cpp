// The program: `wsrace COMMAND ...`, one file per command in cli/.
#include "cli/commands.hpp"

int main(int argc, char** argv) { return wsrace::cli::run_command_line(argc, argv); }
