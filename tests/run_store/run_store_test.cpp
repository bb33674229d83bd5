#include "run_store/run_store.hpp"

#include "run_store/sample_records.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <csignal>
#include <fstream>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

using namespace wsrace;
using namespace wsrace::test;
using namespace std::chrono_literals;
using Access = Database::Access;

namespace {

struct File {
    TemporaryFolder folder;
    std::filesystem::path path = folder.path() / "runs.sqlite";
};

// What a function throws, as text; empty: nothing.
template <typename Function>
std::string error_of(Function function)
{
    try {
        function();
    } catch (const StoreError& error) {
        return error.what();
    }
    return {};
}

std::string opening(const std::filesystem::path& file, Access access)
{
    return error_of([&] { const RunStore store{file, access}; });
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::vector<std::string> ids(const std::vector<RunRecord>& records)
{
    std::vector<std::string> out;
    for (const auto& record : records) out.push_back(record.run);
    return out;
}

} // namespace

TEST_CASE("A run comes back as it was stored, its latencies in buckets", "[run_store]")
{
    const File file;
    const auto record = sample_record(7, Verdict::fail);
    RunStore{file.path, Access::write}.add(record);
    const auto read = RunStore{file.path, Access::read}.find("run-7");
    REQUIRE(read);
    CHECK(read->started == record.started);
    CHECK(read->scenario == "golden_path");
    CHECK(read->seed == "18446744073709551615");
    CHECK(read->label == record.label);
    CHECK(read->verdict == Verdict::fail);
    CHECK(read->is_void == record.is_void);
    CHECK(read->duration == record.duration);
    CHECK(read->counts.runs_completed == record.counts.runs_completed);
    REQUIRE(read->metrics.size() == 2);
    CHECK(read->metrics[0].id == "golden_path");
    CHECK(read->metrics[0].value == record.metrics[0].value);
    CHECK(read->metrics[0].level == Level::critical);
    CHECK(std::isnan(read->metrics[1].value)); // JSON and SQL have none, but it is not 0
    REQUIRE(read->latencies.size() == 1);
    CHECK(read->latencies[0].samples == bucketed(record.latencies[0].samples));
    REQUIRE(read->signatures.size() == 1);
    CHECK(read->signatures[0].key == "isolation: canary of another user");
    CHECK_FALSE(RunStore(file.path, Access::read).find("run-8"));
}

TEST_CASE("A run is stored once, however often it is added", "[run_store]")
{
    const File file;
    RunStore store{file.path, Access::write};
    CHECK(store.add(sample_record(1)));
    CHECK_FALSE(store.add(sample_record(1, Verdict::fail)));
    CHECK(store.find("run-1")->verdict == Verdict::pass);
    CHECK(store.scenarios().at(0).runs == 1);
}

TEST_CASE("The newest runs are found, the oldest of them first", "[run_store]")
{
    const File file;
    RunStore store{file.path, Access::write};
    for (const int number : {3, 1, 5, 2, 4}) store.add(sample_record(number));
    auto other = sample_record(6);
    other.scenario = "multi_tab";
    store.add(other);
    auto changed = sample_record(7);
    changed.scenario_digest = "another";
    store.add(changed);

    RunQuery query{.scenario = "golden_path", .digest = {}, .other_than = {}, .last = 3};
    CHECK(ids(store.runs(query)) == std::vector<std::string>{"run-4", "run-5", "run-7"});
    CHECK(store.count(query) == 6);
    query.digest = "digest";
    query.other_than = "run-5";
    CHECK(ids(store.runs(query)) == std::vector<std::string>{"run-2", "run-3", "run-4"});
    query.last = 0;
    CHECK(store.runs(query).size() == 4);
    query.scenario = "none";
    CHECK(store.runs(query).empty());
    const auto scenarios = store.scenarios();
    REQUIRE(scenarios.size() == 2);
    CHECK(scenarios[0].name == "golden_path");
    CHECK(scenarios[1].name == "multi_tab");
}

TEST_CASE("A file that is none of ours is refused and stays as it is", "[run_store]")
{
    const File file;
    const auto write = [&](const std::string& text) { std::ofstream{file.path, std::ios::trunc} << text; };
    write("{\"verdict\": \"pass\", \"but\": \"no database, and long enough to be looked at as one is, with "
          "its header\"}");
    const auto size = std::filesystem::file_size(file.path);
    for (const auto access : {Access::read, Access::write})
        CHECK(has(opening(file.path, access), "runs.sqlite: is not an SQLite database"));
    CHECK(std::filesystem::file_size(file.path) == size);

    std::filesystem::remove(file.path);
    Database{file.path, Access::write, 1s}.execute("CREATE TABLE songs (title TEXT)");
    for (const auto access : {Access::read, Access::write})
        CHECK(has(opening(file.path, access), "database of something else"));

    CHECK(has(opening(file.folder.path() / "no" / "folder", Access::write),
              "cannot be opened (No such file or directory)"));
    CHECK(has(opening(file.folder.path(), Access::write), "cannot be opened"));
    CHECK(has(opening(file.folder.path() / "nothing", Access::read),
              "cannot be opened (No such file or directory)"));
}

TEST_CASE("A file of a newer version is refused and stays as it is", "[run_store]")
{
    const File file;
    RunStore{file.path, Access::write}.add(sample_record(1));
    Database{file.path, Access::write, 1s}.execute("PRAGMA user_version = 2");
    for (const auto access : {Access::read, Access::write}) {
        const auto message = opening(file.path, access);
        CHECK(
            has(message, "was written by a newer wsrace (its tables have version 2, this program knows 1)"));
    }
    Database{file.path, Access::write, 1s}.execute("PRAGMA user_version = 1");
    CHECK(RunStore(file.path, Access::read).find("run-1"));
}

TEST_CASE("An empty file becomes a store, and is one without runs until then", "[run_store]")
{
    const File file;
    std::ofstream{file.path}.flush();
    {
        RunStore store{file.path, Access::read};
        CHECK(store.scenarios().empty());
        CHECK(store.runs({.scenario = "golden_path", .digest = {}, .other_than = {}, .last = 0}).empty());
        CHECK_FALSE(store.find("run-1"));
    }
    RunStore{file.path, Access::write}.add(sample_record(1));
    CHECK(RunStore(file.path, Access::read).find("run-1"));
}

TEST_CASE("Damage is named, not shown as data", "[run_store]")
{
    const File file;
    RunStore{file.path, Access::write}.add(sample_record(1));
    Database{file.path, Access::write, 1s}.execute("UPDATE latencies SET buckets = x'05'");
    CHECK(has(error_of([&] {
                  RunStore{file.path, Access::read}.find("run-1");
              }),
              "is damaged: the event latencies of run run-1 cannot be read"));
    {
        std::fstream raw{file.path, std::ios::in | std::ios::out | std::ios::binary};
        raw.seekp(4096); // its second page
        raw << std::string(4096, '\x55');
    }
    CHECK(has(error_of([&] { RunStore{file.path, Access::read}.find("run-1"); }), "is damaged"));
}

TEST_CASE("A full disk takes back one run, and nothing that was stored before", "[run_store]")
{
    const File file;
    RunStore store{file.path, Access::write};
    store.add(sample_record(1));
    store.database().execute("PRAGMA max_page_count = 20");
    std::string message;
    int stored = 1;
    while (message.empty() && stored < 1000)
        message = error_of([&] { stored += store.add(sample_record(stored + 1)) ? 1 : 0; });
    CHECK(has(message, "runs.sqlite: the disk is full"));
    REQUIRE(stored < 1000);
    CHECK(RunStore(file.path, Access::read)
              .runs({.scenario = "golden_path", .digest = {}, .other_than = {}, .last = 0})
              .size() == static_cast<std::size_t>(stored));
    store.database().execute("PRAGMA max_page_count = 2000"); // there is room again: the same store goes on
    CHECK(store.add(sample_record(stored + 1)));
    CHECK(Database(file.path, Access::read, 1s)
              .number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'") == 0);
}

TEST_CASE("Writers at the same time all get their runs stored", "[run_store]")
{
    const File file;
    constexpr int writers = 8, each = 5;
    std::vector<std::string> errors(writers);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < writers; ++i)
            threads.emplace_back([&, i] {
                errors[static_cast<std::size_t>(i)] = error_of([&] {
                    for (int j = 0; j < each; ++j) // a connection each, as processes have
                        RunStore{file.path, Access::write}.add(sample_record(i * each + j));
                });
            });
    }
    CHECK(errors == std::vector<std::string>(writers));
    const auto all = RunStore{file.path, Access::read}.runs(
        {.scenario = "golden_path", .digest = {}, .other_than = {}, .last = 0});
    REQUIRE(all.size() == writers * each);
    for (const auto& record : all)
        CHECK(record.signatures.size() + record.latencies.size() + record.metrics.size() == 3);
}

TEST_CASE("A writer that is killed half-way takes nothing with it but its own run", "[run_store]")
{
    const File file;
    RunStore{file.path, Access::write}.add(sample_record(1));
    int told[2];
    REQUIRE(::pipe(told) == 0);
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        RunStore store{file.path, Access::write};
        store.database().execute("PRAGMA cache_size = 1"); // pages go to the file before the transaction ends
        const auto stop = [](void* to) {
            if (::write(*static_cast<int*>(to), "x", 1) == 1)
                for (;;) ::pause();
            return 0;
        };
        sqlite3_commit_hook(store.database().handle(), stop, &told[1]);
        store.add(large_record(2));
        ::_exit(0);
    }
    ::close(told[1]);
    char byte = 0;
    const auto told_bytes = ::read(told[0], &byte, 1);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(told[0]);
    REQUIRE(told_bytes == 1);
    REQUIRE(WIFSIGNALED(status));
    CHECK(std::filesystem::exists(file.path.string() + "-journal")); // half of it was in the file

    RunStore store{file.path, Access::read};
    CHECK(ids(store.runs({.scenario = "golden_path", .digest = {}, .other_than = {}, .last = 0})) ==
          std::vector<std::string>{"run-1"});
    CHECK(RunStore(file.path, Access::write).add(large_record(2)));
    CHECK(store.find("run-2"));
}
