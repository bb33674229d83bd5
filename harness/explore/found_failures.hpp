// What a hunt has found: failures by their signature, and the run folders of plans that showed them.
#pragma once

#include "explore/audition.hpp"
#include "explore/clusters.hpp"
#include "explore/plan_player.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace wsrace {

class FoundFailures {
public:
    // `remembered`: of earlier nights, to which this one adds; it must outlive this. What it says of run
    // folders that are gone is forgotten. `now` is written beside what is new.
    FoundFailures(Clusters& remembered, std::string now);

    // An execution that failed: how many of its signatures are new. Of each failure the folders of a few
    // plans stay, those of the others go.
    std::size_t take(const Plan& plan, const PlayedPlan& played);
    void take_none(); // an execution that did not, so that the first one that did is known by its number

    // Run folders of earlier nights: the best plans of the failures that were seen most often, at most so
    // many.
    std::vector<std::string> remembered_runs(std::size_t most) const;

    // Failures of this hunt, races first, those that were seen most often; at most so many.
    std::vector<std::string> in_order(const std::function<bool(const std::string& key)>& is_race,
                                      std::size_t most) const;

    // Replays plans of the failure, if it has several.
    void choose(const std::string& key, const std::function<Played(const FailingPlan&)>& play,
                const std::function<bool()>& out_of_time)
    {
        audition(clusters_, key, play, out_of_time);
    }

    // Of each failure the folder of the best plan, and no other; what the replays have shown is remembered.
    void keep_only_the_best();

    const Clusters& clusters() const { return clusters_; }

private:
    void keep(bool candidates_too);
    void remember(const Cluster& cluster);

    Clusters& remembered_;
    std::string now_;
    Clusters clusters_; // of this hunt
    std::set<std::filesystem::path> kept_;
};

} // namespace wsrace
