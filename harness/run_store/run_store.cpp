#include "run_store/run_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace wsrace {

namespace {

constexpr std::int64_t application = 0x77737263; // "wsrc"
constexpr std::chrono::seconds patience{30};

constexpr auto tables = R"(
CREATE TABLE runs (
    number INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE, started TEXT NOT NULL, scenario TEXT NOT NULL,
    scenario_digest TEXT NOT NULL, plan_digest TEXT NOT NULL, version TEXT NOT NULL, label TEXT NOT NULL,
    seed TEXT NOT NULL, target TEXT NOT NULL, machine TEXT NOT NULL, command TEXT NOT NULL,
    verdict TEXT NOT NULL, void INTEGER NOT NULL, interrupted INTEGER NOT NULL, duration_ns INTEGER NOT NULL,
    users INTEGER NOT NULL, connections_attempted INTEGER NOT NULL, connected INTEGER NOT NULL,
    requests INTEGER NOT NULL, runs_completed INTEGER NOT NULL, frames INTEGER NOT NULL,
    events INTEGER NOT NULL);
CREATE INDEX runs_of_scenario ON runs (scenario, started);
CREATE TABLE metrics (
    run INTEGER NOT NULL REFERENCES runs, place INTEGER NOT NULL, id TEXT NOT NULL, unit TEXT NOT NULL,
    value REAL, low REAL, high REAL, sample_size INTEGER NOT NULL, level TEXT NOT NULL,
    PRIMARY KEY (run, place)) WITHOUT ROWID;
CREATE TABLE latencies (
    run INTEGER NOT NULL REFERENCES runs, place INTEGER NOT NULL, id TEXT NOT NULL,
    samples INTEGER NOT NULL, p50_ns INTEGER NOT NULL, p99_ns INTEGER NOT NULL, buckets BLOB NOT NULL,
    PRIMARY KEY (run, place)) WITHOUT ROWID;
CREATE TABLE signatures (
    run INTEGER NOT NULL REFERENCES runs, place INTEGER NOT NULL, key TEXT NOT NULL, detail TEXT NOT NULL,
    PRIMARY KEY (run, place)) WITHOUT ROWID;
)";

constexpr auto columns =
    "number, run, started, scenario, scenario_digest, plan_digest, version, label, seed, target, "
    "machine, command, verdict, void, interrupted, duration_ns, users, connections_attempted, "
    "connected, requests, runs_completed, frames, events";

template <typename Enum, std::size_t N>
Enum named(const std::array<Enum, N>& all, std::string_view word, Enum otherwise)
{
    const auto found = std::find_if(all.begin(), all.end(), [&](Enum each) { return name(each) == word; });
    return found == all.end() ? otherwise : *found;
}

constexpr std::array verdicts{Verdict::pass, Verdict::fail, Verdict::inconclusive, Verdict::skipped};
constexpr std::array levels{Level::pass, Level::warning, Level::critical, Level::inconclusive,
                            Level::not_judged};

std::int64_t signed_of(std::uint64_t number) { return static_cast<std::int64_t>(number); }
std::uint64_t unsigned_of(std::int64_t number)
{
    return static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
}

void insert_run(Database& database, const RunRecord& record, std::int64_t number)
{
    Statement insert{database,
                     fmt::format("INSERT INTO runs ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
                                 "?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)",
                                 columns)};
    insert.bind(1, number);
    int place = 2;
    for (const auto* text :
         {&record.run, &record.started, &record.scenario, &record.scenario_digest, &record.plan_digest,
          &record.version, &record.label, &record.seed, &record.target, &record.machine, &record.command})
        insert.bind(place++, *text);
    insert.bind(place++, name(record.verdict));
    insert.bind(place++, std::int64_t{record.is_void});
    insert.bind(place++, std::int64_t{record.interrupted});
    insert.bind(place++, std::int64_t{record.duration.count()});
    const auto& counts = record.counts;
    for (const auto count : {counts.users, counts.connections_attempted, counts.connected, counts.requests,
                             counts.runs_completed, counts.frames, counts.events})
        insert.bind(place++, signed_of(count));
    insert.run();
}

void insert_parts(Database& database, const RunRecord& record, std::int64_t number)
{
    Statement metric{database, "INSERT INTO metrics VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"};
    for (std::int64_t i = 0; const auto& each : record.metrics)
        metric.bind(1, number)
            .bind(2, i++)
            .bind(3, each.id)
            .bind(4, each.unit)
            .bind(5, each.value)
            .bind(6, each.low)
            .bind(7, each.high)
            .bind(8, signed_of(each.sample_size))
            .bind(9, name(each.level))
            .run();
    Statement latency{database, "INSERT INTO latencies VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"};
    for (std::int64_t i = 0; const auto& each : record.latencies)
        latency.bind(1, number)
            .bind(2, i++)
            .bind(3, each.id)
            .bind(4, signed_of(total(each.samples)))
            .bind(5, std::int64_t{quantile(each.samples, 0.5).count()})
            .bind(6, std::int64_t{quantile(each.samples, 0.99).count()})
            .bind_bytes(7, encode(each.samples))
            .run();
    Statement signature{database, "INSERT INTO signatures VALUES (?1, ?2, ?3, ?4)"};
    for (std::int64_t i = 0; const auto& each : record.signatures)
        signature.bind(1, number).bind(2, i++).bind(3, each.key).bind(4, each.detail).run();
}

RunRecord run_of(const Statement& row)
{
    RunRecord record;
    int place = 1;
    for (auto* text :
         {&record.run, &record.started, &record.scenario, &record.scenario_digest, &record.plan_digest,
          &record.version, &record.label, &record.seed, &record.target, &record.machine, &record.command})
        *text = row.text(place++);
    record.verdict = named(verdicts, row.text(place++), Verdict::inconclusive);
    record.is_void = row.number(place++) != 0;
    record.interrupted = row.number(place++) != 0;
    record.duration = Duration{row.number(place++)};
    auto& counts = record.counts;
    for (auto* count : {&counts.users, &counts.connections_attempted, &counts.connected, &counts.requests,
                        &counts.runs_completed, &counts.frames, &counts.events})
        *count = unsigned_of(row.number(place++));
    return record;
}

void read_parts(Database& database, std::int64_t number, RunRecord& record)
{
    Statement metric{database,
                     "SELECT id, unit, value, low, high, sample_size, level FROM metrics WHERE run = ?1 "
                     "ORDER BY place"};
    metric.bind(1, number);
    while (metric.step())
        record.metrics.push_back({.id = metric.text(0),
                                  .unit = metric.text(1),
                                  .value = metric.real(2),
                                  .low = metric.real(3),
                                  .high = metric.real(4),
                                  .sample_size = unsigned_of(metric.number(5)),
                                  .level = named(levels, metric.text(6), Level::not_judged),
                                  .explanation = {}});
    Statement latency{database, "SELECT id, buckets FROM latencies WHERE run = ?1 ORDER BY place"};
    latency.bind(1, number);
    while (latency.step()) {
        auto samples = decode(latency.text(1));
        if (!samples)
            database.fail(fmt::format("is damaged: the {} latencies of run {} cannot be read",
                                      latency.text(0), record.run));
        record.latencies.push_back({.id = latency.text(0), .samples = std::move(*samples)});
    }
    Statement signature{database, "SELECT key, detail FROM signatures WHERE run = ?1 ORDER BY place"};
    signature.bind(1, number);
    while (signature.step())
        record.signatures.push_back({.key = signature.text(0), .detail = signature.text(1)});
}

void bind_query(Statement& statement, const RunQuery& query)
{
    statement.bind(1, query.scenario).bind(2, query.digest).bind(3, query.other_than);
}

constexpr auto chosen = "FROM runs WHERE scenario = ?1 AND (?2 = '' OR scenario_digest = ?2) AND run <> ?3";

} // namespace

RunStore::RunStore(const std::filesystem::path& file, Database::Access access)
    : database_{file, access, patience}
{
    if (access == Database::Access::write && database_.is_read_only())
        database_.fail("cannot be written: the file is read-only; give another --store");
    {
        // One moment: the first writer may be at work on it.
        const Transaction snapshot{database_, Transaction::Kind::read};
        check();
        if (access == Database::Access::read || database_.number("PRAGMA user_version") == schema) return;
    }
    Transaction transaction{database_, Transaction::Kind::write};
    check(); // another process may have been quicker
    if (database_.number("PRAGMA user_version") == schema) return;
    database_.execute(tables);
    database_.execute(
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application, schema).c_str());
    transaction.commit();
}

// Ours and of a version that is known, or empty. SQLite looks at the file no earlier than this.
void RunStore::check()
{
    const auto version = database_.number("PRAGMA user_version");
    if (database_.number("SELECT count(*) FROM sqlite_schema") == 0) return;
    if (database_.number("PRAGMA application_id") != application)
        database_.fail(
            "is an SQLite database of something else; give the file that --store wrote, or a new one");
    if (version > schema)
        database_.fail(
            fmt::format("was written by a newer wsrace (its tables have version {}, this program knows {}); "
                        "use that one, or another --store",
                        version, schema));
    if (version < 1) database_.fail(fmt::format("has tables of version {}, which there is none of", version));
}

bool RunStore::add(const RunRecord& record)
{
    Transaction transaction{database_, Transaction::Kind::write};
    Statement there{database_, "SELECT 1 FROM runs WHERE run = ?1"};
    there.bind(1, record.run);
    if (there.step()) return false;
    const auto number = database_.number("SELECT coalesce(max(number), 0) + 1 FROM runs");
    insert_run(database_, record, number);
    insert_parts(database_, record, number);
    transaction.commit();
    return true;
}

std::vector<StoredScenario> RunStore::scenarios()
{
    std::vector<StoredScenario> out;
    if (database_.number("PRAGMA user_version") == 0) return out; // empty
    Statement all{database_, "SELECT scenario, count(*) FROM runs GROUP BY scenario ORDER BY scenario"};
    while (all.step()) out.push_back({.name = all.text(0), .runs = unsigned_of(all.number(1))});
    return out;
}

std::vector<RunRecord> RunStore::runs(const RunQuery& query)
{
    if (database_.number("PRAGMA user_version") == 0) return {};
    const Transaction snapshot{database_, Transaction::Kind::read};
    Statement newest{
        database_, fmt::format("SELECT {} {} ORDER BY started DESC, number DESC LIMIT ?4", columns, chosen)};
    bind_query(newest, query);
    newest.bind(4, query.last == 0 ? std::int64_t{-1} : signed_of(query.last));
    auto out = read(newest);
    std::reverse(out.begin(), out.end());
    return out;
}

std::optional<RunRecord> RunStore::find(const std::string& run)
{
    if (database_.number("PRAGMA user_version") == 0) return std::nullopt;
    const Transaction snapshot{database_, Transaction::Kind::read};
    Statement one{database_, fmt::format("SELECT {} FROM runs WHERE run = ?1", columns)};
    one.bind(1, run);
    auto out = read(one);
    if (out.empty()) return std::nullopt;
    return std::move(out.front());
}

std::uint64_t RunStore::count(const RunQuery& query)
{
    if (database_.number("PRAGMA user_version") == 0) return 0;
    Statement all{database_, fmt::format("SELECT count(*) {}", chosen)};
    bind_query(all, query);
    return all.step() ? unsigned_of(all.number(0)) : 0;
}

std::vector<RunRecord> RunStore::read(Statement& rows)
{
    std::vector<RunRecord> out;
    while (rows.step()) {
        out.push_back(run_of(rows));
        read_parts(database_, rows.number(0), out.back());
    }
    return out;
}

} // namespace wsrace
