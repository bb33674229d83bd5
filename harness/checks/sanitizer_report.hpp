// Reports of sanitizers in a program's output: ThreadSanitizer, AddressSanitizer, LeakSanitizer, UBSan, Go's race detector.
#pragma once

#include "core/history.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

struct SanitizerReport {
    std::string kind;                // "ThreadSanitizer: data race", "UBSan: signed integer overflow", "Go: data race"
    std::vector<std::string> frames; // the top frame of each stack, "send (registry.cpp:42)"; the first two
    std::vector<std::string> places; // of the same frames, "registry.cpp:42": what tells two reports apart
    std::uint32_t position = 0;      // of the headline
};

// Every report in the log events of the history, in order. Lines of the other output stream in between do not disturb.
std::vector<SanitizerReport> sanitizer_reports(const History& history);

} // namespace wsrace
