#include "run_store/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cmath>
#include <cstring>

namespace wsrace {

namespace {

// What to do about it, where somebody can do something.
std::string explain(sqlite3* handle, int code)
{
    const auto system = sqlite3_system_errno(handle);
    const auto said = system == 0 ? std::string{sqlite3_errmsg(handle)} : std::string{std::strerror(system)};
    switch (code & 0xFF) {
    case SQLITE_NOTADB: return "is not an SQLite database; give the file that --store wrote, or a new one";
    case SQLITE_FULL:
        return "the disk is full: the transaction was taken back, what was stored before is still there";
    case SQLITE_IOERR:
        return fmt::format(
            "cannot be read or written ({}): the transaction was taken back, what was stored before "
            "is still there",
            said);
    case SQLITE_READONLY:
        return "cannot be written: the file or its folder is read-only; give another --store";
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "is locked by another process that does not let go of it";
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return fmt::format("cannot be opened ({}): is there such a folder, and may it be written to?", said);
    case SQLITE_CORRUPT:
        return fmt::format(
            "is damaged ({}); move it away, and fill a new one with `wsrace history --add RUN_DIR`",
            sqlite3_errmsg(handle));
    default: return fmt::format("{} (SQLite's error {})", sqlite3_errmsg(handle), code);
    }
}

} // namespace

Statement::Statement(Database& database, std::string_view sql) : database_{database}
{
    const auto code =
        sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()), &statement_, nullptr);
    if (code != SQLITE_OK) database.fail_with(code);
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int parameter, std::string_view text)
{
    const auto code = sqlite3_bind_text(statement_, parameter, text.data(), static_cast<int>(text.size()),
                                        SQLITE_TRANSIENT);
    if (code != SQLITE_OK) database_.fail_with(code);
    return *this;
}

Statement& Statement::bind(int parameter, std::int64_t number)
{
    const auto code = sqlite3_bind_int64(statement_, parameter, number);
    if (code != SQLITE_OK) database_.fail_with(code);
    return *this;
}

Statement& Statement::bind(int parameter, double number)
{
    const auto code = sqlite3_bind_double(statement_, parameter, number);
    if (code != SQLITE_OK) database_.fail_with(code);
    return *this;
}

Statement& Statement::bind_bytes(int parameter, std::string_view bytes)
{
    const auto code = sqlite3_bind_blob(statement_, parameter, bytes.data(), static_cast<int>(bytes.size()),
                                        SQLITE_TRANSIENT);
    if (code != SQLITE_OK) database_.fail_with(code);
    return *this;
}

bool Statement::step()
{
    const auto code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) database_.fail_with(code);
    return false;
}

void Statement::run()
{
    while (step()) {
    }
    sqlite3_reset(statement_);
}

std::string Statement::text(int column) const
{
    const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return bytes == nullptr ? std::string{} : std::string{bytes, size};
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(statement_, column); }

double Statement::real(int column) const
{
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nan("");
    return sqlite3_column_double(statement_, column);
}

Database::Database(std::filesystem::path file, Access access, std::chrono::milliseconds patience)
    : file_{std::move(file)}
{
    // Also for reading: what a killed writer has left half written is taken back by whoever opens it next.
    auto flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (access == Access::write) flags |= SQLITE_OPEN_CREATE;
    const auto code = sqlite3_open_v2(file_.c_str(), &handle_, flags, nullptr);
    if (code != SQLITE_OK) {
        const auto message = fmt::format("{}: {}", file_.string(), explain(handle_, code));
        sqlite3_close(handle_); // there is one even then
        throw StoreError{message};
    }
    sqlite3_busy_timeout(handle_, static_cast<int>(patience.count()));
}

Database::~Database() { sqlite3_close(handle_); }

void Database::execute(const char* sql)
{
    const auto code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail_with(code);
}

std::int64_t Database::number(const char* sql)
{
    Statement statement{*this, sql};
    return statement.step() ? statement.number(0) : 0;
}

bool Database::is_read_only() const { return sqlite3_db_readonly(handle_, "main") != 0; }

void Database::fail(std::string_view what) const
{
    throw StoreError{fmt::format("{}: {}", file_.string(), what)};
}

void Database::fail_with(int code) const
{
    const auto kind = code & 0xFF;
    const bool may_pass =
        kind == SQLITE_FULL || kind == SQLITE_IOERR || kind == SQLITE_BUSY || kind == SQLITE_LOCKED;
    throw StoreError{fmt::format("{}: {}", file_.string(), explain(handle_, code)), may_pass};
}

Transaction::Transaction(Database& database, Kind kind) : database_{database}
{
    database_.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction()
{
    // A failed statement may have ended it already; then there is nothing to take back.
    if (open_ && sqlite3_get_autocommit(database_.handle()) == 0)
        sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit()
{
    database_.execute("COMMIT");
    open_ = false;
}

} // namespace wsrace
