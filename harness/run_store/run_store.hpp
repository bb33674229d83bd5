// Executions over time, in one SQLite file that several processes may write to at once.
//
// Each execution is one transaction, in full or not at all: a writer that is killed, or a disk that is full,
// takes nothing away from what was stored before. The rollback journal is used rather than the write-ahead
// log, which does not work over a network and needs two more files beside this one.
//
// The file says what it is: `application_id` is "wsrc", `user_version` the version of its tables. One of a
// newer version is refused, as is a database of something else.
#pragma once

#include "run_store/database.hpp"
#include "run_store/run_record.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace wsrace {

struct StoredScenario {
    std::string name;
    std::uint64_t runs = 0;
};

// Which executions of a scenario.
struct RunQuery {
    std::string scenario;
    std::string digest;     // of the scenario; empty: any
    std::string other_than; // the id of an execution that is left out; empty: none
    std::size_t last = 0;   // how many, the newest ones; 0: all
};

// Used by one thread. All functions throw StoreError.
class RunStore {
public:
    static constexpr int schema = 1;

    RunStore(const std::filesystem::path& file, Database::Access access);

    // Whether it was new: one that is there already stays as it is.
    bool add(const RunRecord& record);

    std::vector<StoredScenario> scenarios();            // by name
    std::vector<RunRecord> runs(const RunQuery& query); // by when they were started, the oldest first
    std::optional<RunRecord> find(const std::string& run);
    std::uint64_t count(const RunQuery& query); // regardless of `last`

    Database& database() { return database_; } // for tests that limit its size, or stop it half-way

private:
    void check();
    std::vector<RunRecord> read(Statement& rows);

    Database database_;
};

} // namespace wsrace
