// From an execution to what is kept of it, and into the store.
#pragma once

#include "core/expectation.hpp"
#include "core/history.hpp"
#include "core/verdict.hpp"
#include "run_store/run_record.hpp"

#include <filesystem>
#include <string>

namespace wsrace::cli {

// Latencies are exact; in the store they are kept in buckets. Texts are clean, without secrets.
RunRecord record_of(const Expectations& expectations, const History& history, const RunVerdict& verdict,
                    bool interrupted, const std::string& label);

// The record of a run's folder, judged anew. Throws std::runtime_error that says why it is none.
RunRecord record_of_folder(const std::filesystem::path& folder, const std::string& label);

// What is wrong with a store, before anything is played; empty: nothing, or none was asked for. Creates the
// file.
std::string unusable_store(const std::filesystem::path& file);

// Whether it is stored now. What goes wrong is said on stderr, with how to store it later; the run's verdict
// stands.
bool store_run(const RunRecord& record, const std::filesystem::path& file,
               const std::filesystem::path& folder, bool quiet);

} // namespace wsrace::cli
