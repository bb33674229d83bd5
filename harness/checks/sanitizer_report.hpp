// Reports of sanitizers in a program's output, or in a file of their own: ThreadSanitizer, AddressSanitizer,
// LeakSanitizer, MemorySanitizer, UBSan (as GCC and Clang write them), Go's race detector, Python's
// faulthandler.
#pragma once

#include "core/history.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

struct SanitizerReport {
    std::string kind; // "ThreadSanitizer: data race", "UBSan: signed integer overflow", "Go: data race"
    std::vector<std::string> frames;  // the top frame of each stack, "send (registry.cpp:42)"; the first two
    std::vector<std::string> places;  // of the same frames, "registry.cpp:42": what tells two reports apart
    std::uint32_t position = 0;       // of the headline
    std::vector<std::uint32_t> lines; // of the frames named, in order
};

// Every report in the log events of the history, in order. Lines of another stream or instance in between do
// not disturb.
std::vector<SanitizerReport> sanitizer_reports(const History& history);

} // namespace wsrace
