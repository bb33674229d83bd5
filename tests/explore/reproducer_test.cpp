// The files of a reproducer, as a stranger would use them.
#include "explore/reproducer.hpp"

#include "support/source_folder.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace wsrace;
namespace fs = std::filesystem;

namespace {

// What a target may have said.
const std::string odd_signature =
    "server_log: it's \"odd\" $(touch here) `touch here` \\\nEND_OF_PLAN\ntouch here\n#\t%d {} */ ?"
    "?/";

Replay sample(std::string signature)
{
    auto loaded =
        load_scenario(source_folder() / "scenarios" / "multi_tab.json", {.set = {{"users.count", "2"}}});
    REQUIRE(loaded.scenario);
    auto plan = make_plan(*loaded.scenario, 3);
    return {.scenario = std::move(*loaded.scenario),
            .plan = std::move(plan),
            .signature = std::move(signature),
            .before = {.failed = 7, .played = 12}};
}

std::string content(const fs::path& file)
{
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

// Stands where the script expects wsrace, and keeps what it is given.
void put_recorder(const fs::path& folder)
{
    const auto file = folder / "wsrace";
    std::ofstream{file} << "#!/bin/sh\nprintf '%s|' \"$@\" > \"$RECORDED/arguments\"\n"
                           "cat > \"$RECORDED/input\"\nexit 7\n";
    fs::permissions(file, fs::perms{0755});
}

} // namespace

TEST_CASE("reproduce.sh gives wsrace the reproducer and its own options, whatever the signature quotes",
          "[explore]")
{
    const TemporaryFolder folder;
    put_recorder(folder.path());
    const auto replay = sample(odd_signature);
    write_reproducer(folder.path() / "race", replay, "1.0");
    const auto status = std::system(
        fmt::format("cd {0} && RECORDED={0} PATH={0}:$PATH race/reproduce.sh --server 'a b' --times 3",
                    folder.path().string())
            .c_str());
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 7); // what wsrace says
    CHECK(content(folder.path() / "arguments") == "repro|--server|a b|--times|3|-|");
    CHECK(content(folder.path() / "input") == reproducer_json(replay, "1.0"));
    CHECK(content(folder.path() / "race" / "reproducer.json") == reproducer_json(replay, "1.0"));
    CHECK_FALSE(fs::exists(folder.path() / "here"));
}

TEST_CASE("reproduce.sh says on one line what fails, and how often", "[explore]")
{
    const TemporaryFolder folder;
    write_reproducer(folder.path(), sample("close_codes: it's \"1011\""), "1.0");
    const auto text = content(folder.path() / "reproduce.sh");
    CHECK(text.starts_with("#!/bin/sh\n# close_codes: it's \"1011\"\n# Fails in 7 of 12 replays."));
    write_reproducer(folder.path(), sample(""), "1.0");
    CHECK(content(folder.path() / "reproduce.sh").starts_with("#!/bin/sh\n# A failing plan\n"));
}

TEST_CASE("The test of a reproducer compiles whatever the signature quotes, and fails with the plan",
          "[explore]")
{
    const TemporaryFolder folder;
    put_recorder(folder.path());
    write_reproducer(folder.path() / "race", sample(odd_signature), "1.0");
    // In place of Catch2, which takes ten seconds: what the test says is what counts.
    fs::create_directories(folder.path() / "catch2");
    std::ofstream{folder.path() / "catch2" / "catch.hpp"}
        << "#include <cstdio>\nstatic int wrong = 0;\n"
           "#define TEST_CASE(name, tag) static void test(); int main() { std::puts(name); test(); return "
           "wrong; } static void test()\n"
           "#define CAPTURE(x) std::puts(x.c_str())\n#define REQUIRE(x) wrong += !(x)\n"
           "#define CHECK(x) wrong += !(x)\n";
    const auto run = [&folder](const std::string& command) {
        return std::system(fmt::format("cd {0} && export RECORDED={0} PATH={0}:$PATH && {1}",
                                       folder.path().string(), command)
                               .c_str());
    };
    REQUIRE(run("c++ -std=c++17 -Wall -Werror -I . -o test race/reproducer_test.cpp") == 0);
    const auto status = run("WSRACE_SERVER=\"./s --name 'a b' {port}\" ./test > said");
    CHECK(WEXITSTATUS(status) == 1); // 7 is not 0
    CHECK_THAT(content(folder.path() / "said"), Catch::StartsWith("server_log: it's \"odd\" $(touch here)"));
    CHECK_THAT(content(folder.path() / "arguments"),
               Catch::StartsWith("repro|--quiet|--times|") &&
                   Catch::EndsWith("reproducer.json|--server|./s --name 'a b' {port}|"));
    CHECK_FALSE(fs::exists(folder.path() / "here"));
}

TEST_CASE("A reproducer that cannot be written is an exception", "[explore]")
{
    const TemporaryFolder folder;
    std::ofstream{folder.path() / "file"} << "x";
    CHECK_THROWS_AS(write_reproducer(folder.path() / "file" / "race", sample("x"), "1.0"),
                    std::runtime_error);
}
