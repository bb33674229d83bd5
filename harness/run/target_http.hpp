// What a supervised target says of itself over HTTP.
#pragma once

#include "net/deadline_queue.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace wsrace {

// One GET; true for 200.
Task<bool> says_ready(DeadlineQueue& deadlines, std::uint16_t port, std::string path);

// The whole numbers in the JSON object that a GET gives; empty when there is none.
Task<std::map<std::string, std::int64_t>> fetch_counters(DeadlineQueue& deadlines, std::uint16_t port,
                                                         std::string path);

} // namespace wsrace
