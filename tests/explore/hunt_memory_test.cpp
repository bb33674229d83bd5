#include "explore/hunt_memory.hpp"

#include "explore/durable_file.hpp"
#include "support/history_builder.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <system_error>
#include <thread>

using namespace wsrace;
using namespace wsrace::test;

namespace {

const std::string digest(64, 'a');

HuntMemory learned()
{
    HistoryBuilder history;
    history.user(0).opens().run(0).closes();
    history.user(1).at(14).opens().run(0).closes();
    history.log(20, "pool \"\xFF\" has 3 left");
    const auto built = history.build();

    HuntMemory memory;
    memory.scenario = "multi_tab";
    memory.scenario_digest = digest;
    memory.updated = "2026-01-01T00:00:00Z";
    memory.nights = 3;
    memory.coverage.add(cells_of(built));
    memory.near_misses.learn(built, true);
    memory.clusters.add({}, {.plan = "seed 1", .elements = 30}, "2026-01-01T00:00:00Z");
    memory.clusters.add({{.key = "close_codes: 1011",
                          .details = {"close_codes: 1011 between runs"},
                          .also_seen = {"five_events: silence"}}},
                        {.plan = "seed 2", .elements = 31}, "2026-01-01T00:00:00Z");
    Bandit bandit(1, {"burst", "pairs"});
    for (int i = 0; i < 5; ++i) bandit.reward(bandit.pick(), 0.2, std::chrono::milliseconds{300});
    memory.bandit = bandit.state();
    return memory;
}

// The mistakes in a memory that somebody has changed.
std::vector<std::string> mistakes(const std::function<void(nlohmann::json&)>& change)
{
    auto json = nlohmann::json::parse(hunt_memory_json(learned()));
    change(json);
    const auto loaded = read_hunt_memory(json.dump(), "hunt.json", digest);
    CHECK(loaded.memory.has_value() == loaded.problems.empty());
    std::vector<std::string> out;
    for (const auto& problem : loaded.problems) out.push_back(to_string(problem));
    return out;
}

bool mentions(const std::vector<std::string>& problems, std::string_view text)
{
    return problems.size() == 1 && problems[0].find(text) != std::string::npos;
}

std::string content(const std::filesystem::path& file)
{
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

TEST_CASE("A hunt's memory is read as it was written", "[explore]")
{
    const auto memory = learned();
    const TemporaryFolder folder;
    const auto file = folder.path() / "hunt.json";
    save_hunt_memory(file, memory);
    const auto loaded = load_hunt_memory(file, "multi_tab", digest);
    REQUIRE(loaded.problems.empty());
    REQUIRE(loaded.memory);
    const auto& read = *loaded.memory;
    CHECK(hunt_memory_json(read) == hunt_memory_json(memory));
    CHECK(read.nights == 3);
    CHECK(read.coverage.table().hit() == memory.coverage.table().hit());
    CHECK(read.coverage.table().hit() > 10);
    CHECK(read.near_misses.known == memory.near_misses.known);
    CHECK(read.near_misses.latencies.at("first_event").count() == 2);
    CHECK(read.clusters.executions() == 2);
    CHECK(read.clusters.find("close_codes: 1011")->best->plan == "seed 2");
    CHECK(read.clusters.find("close_codes: 1011")->also_seen.at("five_events: silence") == 1);
    CHECK(read.bandit.picks == 5);
    CHECK(read.bandit.arms.at(0).rewards == memory.bandit.arms.at(0).rewards);
}

TEST_CASE("What was known is not new the next night", "[explore]")
{
    auto loaded = read_hunt_memory(hunt_memory_json(learned()), "hunt.json", digest);
    REQUIRE(loaded.memory);
    HistoryBuilder history;
    history.user(0).opens().run(0).closes();
    history.user(1).at(14).opens().run(0).closes();
    history.log(20, "pool \"\xFF\" has 4 left");
    const auto built = history.build();
    CHECK(loaded.memory->coverage.add(cells_of(built)) == 0);
    CHECK(loaded.memory->near_misses.learn(built, true).empty());
    const auto known =
        loaded.memory->clusters.add({{.key = "close_codes: 1011", .details = {}, .also_seen = {}}},
                                    {.plan = "seed 9", .elements = 40}, "later");
    CHECK(known.empty());
    CHECK(loaded.memory->clusters.find("close_codes: 1011")->first_seen == "2026-01-01T00:00:00Z");
}

TEST_CASE("Without a file a hunt begins with nothing", "[explore]")
{
    const TemporaryFolder folder;
    const auto loaded = load_hunt_memory(folder.path() / "hunt.json", "multi_tab", digest);
    REQUIRE(loaded.memory);
    CHECK(loaded.memory->scenario == "multi_tab");
    CHECK(loaded.memory->scenario_digest == digest);
    CHECK(loaded.memory->coverage.executions() == 0);
    CHECK(read_hunt_memory(hunt_memory_json(*loaded.memory), "hunt.json", digest).memory);
}

TEST_CASE("The memory of another scenario is refused, not read in part", "[explore]")
{
    const auto loaded = read_hunt_memory(hunt_memory_json(learned()), "hunt.json", std::string(64, 'b'));
    CHECK(!loaded.memory);
    REQUIRE(loaded.problems.size() == 1);
    CHECK(to_string(loaded.problems[0]) ==
          "hunt.json: $: this memory is of the scenario \"multi_tab\" with the digest aaaaaaaaaaaa, expected "
          "bbbbbbbbbbbb (its target and what --server, --target and --set say are part of that): what was "
          "learned "
          "there does not hold here; name another file for this scenario, or delete this one to begin anew");
}

TEST_CASE("A memory of another version, or one that somebody has broken, says what is wrong with it",
          "[explore]")
{
    CHECK(mistakes([](auto&) {}).empty());
    CHECK(mentions(mistakes([](auto& json) { json["format_version"] = 2; }),
                   "hunt.json: $: this memory has format_version 2, this wsrace reads 1"));
    CHECK(mentions(mistakes([](auto& json) { json.erase("bandit"); }), "the field \"bandit\" is missing"));
    CHECK(mentions(mistakes([](auto& json) { json["converge"] = 1; }), "$.converge: unknown field"));
    CHECK(mentions(mistakes([](auto& json) { json["nights"] = -1; }), "$.nights: expected a whole number"));
    CHECK(mentions(mistakes([](auto& json) { json["coverage"]["pairs"][0]["first"] = "conect"; }),
                   "$.coverage.pairs[0].first: unknown step type \"conect\""));
    CHECK(mentions(mistakes([](auto& json) { json["coverage"]["pairs"][0]["hits"].push_back(1); }),
                   "$.coverage.pairs[0].hits: expected 8 counts, found 9"));
    CHECK(mentions(
        mistakes([](auto& json) { json["coverage"]["pairs"].push_back(json["coverage"]["pairs"][0]); }),
        "this pair stands twice"));
    CHECK(mentions(mistakes([](auto& json) { json["clusters"]["list"][0]["best_plan"]["failed"] = 9; }),
                   "$.clusters.list[0].best_plan: failed 9 times, but was played 1 times only"));
    CHECK(mentions(
        mistakes([](auto& json) { json["clusters"]["list"].push_back(json["clusters"]["list"][0]); }),
        "$.clusters.list[1]: this cluster stands twice"));
    CHECK(mentions(mistakes([](auto& json) { json["bandit"]["arms"][1]["last_pick"] = 17; }),
                   "$.bandit.arms[1]: was last picked at 17, after the last of 5 picks"));
    CHECK(mentions(mistakes([](auto& json) {
                       json["latencies"]["welcome"] = {1, 2};
                   }),
                   "$.latencies.welcome: expected 91 counts, found 2"));
    CHECK(mentions(mistakes([](auto& json) { json["novelties"][0] = 7; }),
                   "$.novelties[0]: expected a string"));
    const auto torn = hunt_memory_json(learned()).substr(0, 400);
    CHECK(!read_hunt_memory(torn, "hunt.json", digest).memory);
    CHECK(read_hunt_memory(torn, "hunt.json", digest).problems.size() == 1);
    CHECK(!read_hunt_memory("[]", "hunt.json", digest).problems.empty());
}

TEST_CASE("Several who write at once leave one of their files in full, and nothing else", "[explore]")
{
    const TemporaryFolder folder;
    const auto file = folder.path() / "hunt.json";
    std::atomic<int> failures{0};
    std::vector<std::thread> writers;
    for (const char letter : {'a', 'b', 'c'})
        writers.emplace_back([&file, &failures, letter] {
            try {
                for (int i = 0; i < 20; ++i) write_durably(file, std::string(200'000, letter));
            } catch (const std::system_error&) {
                ++failures;
            }
        });
    std::size_t mixed = 0;
    for (int i = 0; i < 50; ++i) {
        const auto seen = content(file);
        if (!seen.empty() && seen != std::string(200'000, seen[0])) ++mixed;
    }
    for (auto& writer : writers) writer.join();
    CHECK(failures == 0);
    CHECK(mixed == 0);
    CHECK(content(file).size() == 200'000);
    CHECK(std::distance(std::filesystem::directory_iterator{folder.path()}, {}) == 1);
}

TEST_CASE("A file that cannot be written is named, and the old one stays", "[explore]")
{
    const TemporaryFolder folder;
    const auto nowhere_to_go = folder.path() / "none" / "hunt.json";
    CHECK_THROWS_AS(write_durably(nowhere_to_go, "x"), std::system_error);
    CHECK_THROWS_WITH(write_durably(nowhere_to_go, "x"), Catch::Contains("cannot be created"));
    const auto occupied = folder.path() / "hunt.json";
    std::filesystem::create_directories(occupied / "inside");
    CHECK_THROWS_WITH(write_durably(occupied, "x"), Catch::Contains("hunt.json: cannot be replaced"));
    CHECK(std::filesystem::is_directory(occupied));
    CHECK(std::distance(std::filesystem::directory_iterator{folder.path()}, {}) == 1);
    CHECK(!load_hunt_memory(occupied, "multi_tab", digest).problems.empty());
}
