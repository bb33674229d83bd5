// fork and exec, with everything allocated before the fork.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace wsrace {

struct SpawnedProcess {
    pid_t pid = -1;
    int out = -1; // read ends of its stdout and stderr
    int err = -1;
};

// What is to be started.
struct ServerCommand {
    std::vector<std::string> arguments{};                           // argv, complete
    std::vector<std::pair<std::string, std::string>> environment{}; // added to the harness's own
    std::string working_directory{};                                // empty: the harness's own
    std::uint64_t open_files = 0; // limit on descriptors; 0: the harness's own
    std::uint64_t memory = 0;     // limit on address space in bytes; 0: none
};

// Starts the command as the leader of a process group of its own, and has it write its process id to
// `registration` (see Reaper). Throws std::system_error that names the command when it cannot be started.
SpawnedProcess spawn(const ServerCommand& command, int registration);

} // namespace wsrace
