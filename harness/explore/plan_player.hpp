// Plays plans of one scenario one after the other, or side by side, and says what came of each.
#pragma once

#include "core/history.hpp"
#include "explore/execution.hpp"
#include "explore/signature.hpp"
#include "explore/trials.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

struct PlayedPlan {
    Execution execution;
    std::vector<FailureSignature> signatures; // empty: nothing failed
    Played played = Played::voided;           // also if it was inconclusive: nothing was learned
    Duration took{};
    std::filesystem::path folder; // of the run

    // One of the signatures is this one. A sanitizer's report is shown also where another one explains it.
    bool shows(std::string_view key) const;

    // What it proves of the failure with that key; an empty one: of any. Where something else failed, or
    // could not be judged, what the key's own check says counts: passed if it judged, or, unless it
    // `must_judge`, had nothing to judge, as isolation with one user. Of a plan that has shown the failure it
    // must: that there was nothing to judge is the server's doing then, and no proof that the failure is
    // gone.
    Played says_of(std::string_view key, bool must_judge = false) const;
};

// Service levels are not judged: they are statements about many users.
class PlanPlayer {
public:
    // `scenario` and `asked` must outlive it; run folders are made in `folder`.
    PlanPlayer(const Scenario& scenario, const RunInfo& asked, std::filesystem::path folder,
               std::stop_token stop);

    // Safe to call from several threads. Whoever calls removes the folder, or keeps it. Throws what
    // play_execution() throws; there is no folder then.
    PlayedPlan play(const Plan& plan) { return play(plan, scenario_); }
    PlayedPlan play(const Plan& plan, const Scenario& scenario); // one with other deadlines

    // The same when only the answer counts: the folder goes. An empty key: whether anything failed. Ends soon
    // after something was awaited in vain, since silence takes a deadline, and with all users and requests it
    // would take many. Where that does not show the failure it is played again, to its end; how soon an end
    // is too soon is learned from that.
    Played ask(const Plan& plan, std::string_view key, bool must_judge = false);

    // What failed in the plays that were asked about another failure, and in how many.
    std::map<std::string, std::uint64_t> otherwise() const;

    bool interrupted() const { return stop_.stop_requested(); }
    std::uint64_t plays() const { return plays_; }
    const Scenario& scenario() const { return scenario_; }

private:
    void note_others(const PlayedPlan& played);

    // Ends so long after the first silence; nothing: plays to the end.
    PlayedPlan play(const Plan& plan, const Scenario& scenario, std::optional<Duration> patience);

    const Scenario& scenario_;
    const RunInfo& asked_;
    std::filesystem::path folder_;
    std::stop_token stop_;
    std::atomic<std::uint64_t> plays_ = 0;
    std::atomic<Duration> patience_ = Duration{}; // with silence, until the failure shows
    mutable std::mutex mutex_;                    // for what follows
    std::map<std::string, std::uint64_t> otherwise_;
};

} // namespace wsrace
