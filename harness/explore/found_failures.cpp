#include "explore/found_failures.hpp"

#include "plan/elements.hpp"

#include <algorithm>
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

std::vector<std::string> FoundFailures::remembered_runs(std::size_t most) const
{
    std::vector<std::pair<std::uint64_t, std::string>> runs;
    for (const auto& cluster : remembered_.list())
        if (cluster.best) runs.emplace_back(cluster.count, cluster.best->plan);
    std::sort(runs.rbegin(), runs.rend());
    std::vector<std::string> folders;
    for (auto& [count, run] : runs) // one run may be the best of several
        if (folders.size() < most && std::find(folders.begin(), folders.end(), run) == folders.end())
            folders.push_back(std::move(run));
    return folders;
}

std::vector<std::string> FoundFailures::in_order(const std::function<bool(const std::string& key)>& is_race,
                                                 std::size_t most) const
{
    auto list = clusters_.list();
    std::stable_sort(list.begin(), list.end(), [&](const Cluster& a, const Cluster& b) {
        return std::pair{is_race(a.key), a.count} > std::pair{is_race(b.key), b.count};
    });
    std::vector<std::string> keys;
    for (const auto& cluster : list)
        if (keys.size() < most) keys.push_back(cluster.key);
    return keys;
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
