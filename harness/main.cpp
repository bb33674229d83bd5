// The program: `wsrace COMMAND ...`, one file per command in cli/.
#include "cli/commands.hpp"

#include <malloc.h>

namespace {

// Thousands of connections are opened and closed at once: memory that is asked of the kernel in large pieces,
// and kept, saves a tenth of a run's CPU time.
void keep_memory()
{
    constexpr int piece = 1 << 20;
    constexpr int kept = 1 << 29;
    mallopt(M_TOP_PAD, piece);
    mallopt(M_TRIM_THRESHOLD, kept);
}

} // namespace

int main(int argc, char** argv)
{
    keep_memory();
    return wsrace::cli::run_command_line(argc, argv);
}
