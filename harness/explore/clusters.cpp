#include "explore/clusters.hpp"

#include "core/statistics.hpp"

#include <algorithm>
#include <utility>

namespace wsrace {

namespace {

constexpr std::size_t most_details = 20; // of a cluster
constexpr std::size_t most_symptoms = 50;
constexpr double hardly_ever = 1e-9; // a plan that was never seen to fail is still a plan

void offer(Cluster& cluster, const FailingPlan& plan)
{
    const bool same = cluster.best && cluster.best->plan == plan.plan;
    if (!cluster.best || same || plan.effort() < cluster.best->effort()) cluster.best = plan;
}

} // namespace

double FailingPlan::effort() const
{
    return std::max(elements, 1U) / std::max(wilson_interval(failed, played).low, hardly_ever);
}

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
        const bool known = cluster->best && cluster->best->plan == plan.plan;
        if (!known) offer(*cluster, plan); // what replays have shown of a plan is more than one failure
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
