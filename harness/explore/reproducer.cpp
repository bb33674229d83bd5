#include "explore/reproducer.hpp"

#include "explore/repeats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace wsrace {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t most_repeats = 200; // in a test that people wait for
constexpr std::string_view end_of_plan = "END_OF_PLAN";

void write_file(const fs::path& file, const std::string& text)
{
    std::ofstream out{file, std::ios::binary};
    out << text;
    out.close();
    if (!out) throw std::runtime_error{fmt::format("{}: could not be written", file.string())};
}

std::uint64_t repeats_of(const Replay& replay)
{
    return std::min(repeats_for(replay.before.interval()).value_or(most_repeats), most_repeats);
}

// On one line: a signature quotes what the target says.
std::string line_of(std::string_view text)
{
    std::string out;
    for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    return out;
}

// Quotes and backslashes in a C++ string literal.
std::string literal(std::string_view text)
{
    std::string out;
    for (const char c : line_of(text)) {
        if (c == '"' || c == '\\' || c == '?') out += '\\'; // ??/ would be a trigraph
        out += c;
    }
    return out;
}

std::string script(const std::string& json, const Replay& replay)
{
    return fmt::format(R"(#!/bin/sh
# {}
# Fails in {} of {} replays. Needs wsrace on the PATH, and no other file. Options go to `wsrace repro`, as
#   --server 'CMD {{port}}'    to start another server
#   --times 20, --fixed      how often it is played; whether it is fixed
exec wsrace repro "$@" - <<'{}'
{}{}
)",
                       line_of(replay.signature.empty() ? "A failing plan" : replay.signature),
                       replay.before.failed, replay.before.played, end_of_plan, json, end_of_plan);
}

std::string catch2_test(const Replay& replay)
{
    const auto repeats = repeats_of(replay);
    return fmt::format(
        R"(// Plays the plan beside it again. Needs wsrace on the PATH.
// WSRACE_SERVER starts another server than the plan's.
#include <catch2/catch.hpp>

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <string>

TEST_CASE("{}", "[wsrace]")
{{
    // It failed in {} of {} replays: one of {} fails with 95 % confidence.
    const auto plan = std::filesystem::path{{__FILE__}}.parent_path() / "reproducer.json";
    ::setenv("WSRACE_REPRODUCER", plan.c_str(), 1);
    std::string command = "wsrace repro --quiet --times {} \"$WSRACE_REPRODUCER\""; // whatever is in the path
    if (std::getenv("WSRACE_SERVER") != nullptr)
        command += " --server \"$WSRACE_SERVER\""; // whatever is quoted in it
    CAPTURE(command);
    const int status = std::system(command.c_str());
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0); // 1: it failed; 3: it could not be played
}}
)",
        literal(replay.signature.empty() ? "a failing plan" : replay.signature), replay.before.failed,
        replay.before.played, repeats, repeats);
}

} // namespace

void write_reproducer(const fs::path& folder, const Replay& replay, std::string_view version)
{
    fs::create_directories(folder);
    const auto json = reproducer_json(replay, version);
    write_file(folder / "reproducer.json", json);
    write_file(folder / "reproduce.sh", script(json, replay));
    fs::permissions(folder / "reproduce.sh", fs::perms{0755});
    write_file(folder / "reproducer_test.cpp", catch2_test(replay));
}

} // namespace wsrace
