#include "scenario/constraints_reader.hpp"
#include "scenario/credential_reader.hpp"
#include "scenario/data_folders.hpp"
#include "scenario/dependency_reader.hpp"
#include "scenario/digest.hpp"
#include "scenario/expectations_reader.hpp"
#include "scenario/faults_reader.hpp"
#include "scenario/gates_reader.hpp"
#include "scenario/journey_reader.hpp"
#include "scenario/journey_rules.hpp"
#include "scenario/overrides.hpp"
#include "scenario/profile_files.hpp"
#include "scenario/scenario.hpp"
#include "scenario/target_reader.hpp"
#include "scenario/users_reader.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace wsrace {
namespace {

namespace fs = std::filesystem;
using Folders = std::vector<fs::path>;

std::vector<PlacedJourney> read_journeys(JsonObject& root)
{
    const auto one = root.find("journey");
    const auto several = root.find("journeys");
    std::vector<PlacedJourney> journeys;
    if (one && several) root.node().mistake("\"journey\" and \"journeys\" exclude each other; keep one");
    if (one) journeys.push_back(read_journey(*one));
    if (several && !one) {
        for (const JsonNode& node : several->items("journeys, each a list of steps"))
            journeys.push_back(read_journey(node));
        if (several->is_list() && journeys.empty()) several->mistake("expected at least one journey");
    }
    if (!one && !several)
        root.node().mistake(
            "the field \"journey\" is missing: what each user does, as in [\"login\", \"connect\"]");
    return journeys;
}

std::vector<StepSpec> steps_of(const PlacedJourney& journey)
{
    std::vector<StepSpec> steps;
    for (const PlacedStep& placed : journey.steps) steps.push_back(placed.step);
    return steps;
}

void check_journeys(const JsonNode& root, const std::vector<PlacedJourney>& journeys, bool needs_login)
{
    bool connects = false;
    for (const PlacedJourney& journey : journeys) {
        check_journey(journey, needs_login, root.mistakes());
        connects = connects || !journey.complete ||
                   std::any_of(journey.steps.begin(), journey.steps.end(), [](const PlacedStep& placed) {
                       return placed.step.action == Action::connect;
                   });
    }
    if (!connects && !journeys.empty())
        root.mistakes().add(journeys.front().path, "nobody ever connects, so that there is nothing to judge");
}

void check_others(const std::vector<PlacedJourney>& journeys, std::uint32_t users, Mistakes& mistakes)
{
    for (const PlacedJourney& journey : journeys)
        for (const PlacedStep& placed : journey.steps)
            if (users == 1 && placed.step.thread.find("{other_user}") != std::string::npos)
                mistakes.add(placed.path, "there is only one user, so that {other_user} is nobody; raise "
                                          "users.count");
}

std::optional<ResolvedProfile> read_profile_of(JsonObject& root, const fs::path& directory)
{
    Folders search_path{directory, directory / "profiles", directory / ".." / "profiles"};
    for (const fs::path& folder : data_subfolders("profiles")) search_path.push_back(folder);
    const Json standard = "netra";
    const auto named = root.find("profile");
    return read_profile(named.value_or(JsonNode(standard, "$.profile", root.node().mistakes())), search_path);
}

// Users that arrive after the whole execution must have ended are never seen.
void check_arrival(const JsonNode& root, const Scenario& scenario)
{
    const Duration total = scenario.expectations.deadlines.total;
    if (scenario.arrival.over >= total)
        root.mistakes().add(
            "$.users.arrival.over",
            fmt::format("the last users arrive after the deadline \"total\", {}", format_duration(total)));
    const auto ends = std::any_of(scenario.life_cycle.begin(), scenario.life_cycle.end(), sends_sigterm);
    if (scenario.arrival.after == Arrival::Anchor::terminating && !ends)
        root.mistakes().add("$.users.arrival.after", "no fault ever sends SIGTERM; add one such as "
                                                     "{\"server\": \"restart\", \"at\": \"1s\"}");
    const double seconds = std::chrono::duration<double>(total).count();
    if (scenario.arrival.rate > 0 && scenario.users / scenario.arrival.rate >= seconds)
        root.mistakes().add(
            "$.users.arrival.rate",
            fmt::format("{} users at {} per second arrive in {:.0f} s, after the deadline \"total\", {}",
                        scenario.users, scenario.arrival.rate, scenario.users / scenario.arrival.rate,
                        format_duration(total)));
}

// Leaves the whole profile in `profile_document`, so that the scenario can be kept in one piece.
Scenario read_scenario(const JsonNode& node, const fs::path& directory, Json& profile_document)
{
    Scenario scenario;
    JsonObject root(node, "a scenario");
    if (!root.valid()) return scenario;
    root.find("$schema");
    root.require("name", "what reports call this scenario");
    root.read_word("name", scenario.name);
    root.read_text("description", scenario.description);
    scenario.target = read_target(root);
    const auto profile = read_profile_of(root, directory);
    if (profile) {
        scenario.profile = profile->profile;
        profile_document = profile->document;
    }
    const auto journeys = read_journeys(root);
    for (const PlacedJourney& journey : journeys) scenario.journeys.push_back(steps_of(journey));
    check_journeys(node, journeys, profile && profile->profile.login.kind != LoginKind::none);
    const bool complete =
        std::all_of(journeys.begin(), journeys.end(), [](const auto& one) { return one.complete; });
    read_users(root, scenario);
    check_credentials(journeys, scenario.connections, scenario.profile, node.mistakes());
    check_others(journeys, scenario.users, node.mistakes());
    read_faults(root, complete && !journeys.empty(), scenario);
    scenario.dependency_faults = read_dependency_faults(root, scenario.target);
    scenario.expectations =
        read_expectations(root, !scenario.target.url.empty(), scenario.target.server.has_value());
    scenario.expectations.run_events = scenario.profile.run_events;
    scenario.expectations.ready_by_word =
        scenario.target.server && scenario.target.server->ready != ServerSpec::Ready::port_open;
    read_gates(root, complete && !journeys.empty(), scenario);
    read_constraints(root, complete && !journeys.empty(), scenario);
    root.reject_unknown();
    check_arrival(node, scenario);
    return scenario;
}

// A file, or the name of a shipped scenario.
std::optional<fs::path> find_scenario(const fs::path& given)
{
    std::error_code ignored;
    if (fs::is_regular_file(given, ignored)) return given;
    if (given.has_parent_path()) return std::nullopt;
    for (const fs::path& folder : data_subfolders("scenarios"))
        for (const fs::path& file : {folder / given, folder / (given.string() + ".json")})
            if (fs::is_regular_file(file, ignored)) return file;
    return std::nullopt;
}

} // namespace

LoadedScenario parse_scenario(const std::string& text, const std::string& name, const fs::path& directory,
                              const ScenarioOverrides& overrides)
{
    LoadedScenario loaded;
    Mistakes mistakes(name, loaded.problems);
    auto document = parse_strict_json(text, mistakes);
    if (!document) return loaded;
    apply_overrides(*document, overrides.set, loaded.problems);
    Json profile;
    Scenario scenario = read_scenario(JsonNode(*document, "$", mistakes), directory, profile);
    if (!loaded.problems.empty()) return loaded;
    scenario.file = name;
    (*document)["profile"] = std::move(profile);
    scenario.canonical = document->dump(2) + "\n";
    scenario.digest = sha256_hex(document->dump());
    loaded.scenario = std::move(scenario);
    return loaded;
}

LoadedScenario load_scenario(const fs::path& file, const ScenarioOverrides& overrides)
{
    const auto found = find_scenario(file);
    const auto text = found ? read_text_file(*found) : std::nullopt;
    if (text) return parse_scenario(*text, found->string(), found->parent_path(), overrides);
    const auto shipped = json_files(data_subfolders("scenarios"));
    std::string message = found ? "cannot be read" : "there is no such file";
    if (!found && !file.has_parent_path())
        message +=
            "; " + unknown_name("shipped scenario", file.stem().string(), {shipped.begin(), shipped.end()});
    return {.scenario = std::nullopt, .problems = {{.file = file.string(), .path = "", .message = message}}};
}

} // namespace wsrace
