#include "explore/hunt_memory.hpp"

#include "explore/durable_file.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <system_error>

namespace wsrace {

namespace {

using Json = nlohmann::ordered_json;

Json coverage_json(const CoverageTable& table)
{
    auto pairs = Json::array();
    for (const auto& row : table.pairs)
        pairs.push_back({{"relation", name(row.pair.relation)},
                         {"first", name(row.pair.first)},
                         {"second", name(row.pair.second)},
                         {"hits", row.hits}});
    return {{"executions", table.executions}, {"since_new", table.since_new}, {"pairs", std::move(pairs)}};
}

Json bandit_json(const BanditState& bandit)
{
    auto arms = Json::array();
    for (const auto& arm : bandit.arms)
        arms.push_back({{"name", arm.name},
                        {"rewards", arm.rewards},
                        {"efforts", arm.efforts},
                        {"picks", arm.picks},
                        {"last_pick", arm.last_pick}});
    return {{"picks", bandit.picks}, {"mean_cost_s", bandit.mean_cost_s}, {"arms", std::move(arms)}};
}

Json cluster_json(const Cluster& cluster)
{
    Json json{{"key", cluster.key},
              {"count", cluster.count},
              {"first_execution", cluster.first_execution},
              {"first_seen", cluster.first_seen},
              {"details", cluster.details},
              {"also_seen", cluster.also_seen}};
    if (!cluster.best) return json;
    const auto& best = *cluster.best;
    json["best_plan"] = {
        {"plan", best.plan}, {"elements", best.elements}, {"failed", best.failed}, {"played", best.played}};
    return json;
}

Json clusters_json(const Clusters& clusters)
{
    auto list = Json::array();
    for (const auto& cluster : clusters.list()) list.push_back(cluster_json(cluster));
    return {{"executions", clusters.executions()}, {"list", std::move(list)}};
}

Json latencies_json(const NearMisses& near_misses)
{
    auto json = Json::object();
    for (const auto& [reply, baseline] : near_misses.latencies) json[reply] = baseline.counts();
    return json;
}

} // namespace

std::string hunt_memory_json(const HuntMemory& memory)
{
    const Json json{{"format_version", hunt_memory_version},
                    {"scenario", memory.scenario},
                    {"scenario_digest", memory.scenario_digest},
                    {"updated", memory.updated},
                    {"nights", memory.nights},
                    {"coverage", coverage_json(memory.coverage.table())},
                    {"bandit", bandit_json(memory.bandit)},
                    {"clusters", clusters_json(memory.clusters)},
                    {"novelties", memory.near_misses.known},
                    {"latencies", latencies_json(memory.near_misses)}};
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void save_hunt_memory(const std::filesystem::path& file, const HuntMemory& memory)
{
    write_durably(file, hunt_memory_json(memory));
}

LoadedHuntMemory load_hunt_memory(const std::filesystem::path& file, const std::string& scenario,
                                  const std::string& scenario_digest)
{
    std::error_code error;
    if (!std::filesystem::exists(file, error)) {
        HuntMemory fresh;
        fresh.scenario = scenario;
        fresh.scenario_digest = scenario_digest;
        if (!error) return {.memory = std::move(fresh), .problems = {}};
        return {.memory = {}, .problems = {{file.string(), "$", "cannot be looked up: " + error.message()}}};
    }
    const auto unreadable = [&file](const char* why) {
        return LoadedHuntMemory{.memory = {}, .problems = {{file.string(), "$", why}}};
    };
    if (!std::filesystem::is_regular_file(file, error))
        return unreadable("is no file; expected the memory of a hunt");
    std::ifstream in{file, std::ios::binary};
    if (!in) return unreadable("cannot be opened; expected the memory of a hunt");
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (in.bad()) return unreadable("cannot be read; expected the memory of a hunt");
    return read_hunt_memory(text, file.string(), scenario_digest);
}

} // namespace wsrace
