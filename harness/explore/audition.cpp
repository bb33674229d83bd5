#include "explore/audition.hpp"

#include <system_error>
#include <utility>

namespace wsrace {

namespace {

constexpr std::uint64_t plays_of_the_best = 6; // as many failures: a rate above 61 %, at 95 %
constexpr std::uint64_t most_plays = 24;       // of all plans together

} // namespace

void audition(Clusters& clusters, const std::string& key,
              const std::function<Played(const FailingPlan&)>& play, const std::function<bool()>& out_of_time)
{
    for (std::uint64_t plays = 0; plays < most_plays && !out_of_time(); ++plays) {
        const auto* const cluster = clusters.find(key);
        if (cluster == nullptr || !cluster->best || cluster->others.empty()) return;
        auto plan = *cluster->best;
        if (plan.played >= plays_of_the_best) return;
        const auto played = play(plan);
        if (played == Played::voided) continue;
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
