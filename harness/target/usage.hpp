// What a process uses, as /proc tells it.
#pragma once

#include "core/time.hpp"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace wsrace {

struct Usage {
    Duration cpu{};               // user and system time since it was started
    std::uint64_t memory_kib = 0; // resident
    std::uint32_t threads = 0;
    std::uint32_t files = 0; // open descriptors, sockets included; 0 unless asked for
    std::uint32_t sockets = 0;
};

enum class Descriptors { left_out, counted }; // counting them takes a system call for each

// Of the process and all its descendants together; nothing when it is not there any more.
std::optional<Usage> usage_of(pid_t process, Descriptors descriptors);

// The process and its descendants.
std::vector<pid_t> family_of(pid_t process);

} // namespace wsrace
