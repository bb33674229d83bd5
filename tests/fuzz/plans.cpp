// What hunts leave behind and play again: plans, reproducers, the memory of a hunt.
//
// Input: one byte that says what the file is ("r": a reproducer, "m": a memory, else a plan), one that
// chooses its scenario, then the file. "{scenario}" and "{digest}" stand for those of that scenario.
#include "fuzz/target.hpp"

#include "explore/hunt_memory.hpp"
#include "explore/reproducer_file.hpp"
#include "plan/elements.hpp"
#include "plan/plan_reader.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

using namespace wsrace;
using namespace wsrace::fuzz;

namespace {

// Between them they have all that a plan can ask for: dependencies, an ingress, instances, a target that is
// somebody else's.
const Scenario& scenario_for(unsigned char choice)
{
    static const auto all = [] {
        std::vector<Scenario> read;
        for (const auto* const name :
             {"golden_path", "failing_dependencies", "two_instances", "staging_smoke"}) {
            auto loaded = load_scenario(name);
            if (!loaded.scenario) throw std::runtime_error{to_string(loaded.problems.front())};
            read.push_back(std::move(*loaded.scenario));
        }
        return read;
    }();
    return all[choice % all.size()];
}

void put_in(std::string& text, std::string_view mark, std::string_view what)
{
    const auto at = text.find(mark);
    if (at != std::string::npos) text.replace(at, mark.size(), what);
}

std::string all_of(const std::vector<Problem>& problems)
{
    std::string text;
    for (const auto& problem : problems) text += to_string(problem) + '\n';
    return text;
}

void look_at_problems(const std::vector<Problem>& problems)
{
    for (const auto& problem : problems) {
        require(!problem.file.empty() && !problem.path.empty(), "a mistake has a place", problem.message);
        require(!problem.message.empty(), "a mistake is told in words", problem.path);
    }
}

void look_at_gaps(const Plan& plan, const Scenario& scenario, Draws& draws)
{
    auto changed = plan;
    const auto all = gaps(plan);
    if (all.empty()) return;
    const auto& gap = all[draws.below(all.size())];
    require(gap.value >= Duration{} && !gap.text.empty(), "a time that can be tuned is one, with a name");
    set_gap(changed, gap, gap.value);
    require(plan_json(changed) == plan_json(plan), "a time that is set to what it is changes nothing",
            gap.text);
    set_gap(changed, gap, gap.value / 2);
    const auto again = parse_plan(plan_json(changed), "tuned", scenario);
    require(again.plan.has_value(), "a plan with a shorter time is one that can be played",
            gap.text + '\n' + all_of(again.problems) + plan_json(changed));
}

// Without some of its elements, and with one time of it shorter.
void look_at_smaller(const Plan& plan, const Scenario& scenario, Draws& draws)
{
    const auto all = elements(plan);
    const auto tidy = without(plan, std::vector<bool>(all.size(), true));
    require(elements(tidy).size() == all.size(), "a plan that loses nothing keeps all its elements");
    require(plan_json(without(tidy, {})) == plan_json(tidy), "a plan that loses nothing stays the same");
    std::vector<bool> keep;
    const auto most_lost = 2 + draws.below(6);
    for (const auto& element : all) {
        require(!element.text.empty(), "an element has a name");
        for (const auto parent : element.parents)
            require(parent < keep.size(), "parents come before what needs them", element.text);
        keep.push_back(draws.below(most_lost) > 0);
    }
    const auto smaller = without(plan, keep);
    if (smaller.users.empty()) return;
    const auto text = plan_json(smaller);
    const auto again = parse_plan(text, "smaller", scenario);
    require(again.plan.has_value(), "a plan without some of its elements can be played",
            all_of(again.problems) + plan_json(plan) + text);
    require(plan_json(*again.plan) == text, "a plan without some of its elements is read as it was written");
    look_at_gaps(smaller, scenario, draws);
}

void look_at_plan(const std::string& text, const Scenario& scenario, Draws& draws)
{
    const auto loaded = parse_plan(text, "plan.json", scenario);
    require(loaded.plan.has_value() == loaded.problems.empty(), "a plan is read, or has mistakes");
    look_at_problems(loaded.problems);
    if (!loaded.plan) return;
    const auto written = plan_json(*loaded.plan);
    const auto again = parse_plan(written, "plan.json", scenario);
    require(again.plan.has_value(), "a plan that was written is read", written + all_of(again.problems));
    require(plan_json(*again.plan) == written, "a plan is read as it was written", written);
    require(again.plan->request_count() == loaded.plan->request_count() &&
                again.plan->connection_count() == loaded.plan->connection_count(),
            "a plan that was written asks for the same", written);
    look_at_smaller(*loaded.plan, scenario, draws);
}

void look_at_reproducer(const std::string& text)
{
    const auto loaded = parse_replay(text, "reproducer.json", {});
    require(loaded.replay.has_value() == loaded.problems.empty(), "a reproducer is read, or has mistakes");
    look_at_problems(loaded.problems);
    if (!loaded.replay) return;
    const auto& before = loaded.replay->before;
    require(before.failed <= before.played, "nothing failed more often than it was played");
    const auto written = reproducer_json(*loaded.replay, "1.0");
    const auto again = parse_replay(written, "again.json", {});
    require(again.replay.has_value(), "a reproducer that was written is read",
            all_of(again.problems) + written);
    require(again.replay->scenario.digest == loaded.replay->scenario.digest &&
                again.replay->signature == loaded.replay->signature && again.replay->before == before,
            "a reproducer that was written says the same", written);
    require(reproducer_json(*again.replay, "1.0") == written, "a reproducer is read as it was written",
            written);
}

void look_at_use(const HuntMemory& memory)
{
    for (const auto& row : memory.coverage.pair_weights())
        require(row.weight > 0 && row.weight <= 1, "a pair is worth something between nothing and one");
    for (const auto& [reply, latency] : memory.near_misses.latencies) {
        const auto usual = latency.quantile(0.5, 1);
        require(usual.has_value() == (latency.count() > 0), "replies that were seen took some time", reply);
        require(!usual || *usual <= latency.quantile(0.99, 1), "quantiles rise", reply);
    }
    std::vector<std::string> names{"another"};
    for (const auto& arm : memory.bandit.arms)
        if (names.size() < 8 && std::find(names.begin(), names.end(), arm.name) == names.end())
            names.push_back(arm.name);
    Bandit bandit{1, names, memory.bandit};
    const auto picked = bandit.pick();
    require(picked < names.size(), "a strategy that is picked is one");
    bandit.reward(picked, 0.5, std::chrono::milliseconds{1});
    for (const auto& arm : bandit.state().arms)
        require(arm.rewards >= 0 && arm.efforts >= 0, "what a strategy is worth is a number", arm.name);
    for (const auto& cluster : memory.clusters.list())
        require(!cluster.best || cluster.best->effort() > 0, "a plan that failed has a price", cluster.key);
}

void look_at_memory(std::string_view text, const Scenario& scenario)
{
    const auto loaded = read_hunt_memory(text, "hunt.json", scenario.digest);
    require(loaded.memory.has_value() == loaded.problems.empty(), "a memory is read, or has mistakes");
    look_at_problems(loaded.problems);
    if (!loaded.memory) return;
    const auto written = hunt_memory_json(*loaded.memory);
    const auto again = read_hunt_memory(written, "again.json", scenario.digest);
    require(again.memory.has_value(), "a memory that was written is read", all_of(again.problems) + written);
    require(hunt_memory_json(*again.memory) == written, "a memory is read as it was written", written);
    look_at_use(*loaded.memory);
}

} // namespace

void wsrace::fuzz::look_at(std::string_view input)
{
    if (input.size() < 2) return;
    const auto& scenario = scenario_for(static_cast<unsigned char>(input[1]));
    std::string text{input.substr(2)};
    put_in(text, "{digest}", scenario.digest);
    if (input.front() == 'm') return look_at_memory(text, scenario);
    put_in(text, "{scenario}", scenario.canonical);
    if (input.front() == 'r') return look_at_reproducer(text);
    Draws draws{input};
    look_at_plan(text, scenario, draws);
}
