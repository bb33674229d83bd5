#include "explore/reproducer_file.hpp"

#include "explore/symptom.hpp"

#include "plan/plan_reader.hpp"
#include "scenario/json_node.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>

namespace wsrace {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view file_name = "reproducer.json";

LoadedReplay failed(std::string file, std::string path, std::string message)
{
    return {.replay = std::nullopt,
            .problems = {{.file = std::move(file), .path = std::move(path), .message = std::move(message)}}};
}

std::optional<std::string> read_text(const fs::path& file)
{
    if (file == "-") return std::string{std::istreambuf_iterator<char>{std::cin}, {}};
    std::ifstream in{file, std::ios::binary};
    if (!in) return std::nullopt;
    return std::string{std::istreambuf_iterator<char>{in}, {}};
}

// The scenario as it is stored, and then as it is to be played.
LoadedReplay with_overrides(Replay replay, const fs::path& file, const ScenarioOverrides& overrides)
{
    if (overrides.set.empty()) return {.replay = std::move(replay), .problems = {}};
    auto changed = parse_scenario(replay.scenario.canonical, file.string(), file.parent_path(), overrides);
    if (!changed.problems.empty()) return {.replay = std::nullopt, .problems = std::move(changed.problems)};
    replay.scenario = std::move(*changed.scenario);
    return {.replay = std::move(replay), .problems = {}};
}

// Whether the rest can be read as this version wrote it.
bool check_version(JsonObject& root)
{
    const auto found = root.require("format_version", "which form this file has");
    const auto version = found ? found->integer(1, 1'000'000) : std::nullopt;
    if (version && *version != reproducer_version)
        found->mistake(fmt::format("this file has format {}, and this version of wsrace reads format {}; use "
                                   "the version that wrote it",
                                   *version, reproducer_version));
    return version == reproducer_version;
}

// The text of an object in it, which has a reader of its own. Empty: there is none.
std::string text_of(JsonObject& root, std::string_view field, std::string_view what)
{
    const auto found = root.require(field, what);
    if (!found) return {};
    if (found->is_object()) return found->value().dump();
    found->expected("an object");
    return {};
}

void read_trials(JsonObject& root, Trials& trials)
{
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    root.read_integer("failed", trials.failed, 0, most);
    root.read_integer("played", trials.played, 0, most);
    if (trials.failed > trials.played)
        root.node().mistake(
            fmt::format("failed {} times, but was played {} times only", trials.failed, trials.played));
}

LoadedReplay load_reproducer(const fs::path& file, const ScenarioOverrides& overrides)
{
    const auto text = read_text(file);
    if (!text) return failed(file.string(), {}, "cannot be read");
    return parse_replay(*text, file, overrides);
}

} // namespace

std::string reproducer_json(const Replay& replay, std::string_view version)
{
    nlohmann::ordered_json json{{"format_version", reproducer_version},
                                {"version", version},
                                {"signature", replay.signature},
                                {"failed", replay.before.failed},
                                {"played", replay.before.played}};
    json["scenario"] = nlohmann::ordered_json::parse(replay.scenario.canonical);
    auto text = json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace); // signatures quote logs
    // The plan as it is, a line for each user.
    text.erase(text.rfind('}'));
    while (text.back() == '\n') text.pop_back();
    auto plan = plan_json(replay.plan);
    plan.erase(plan.find_last_not_of('\n') + 1);
    return text + fmt::format(",\n \"plan\": {}\n}}\n", plan);
}

LoadedReplay parse_replay(const std::string& text, const fs::path& file, const ScenarioOverrides& overrides)
{
    LoadedReplay loaded;
    const auto name = file.string();
    Mistakes mistakes{name, loaded.problems};
    const auto document = parse_strict_json(text, mistakes);
    if (!document) return loaded;
    JsonObject root{JsonNode{*document, "$", mistakes}, "a failing plan with its scenario"};
    if (!root.valid() || !check_version(root)) return loaded;
    Replay replay;
    std::string written_by;
    root.read_text("version", written_by);
    root.read_text("signature", replay.signature);
    replay.signature = as_named_now(replay.signature);
    if (const auto node = root.find("signature"); node && !names_a_check(replay.signature))
        node->expected("what a check says of a failure (\"isolation: canary of another user\"), or \"\"");
    read_trials(root, replay.before);
    const auto scenario = text_of(root, "scenario", "what the plan is played with");
    const auto plan = text_of(root, "plan", "who does what when");
    root.reject_unknown();
    if (!loaded.problems.empty()) return loaded;
    auto stored = parse_scenario(scenario, name + ": scenario", file.parent_path());
    if (!stored.problems.empty()) return {.replay = std::nullopt, .problems = std::move(stored.problems)};
    auto read = parse_plan(plan, name + ": plan", *stored.scenario);
    if (!read.problems.empty()) return {.replay = std::nullopt, .problems = std::move(read.problems)};
    replay.scenario = std::move(*stored.scenario);
    replay.plan = std::move(*read.plan);
    return with_overrides(std::move(replay), file, overrides);
}

LoadedReplay load_replay(const fs::path& file_or_folder, const ScenarioOverrides& overrides)
{
    const auto is_folder = fs::is_directory(file_or_folder);
    if (file_or_folder == "-" || (!is_folder && file_or_folder.filename() != "plan.json"))
        return load_reproducer(file_or_folder, overrides);
    if (is_folder && fs::exists(file_or_folder / file_name))
        return load_reproducer(file_or_folder / file_name, overrides);
    auto loaded = load_plan(file_or_folder);
    if (!loaded.problems.empty()) return {.replay = std::nullopt, .problems = std::move(loaded.problems)};
    Replay replay{.scenario = std::move(*loaded.scenario),
                  .plan = std::move(*loaded.plan),
                  .signature = {},
                  .before = {}};
    return with_overrides(std::move(replay), file_or_folder, overrides);
}

} // namespace wsrace
