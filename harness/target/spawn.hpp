// fork and exec, with everything allocated before the fork.
#pragma once

#include "target/server_process.hpp"

#include <sys/types.h>

namespace wsrace {

struct SpawnedProcess {
    pid_t pid = -1;
    int out = -1; // read ends of its stdout and stderr
    int err = -1;
};

SpawnedProcess spawn(const ServerCommand& command);

} // namespace wsrace
