#include "explore/reproducer_file.hpp"

#include "plan/plan_reader.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iostream>
#include <iterator>

namespace wsrace {

namespace {

namespace fs = std::filesystem;
using Document = nlohmann::json;

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

// Empty, or what is missing in it.
std::string shape_of(const Document& document)
{
    if (!document.is_object()) return "expected an object with \"scenario\" and \"plan\"";
    if (const auto version = document.find("format_version");
        version == document.end() || *version != reproducer_version)
        return fmt::format("expected \"format_version\": {}; this is another one's file", reproducer_version);
    for (const auto* field : {"scenario", "plan"})
        if (!document.contains(field) || !document[field].is_object())
            return fmt::format("expected an object \"{}\"", field);
    return {};
}

Trials trials_of(const Document& document)
{
    const auto number = [&](const char* field) {
        const auto found = document.find(field);
        return found != document.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
    };
    const Trials trials{.failed = number("failed"), .played = number("played")};
    return trials.failed <= trials.played ? trials : Trials{};
}

LoadedReplay parse_reproducer(const Document& document, const fs::path& file,
                              const ScenarioOverrides& overrides)
{
    const auto name = file.string();
    auto stored = parse_scenario(document["scenario"].dump(), name + ": scenario", file.parent_path());
    if (!stored.problems.empty()) return {.replay = std::nullopt, .problems = std::move(stored.problems)};
    auto plan = parse_plan(document["plan"].dump(), name + ": plan", *stored.scenario);
    if (!plan.problems.empty()) return {.replay = std::nullopt, .problems = std::move(plan.problems)};
    Replay replay{.scenario = std::move(*stored.scenario),
                  .plan = std::move(*plan.plan),
                  .signature = document.value("signature", std::string{}),
                  .before = trials_of(document)};
    return with_overrides(std::move(replay), file, overrides);
}

LoadedReplay load_reproducer(const fs::path& file, const ScenarioOverrides& overrides)
{
    const auto text = read_text(file);
    if (!text) return failed(file.string(), {}, "cannot be read");
    const auto document = Document::parse(*text, nullptr, false);
    if (document.is_discarded()) return failed(file.string(), {}, "is not JSON");
    if (const auto wrong = shape_of(document); !wrong.empty()) return failed(file.string(), "$", wrong);
    return parse_reproducer(document, file, overrides);
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
    auto text = json.dump(1);
    // The plan as it is, a line for each user.
    text.erase(text.rfind('}'));
    while (text.back() == '\n') text.pop_back();
    auto plan = plan_json(replay.plan);
    plan.erase(plan.find_last_not_of('\n') + 1);
    return text + fmt::format(",\n \"plan\": {}\n}}\n", plan);
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
