#include "explore/clusters.hpp"

#include "core/statistics.hpp"

#include <algorithm>
#include <utility>

namespace wsrace {

namespace {

constexpr std::size_t most_details = 20; // of a cluster
constexpr std::size_t most_symptoms = 50;
constexpr std::size_t most_plans = 4;
constexpr double hardly_ever = 1e-9; // a plan that was never seen to fail is still a plan

double cost(std::uint32_t elements, double rate)
{
    const auto at_least = std::max(rate, hardly_ever);
    return std::max(elements, 1U) / (at_least * at_least);
}

std::vector<FailingPlan> plans_of(const Cluster& cluster)
{
    std::vector<FailingPlan> plans;
    if (cluster.best) plans.push_back(*cluster.best);
    plans.insert(plans.end(), cluster.others.begin(), cluster.others.end());
    return plans;
}

auto is_plan(const std::string& name)
{
    return [&name](const FailingPlan& one) { return one.plan == name; };
}

void set_plans(Cluster& cluster, std::vector<FailingPlan> plans)
{
    std::stable_sort(plans.begin(), plans.end(),
                     [](const FailingPlan& a, const FailingPlan& b) { return a.effort() < b.effort(); });
    plans.resize(std::min(plans.size(), most_plans));
    cluster.best.reset();
    cluster.others.clear();
    if (plans.empty()) return;
    cluster.best = plans.front();
    cluster.others.assign(plans.begin() + 1, plans.end());
}

std::vector<FailingPlan> plans_without(const Cluster& cluster, const std::string& name)
{
    auto plans = plans_of(cluster);
    plans.erase(std::remove_if(plans.begin(), plans.end(), is_plan(name)), plans.end());
    return plans;
}

void offer(Cluster& cluster, const FailingPlan& plan)
{
    auto plans = plans_without(cluster, plan.plan);
    plans.push_back(plan);
    set_plans(cluster, std::move(plans));
}

} // namespace

double FailingPlan::effort() const { return cost(elements, wilson_interval(failed, played).low); }

double FailingPlan::least_effort() const { return cost(elements, wilson_interval(failed, played).high); }

std::vector<std::string> Clusters::add(const std::vector<FailureSignature>& signatures,
                                       const FailingPlan& plan, const std::string& now)
{
    ++executions_;
    std::vector<std::string> fresh;
    for (const auto& signature : signatures) {
        auto* cluster = look_up(signature.key);
        if (cluster == nullptr) {
            cluster = &list_.emplace_back();
            cluster->key = signature.key;
            cluster->first_execution = executions_;
            cluster->first_seen = now;
            fresh.push_back(signature.key);
        }
        ++cluster->count;
        for (const auto& detail : signature.details)
            if (cluster->details.size() < most_details) cluster->details.insert(detail);
        for (const auto& symptom : signature.also_seen)
            if (cluster->also_seen.size() < most_symptoms || cluster->also_seen.contains(symptom))
                ++cluster->also_seen[symptom];
        const auto known = plans_of(*cluster);
        if (std::none_of(known.begin(), known.end(), is_plan(plan.plan)))
            offer(*cluster, plan); // what replays have shown of a plan is more than one failure
    }
    return fresh;
}

bool Clusters::replayed(const std::string& key, const FailingPlan& plan)
{
    auto* const cluster = look_up(key);
    if (cluster == nullptr) return false;
    offer(*cluster, plan);
    return true;
}

void Clusters::forget(const std::string& plan)
{
    for (auto& cluster : list_) set_plans(cluster, plans_without(cluster, plan));
}

const Cluster* Clusters::find(const std::string& key) const
{
    const auto found =
        std::find_if(list_.begin(), list_.end(), [&key](const Cluster& one) { return one.key == key; });
    return found == list_.end() ? nullptr : &*found;
}

Cluster* Clusters::look_up(const std::string& key)
{
    return const_cast<Cluster*>(std::as_const(*this).find(key));
}

Clusters Clusters::from(std::uint64_t executions, std::vector<Cluster> list)
{
    Clusters clusters;
    clusters.executions_ = executions;
    clusters.list_ = std::move(list);
    return clusters;
}

} // namespace wsrace
