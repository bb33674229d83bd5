#include "explore/found_failures.hpp"

#include "plan/elements.hpp"

#include <system_error>
#include <utility>
#include <vector>

namespace wsrace {

namespace {

namespace fs = std::filesystem;

// Run folders that earlier nights have kept may have been taken away since.
void forget_missing_folders(Clusters& clusters)
{
    auto list = clusters.list();
    for (auto& cluster : list) {
        std::error_code unknown;
        if (cluster.best && !fs::exists(cluster.best->plan, unknown)) cluster.best.reset();
        cluster.others.clear(); // they went when that hunt ended
    }
    clusters = Clusters::from(clusters.executions(), std::move(list));
}

// Another night may begin elsewhere.
FailingPlan from_anywhere(FailingPlan plan)
{
    plan.plan = fs::absolute(plan.plan).string();
    return plan;
}

} // namespace

FoundFailures::FoundFailures(Clusters& remembered, std::string now)
    : remembered_{remembered}, now_{std::move(now)}
{
    forget_missing_folders(remembered_);
}

std::size_t FoundFailures::take(const Plan& plan, const PlayedPlan& played)
{
    const FailingPlan failing{.plan = played.folder.string(),
                              .elements = static_cast<std::uint32_t>(elements(plan).size())};
    const auto fresh = clusters_.add(played.signatures, failing, now_);
    const auto remembered = from_anywhere(failing);
    remembered_.forget(remembered.plan); // an earlier night had the same folder for its results
    remembered_.add(played.signatures, remembered, now_);
    kept_.insert(played.folder);
    keep(true);
    return fresh.size();
}

void FoundFailures::take_none()
{
    clusters_.add({}, {}, now_);
    remembered_.add({}, {}, now_);
}

void FoundFailures::keep_only_the_best()
{
    for (const auto& cluster : clusters_.list()) remember(cluster);
    keep(false);
}

void FoundFailures::remember(const Cluster& cluster)
{
    if (cluster.best) remembered_.replayed(cluster.key, from_anywhere(*cluster.best));
    for (const auto& other : cluster.others) remembered_.replayed(cluster.key, from_anywhere(other));
}

void FoundFailures::keep(bool candidates_too)
{
    std::set<fs::path> wanted;
    for (const auto& cluster : clusters_.list()) {
        if (cluster.best) wanted.insert(cluster.best->plan);
        if (!candidates_too) continue;
        for (const auto& other : cluster.others) wanted.insert(other.plan);
    }
    for (const auto& folder : kept_) {
        std::error_code ignored;
        if (!wanted.contains(folder)) fs::remove_all(folder, ignored);
    }
    kept_ = std::move(wanted);
}

} // namespace wsrace
