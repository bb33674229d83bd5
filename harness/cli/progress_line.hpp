// What a person sees while a run goes on: one line that changes on a terminal, a plain line now and then
// elsewhere.
#pragma once

#include "core/time.hpp"
#include "run/progress.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace wsrace::cli {

class ProgressLine {
public:
    ProgressLine(std::uint32_t users, std::uint32_t connections, Duration limit, bool quiet);

    void show(const Progress& progress);
    void finish(); // leaves the terminal's line

    std::string text(const Progress& progress, Duration passed) const;

private:
    std::uint32_t users_;
    std::uint32_t connections_;
    Duration limit_;
    bool quiet_;
    bool terminal_;
    bool shown_ = false;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point last_ = begin_;
};

} // namespace wsrace::cli
