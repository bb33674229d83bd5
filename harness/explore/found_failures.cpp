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
    remembered_.add(played.signatures, from_anywhere(failing), now_);
    kept_.insert(played.folder);
    keep(true);
    return fresh.size();
}

void FoundFailures::take_none()
{
    clusters_.add({}, {}, now_);
    remembered_.add({}, {}, now_);
}

void FoundFailures::choose(FolderPlayer& player, const std::function<bool()>& out_of_time,
                           const std::function<void(const std::string& key)>& told)
{
    std::vector<std::pair<std::uint64_t, std::string>> failures;
    for (const auto& cluster : clusters_.list()) failures.emplace_back(cluster.count, cluster.key);
    std::stable_sort(failures.begin(), failures.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [count, key] : failures) {
        const auto ask = [&, &failure = key](const FailingPlan& plan) {
            told(failure);
            return player.ask(plan.plan, failure);
        };
        audition(clusters_, key, ask, out_of_time);
        remember(*clusters_.find(key));
    }
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
