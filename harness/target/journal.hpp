// What a supervised target did and said, onto the history's timeline and into its log files.
#pragma once

#include "core/history_file.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

// Used on one thread only. Lines are bounded in length, the output of an instance in size (`kept`, in bytes;
// one line of LogStream::cut says where it was reached), secrets are redacted; the log files (`server.log`,
// or `server.0.log`, ... for several instances) hold each line with its arrival time.
class TargetJournal {
public:
    static constexpr std::uint64_t kept_by_default = std::uint64_t{64} * 1024 * 1024;

    TargetJournal(HistoryWriter history, const std::filesystem::path& folder, std::uint16_t instances,
                  std::chrono::steady_clock::time_point start, std::uint64_t kept = kept_by_default);

    void line(std::uint16_t instance, LogStream stream, std::string_view text);
    void note(std::uint16_t instance, LifeCycle what, std::int32_t value = 0);
    void sample(std::uint16_t instance, SampleKind kind, std::int32_t value, std::string_view counter = {});
    void flush();    // bounds what a crash of the harness can lose
    void complete(); // nothing follows

    std::string last_output(std::uint16_t instance) const; // the last few lines, indented, for messages

private:
    struct Log {
        std::ofstream file;
        std::uint64_t size = 0;
        bool full = false;
        std::deque<std::string> tail;
    };

    Event event(std::uint16_t instance, EventKind kind) const;
    void write(std::uint16_t instance, LogStream stream, std::string_view text);

    HistoryWriter history_;
    std::vector<Log> logs_; // by instance
    std::chrono::steady_clock::time_point start_;
    std::uint64_t kept_;
};

} // namespace wsrace
