#include "plan/plan_reader.hpp"

#include "plan/plan_faults_reader.hpp"
#include "plan/plan_meetings_reader.hpp"
#include "plan/plan_step_reader.hpp"
#include "plan/plan_users_reader.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace wsrace {

namespace {

// Whether the rest can be read as this version wrote it.
bool check_version(JsonObject& root)
{
    const auto found = root.require("format_version", "which form this plan has");
    const auto version = found ? found->integer(1, 1'000'000) : std::nullopt;
    if (!version) return false;
    if (*version > plan_format_version)
        found->mistake(
            fmt::format("this plan has format {}, and this version of wsrace reads format {}; use the "
                        "version that wrote it, or a newer one",
                        *version, plan_format_version));
    if (*version < plan_format_version)
        found->mistake(fmt::format("this plan has format {}, which did not keep all that is played; make it "
                                   "again from its scenario and seed: wsrace run SCENARIO --seed SEED",
                                   *version));
    return *version == plan_format_version;
}

void check_digest(JsonObject& root, const Scenario& scenario, Plan& plan)
{
    root.require("scenario", "the scenario's name");
    root.read_word("scenario", plan.scenario);
    const auto digest = root.require("scenario_digest", "which scenario it was made from");
    if (root.read_word("scenario_digest", plan.scenario_digest) && plan.scenario_digest != scenario.digest)
        digest->mistake(
            fmt::format("the plan was made from another scenario than {}, whose digest is {}; give it "
                        "the scenario.json that was written beside it",
                        scenario.file, scenario.digest));
}

void read_seed(JsonObject& root, Plan& plan)
{
    const auto seed = root.require("seed", "what it was drawn with");
    if (!seed) return;
    if (seed->value().is_number_unsigned())
        plan.seed = seed->value().get<std::uint64_t>();
    else
        seed->expected("a whole number from 0 to 2^64 - 1");
}

void read_journeys(JsonObject& root, const Scenario& scenario, Plan& plan)
{
    const auto list = root.require("journeys", "what connections do, step by step");
    if (!list) return;
    const auto needs_login = scenario.profile.login.kind != LoginKind::none;
    for (auto& placed : read_planned_journeys(*list, needs_login)) {
        auto& journey = plan.journeys.emplace_back();
        for (auto& step : placed.steps) journey.push_back(std::move(step.step));
    }
}

void check_anchor(JsonObject& root, const Scenario& scenario, const Plan& plan)
{
    using Anchor = Arrival::Anchor;
    if (plan.anchor != Anchor::ready && !scenario.target.server)
        root.find("anchor")->mistake(
            "only a server that the harness starts itself has a start and an end; use "
            "\"server.ready\"");
    const auto ends = std::any_of(plan.life_cycle.begin(), plan.life_cycle.end(), sends_sigterm);
    if (plan.anchor == Anchor::terminating && !ends)
        root.find("anchor")->mistake("no fault ever sends SIGTERM, so that nobody would arrive; use "
                                     "\"server.ready\"");
}

// What comes later refers to what comes first.
Plan read_plan(const JsonNode& node, const Scenario& scenario)
{
    Plan plan;
    JsonObject root(node, "a plan");
    if (!root.valid() || !check_version(root)) return plan;
    const auto& problems = node.mistakes().problems();
    check_digest(root, scenario, plan);
    read_seed(root, plan);
    root.require("anchor", "what arrivals count from");
    const auto anchored = read_planned_anchor(root, "anchor", plan.anchor);
    read_planned_life_cycle(root, scenario.target, plan);
    if (anchored) check_anchor(root, scenario, plan);
    read_planned_dependency_faults(root, scenario.target, plan);
    read_planned_link_faults(root, plan);
    read_planned_ingress(root, scenario.target, plan);
    const auto before = problems.size();
    read_journeys(root, scenario, plan);
    if (problems.size() == before) read_planned_roles(root, plan);
    if (problems.size() == before) read_planned_users(root, scenario.expectations.deadlines, plan);
    if (problems.size() == before) read_planned_meetings(root, plan);
    for (const char* field : {"roles", "users", "gates", "constraints"}) root.find(field);
    root.reject_unknown();
    return plan;
}

LoadedPlan unreadable(const std::filesystem::path& file, const std::string& why)
{
    LoadedPlan loaded;
    loaded.problems.push_back({.file = file.string(), .path = {}, .message = why});
    return loaded;
}

} // namespace

LoadedPlan parse_plan(const std::string& text, const std::string& name, const Scenario& scenario)
{
    LoadedPlan loaded;
    Mistakes mistakes(name, loaded.problems);
    const auto document = parse_strict_json(text, mistakes);
    if (!document) return loaded;
    auto plan = read_plan(JsonNode(*document, "$", mistakes), scenario);
    if (loaded.problems.empty()) loaded.plan = std::move(plan);
    return loaded;
}

LoadedPlan load_plan(const std::filesystem::path& file_or_folder)
{
    namespace fs = std::filesystem;
    const auto file = fs::is_directory(file_or_folder) ? file_or_folder / "plan.json" : file_or_folder;
    if (!fs::is_regular_file(file))
        return unreadable(file, "there is no such file; expected a plan.json, or the folder of a run");
    const auto beside = file.parent_path() / "scenario.json";
    if (!fs::is_regular_file(beside))
        return unreadable(file,
                          "there is no scenario.json beside this plan; a plan is played with the scenario "
                          "that it was made from: copy both out of the run's folder");
    auto scenario = load_scenario(beside);
    if (!scenario.scenario) return {.plan = {}, .scenario = {}, .problems = std::move(scenario.problems)};
    std::ifstream stream(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) return unreadable(file, "cannot be read");
    auto loaded = parse_plan(text, file.string(), *scenario.scenario);
    loaded.scenario = std::move(scenario.scenario);
    return loaded;
}

} // namespace wsrace
