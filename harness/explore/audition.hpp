// Of the plans that showed a failure, the one that is worth going on with. Each was seen to fail once, which
// says little of how often it does: a plan that fails in one of five executions costs shrinking five times
// as many plays as one that always fails.
#pragma once

#include "core/history.hpp"
#include "explore/clusters.hpp"
#include "explore/plan_player.hpp"
#include "explore/reproducer_file.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

namespace wsrace {

// Replays the plan of the cluster that may turn out best (FailingPlan::least_effort(); to be optimistic about
// what is not known yet is the principle of UCB, Auer et al. 2002), until that is one that has been played
// often enough, or for too many plays. Nothing is played of a failure with one plan only. Which plan is best
// then is what its replays have shown (FailingPlan::effort()).
void audition(Clusters& clusters, const std::string& key,
              const std::function<Played(const FailingPlan&)>& play,
              const std::function<bool()>& out_of_time);

// Plays plans of run folders.
class FolderPlayer {
public:
    // `asked` must outlive it; runs are made in `folder`, and taken away.
    FolderPlayer(const RunInfo& asked, std::filesystem::path folder, std::stop_token stop);
    ~FolderPlayer();
    FolderPlayer(const FolderPlayer&) = delete;
    FolderPlayer& operator=(const FolderPlayer&) = delete;

    // Void, if there is nothing that can be played. Throws what play_execution() throws.
    Played ask(const std::filesystem::path& run, const std::string& key);

private:
    struct Candidate {
        Candidate(Replay of, const FolderPlayer& by);
        Replay replay;
        PlanPlayer player; // learns how long this plan's failure is to be waited for
    };

    Candidate* load(const std::filesystem::path& run);

    const RunInfo& asked_;
    std::filesystem::path folder_;
    std::stop_token stop_;
    std::map<std::filesystem::path, std::unique_ptr<Candidate>> candidates_; // null: cannot be played
};

} // namespace wsrace
