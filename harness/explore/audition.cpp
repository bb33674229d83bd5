#include "explore/audition.hpp"

#include <system_error>
#include <utility>
#include <vector>

namespace wsrace {

namespace {

constexpr std::uint64_t enough_plays = 6; // as many failures: a rate above 61 %, at 95 %
constexpr std::uint64_t most_plays = 24;  // of all plans together
constexpr int most_voids = 2;             // in a row, of one plan

// The plan that may turn out best. Null: there is none that can be played.
const FailingPlan* most_promising(const std::vector<FailingPlan>& plans, std::map<std::string, int>& voids)
{
    const FailingPlan* best = nullptr;
    for (const auto& plan : plans)
        if (voids[plan.plan] < most_voids && (best == nullptr || plan.least_effort() < best->least_effort()))
            best = &plan;
    return best;
}

} // namespace

void audition(Clusters& clusters, const std::string& key,
              const std::function<Played(const FailingPlan&)>& play, const std::function<bool()>& out_of_time)
{
    std::map<std::string, int> voids; // in a row, by plan
    for (std::uint64_t plays = 0; plays < most_plays && !out_of_time(); ++plays) {
        const auto* const cluster = clusters.find(key);
        if (cluster == nullptr || cluster->others.empty()) return;
        auto plans = cluster->others;
        plans.push_back(*cluster->best);
        const auto* const promising = most_promising(plans, voids);
        if (promising == nullptr || promising->played >= enough_plays) return;
        auto plan = *promising;
        const auto played = play(plan);
        if (played == Played::voided) {
            ++voids[plan.plan];
            continue;
        }
        voids[plan.plan] = 0;
        ++plan.played;
        plan.failed += played == Played::failed ? 1 : 0;
        clusters.replayed(key, plan);
    }
}

FolderPlayer::FolderPlayer(const RunInfo& asked, std::filesystem::path folder, std::stop_token stop)
    : asked_{asked}, folder_{std::move(folder)}, stop_{std::move(stop)}
{}

FolderPlayer::~FolderPlayer()
{
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

Played FolderPlayer::ask(const std::filesystem::path& run, const std::string& key)
{
    auto* const candidate = load(run);
    return candidate == nullptr ? Played::voided : candidate->player.ask(candidate->replay.plan, key);
}

FolderPlayer::Candidate* FolderPlayer::load(const std::filesystem::path& run)
{
    const auto [place, is_new] = candidates_.try_emplace(run);
    if (!is_new) return place->second.get();
    auto loaded = load_replay(run, {});
    if (loaded.replay) place->second = std::make_unique<Candidate>(std::move(*loaded.replay), *this);
    return place->second.get();
}

FolderPlayer::Candidate::Candidate(Replay of, const FolderPlayer& by)
    : replay{std::move(of)}, player{replay.scenario, by.asked_, by.folder_, by.stop_}
{}

} // namespace wsrace
