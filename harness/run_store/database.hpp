// SQLite, as the store uses it: one connection, statements, transactions. What goes wrong is a StoreError
// whose text names the file, what was found, and what to do about it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace wsrace {

class StoreError : public std::runtime_error {
public:
    explicit StoreError(const std::string& what, bool may_pass = false)
        : std::runtime_error{what}, may_pass_{may_pass}
    {}
    bool may_pass() const { return may_pass_; } // the disk is full, or somebody else has it: not so for ever

private:
    bool may_pass_;
};

class Database;

// Valid as long as its Database is. Parameters and columns are numbered from 1 and 0, as in SQLite.
class Statement {
public:
    Statement(Database& database, std::string_view sql);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(int parameter, std::string_view text);
    Statement& bind(int parameter, std::int64_t number);
    Statement& bind(int parameter, double number); // NaN becomes NULL
    Statement& bind_bytes(int parameter, std::string_view bytes);
    bool step(); // whether there is a row
    void run();  // to its end; it can be bound and run again

    std::string text(int column) const; // also of bytes
    std::int64_t number(int column) const;
    double real(int column) const; // NULL becomes NaN

private:
    Database& database_;
    sqlite3_stmt* statement_ = nullptr;
};

class Database {
public:
    enum class Access { read, write }; // `write` creates the file; `read` wants one that exists

    // Waits up to `patience` whenever another process has it locked.
    Database(std::filesystem::path file, Access access, std::chrono::milliseconds patience);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void execute(const char* sql);
    std::int64_t number(const char* sql); // the first column of the first row; 0 without one
    bool is_read_only() const;
    sqlite3* handle() const { return handle_; }
    const std::filesystem::path& file() const { return file_; }

    [[noreturn]] void fail(std::string_view what) const; // "FILE: what"
    [[noreturn]] void fail_with(int code) const;         // as SQLite names it

private:
    std::filesystem::path file_;
    sqlite3* handle_ = nullptr;
};

// Rolled back unless committed.
class Transaction {
public:
    enum class Kind { read, write }; // `write` takes the lock at once: nobody can come between
    Transaction(Database& database, Kind kind);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

private:
    Database& database_;
    bool open_ = true;
};

} // namespace wsrace
