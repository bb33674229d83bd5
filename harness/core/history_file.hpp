// The history on disk: `history.0`, `history.1`, ... in the run's folder, one per worker, each written by one
// thread only.
//
// Layout, little endian: the 8 bytes "wsraceh1", then records. A record is either an Event, as it is in
// memory (48 bytes, its first 8, the time, are never negative), or a text: 8 bytes with the sign bit set, the
// kind of text and its length, 4 bytes symbol, 4 bytes zero, the characters, padded to 8. Whatever was
// flushed can be read after a crash; a torn last record is dropped.
#pragma once

#include "core/history.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace wsrace {

// Appends events to one file. Owned by one worker and called on its thread only.
class HistoryWriter {
public:
    // Writes to `file`, which must not exist. Throws std::system_error that names the file.
    HistoryWriter(const std::filesystem::path& file, const RunInfo& info);
    ~HistoryWriter(); // flushes
    HistoryWriter(HistoryWriter&&) noexcept;
    HistoryWriter& operator=(HistoryWriter&&) noexcept;

    // The symbol is valid for later events of this writer. A bounded cache: the same text may get another
    // symbol later, which the reader folds again.
    Symbol intern(std::string_view text);
    void append(const Event& event);
    void flush();
    std::error_code
    error() const; // the first failed write, e.g. no space left; later events are counted and dropped
    std::uint64_t bytes() const;
    std::uint64_t events() const;
    void interrupted(); // recorded in the file: the plan was not played to its end
    void complete();    // recorded in the file: nothing follows

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Reads and merges every history.* of a run's folder. Throws std::runtime_error that names the file and the
// place when there is none, or when one is not a history; a torn end is not an error but sets `truncated`.
History read_history(const std::filesystem::path& run_folder);

// One JSON object a line, symbols resolved.
void export_jsonl(const History& history, const std::filesystem::path& file);

} // namespace wsrace
