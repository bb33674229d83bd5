// Scenario and profile files: whatever the strict reader accepts can be explained, planned, kept and read
// again.
#include "fuzz/target.hpp"

#include "plan/plan.hpp"
#include "scenario/explain.hpp"
#include "scenario/profile_files.hpp"
#include "scenario/scenario.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

using namespace wsrace;
using namespace wsrace::fuzz;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_planned = 20'000; // steps of all users, that planning stays quick

const fs::path& data_folder()
{
    static const auto folder = [] {
        const auto folders = data_folders();
        if (folders.empty()) throw std::runtime_error{"the shipped profiles are not there; set WSRACE_DATA"};
        return folders.front();
    }();
    return folder;
}

std::size_t steps_of(const Scenario& scenario)
{
    std::size_t steps = 1;
    for (const auto& journey : scenario.journeys) steps += journey.size();
    for (const auto& behaviour : scenario.behaviours)
        for (const auto& journey : behaviour.journeys) steps += journey.size() * behaviour.connections;
    return steps * scenario.users * scenario.connections;
}

void look_at_problems(const std::vector<Problem>& problems)
{
    for (const auto& problem : problems) require(!problem.message.empty(), "a mistake is told in words");
}

void look_at_user(const Plan& plan, const PlannedUser& user)
{
    require(user.arrival >= Duration{}, "nobody arrives before the anchor");
    require(user.role < plan.roles.size(), "a user has a role");
    const auto& role = plan.role(user);
    require(role.journeys > 0 && role.first_journey + role.journeys <= plan.journeys.size(),
            "a role has journeys");
    for (const auto& delay : user.delays) {
        require(delay.delay > Duration{}, "a delay that is planned is one");
        require(delay.slot < role.connections, "a delay is one of the user's connections");
        require(delay.step <= plan.journey(user, delay.slot).size(), "a delay is on the journey");
    }
    require(!user.other || user.other->value < plan.users.size(), "another user is one of the plan's");
    require(!user.other || *user.other != user.id || plan.users.size() == 1, "another user is another one");
}

void look_at_moment(const Plan& plan, const PlannedMoment& moment)
{
    require(moment.user.value < plan.users.size(), "a moment is some user's");
    const auto& user = plan.users[moment.user.value];
    require(moment.slot < plan.role(user).connections, "a moment is on one of the user's connections");
    require(moment.step < plan.journey(user, moment.slot).size(), "a moment is on the journey");
}

void look_at_plan(const Scenario& scenario, const Plan& plan)
{
    require(plan.users.size() == scenario.users, "every user is planned");
    for (const auto& user : plan.users) look_at_user(plan, user);
    for (const auto& gate : plan.gates) {
        require(gate.members.size() >= 2, "a gate has two members at least");
        require(gate.within > Duration{}, "a gate opens in the end");
        for (const auto& member : gate.members) look_at_moment(plan, member);
    }
    for (const auto& constraint : plan.constraints) {
        look_at_moment(plan, constraint.step);
        look_at_moment(plan, constraint.after);
        require(constraint.gap >= Duration{}, "what is to happen after something does not happen before it");
    }
    require(plan.most_connections() >= 1 && plan.connection_count() >= plan.users.size(),
            "every user has a connection");
}

void look_at_scenario(const Scenario& scenario, std::uint64_t seed)
{
    require(!explain(scenario).empty(), "a scenario that is right can be explained");
    const auto again = parse_scenario(scenario.canonical, "canonical", "/", {});
    require(again.scenario.has_value(), "a scenario that is kept can be read without another file",
            again.problems.empty() ? "" : to_string(again.problems.front()));
    require(again.scenario->digest == scenario.digest, "a scenario that is kept is the same one");
    require(explain(*again.scenario) == explain(scenario), "a scenario that is kept says the same");
    if (steps_of(scenario) > most_planned) return;
    const auto plan = make_plan(scenario, seed);
    look_at_plan(scenario, plan);
    const auto text = plan_json(plan);
    require(nlohmann::json::accept(text), "a plan is JSON", text);
    require(text == plan_json(make_plan(*again.scenario, seed)),
            "the same scenario and seed give the same plan");
}

// The same text as a profile.
void look_at_profile(std::string_view text)
{
    std::vector<Problem> problems;
    Mistakes mistakes{"profile.json", problems};
    const auto document = parse_strict_json(text, mistakes);
    if (!document) return;
    const auto read = read_profile(JsonNode{*document, "$", mistakes}, {data_folder() / "profiles"});
    require(read.has_value() == problems.empty(), "a profile is read, or has mistakes");
    look_at_problems(problems);
    if (!read) return;
    std::vector<Problem> none;
    Mistakes again{"canonical", none};
    const auto reread = read_profile(JsonNode{read->document, "$", again}, {});
    require(reread.has_value(), "a profile that is kept can be read without another file",
            none.empty() ? "" : to_string(none.front()));
    require(reread->document == read->document, "a profile that is kept is the same one");
}

} // namespace

void wsrace::fuzz::look_at(std::string_view input)
{
    const auto loaded = parse_scenario(std::string{input}, "input.json", data_folder() / "scenarios");
    require(loaded.scenario.has_value() == loaded.problems.empty(), "a scenario is read, or has mistakes");
    look_at_problems(loaded.problems);
    if (loaded.scenario) look_at_scenario(*loaded.scenario, Draws{input}.below(1000));
    look_at_profile(input);
}
