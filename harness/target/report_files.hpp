// Files that a sanitizer's runtime writes its reports to (log_path): PREFIX.PID, as they grow.
#pragma once

#include "target/output_reader.hpp"

#include <cstdint>
#include <filesystem>
#include <map>

namespace wsrace {

class ReportFiles {
public:
    ReportFiles(std::filesystem::path prefix, LineSplitter::Sink sink)
        : prefix_{std::move(prefix)}, sink_{std::move(sink)}
    {}

    void poll();   // what has been written since the last time
    void finish(); // the same, with unfinished last lines: the writers have ended

private:
    struct File {
        std::uintmax_t read = 0;
        LineSplitter lines;
    };

    std::filesystem::path prefix_;
    LineSplitter::Sink sink_;
    std::map<std::filesystem::path, File> files_;
};

} // namespace wsrace
