// A hunt's memory, read strictly: what another version wrote, or somebody's editor broke, is not guessed at.
#include "explore/hunt_memory.hpp"
#include "scenario/json_node.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <limits>

namespace wsrace {

namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

template <typename Integer>
void need_count(JsonObject& object, std::string_view field, Integer& out, std::int64_t least = 0)
{
    const auto limit = std::numeric_limits<Integer>::digits < 63
                           ? static_cast<std::int64_t>(std::numeric_limits<Integer>::max())
                           : most;
    const auto node = object.require(field, "a whole number");
    const auto number = node ? node->integer(least, limit) : std::nullopt;
    if (number) out = static_cast<Integer>(*number);
}

void need_number(JsonObject& object, std::string_view field, double& out)
{
    const auto node = object.require(field, "a number");
    const auto number = node ? node->number(0, 1e15) : std::nullopt;
    if (number) out = *number;
}

void need_text(JsonObject& object, std::string_view field, std::string& out)
{
    const auto node = object.require(field, "a string");
    const auto text = node ? node->text() : std::nullopt;
    if (text) out = *text;
}

std::vector<JsonNode> need_list(JsonObject& object, std::string_view field, std::string_view what)
{
    const auto node = object.require(field, fmt::format("a list of {}", what));
    return node ? node->items(what) : std::vector<JsonNode>{};
}

template <typename Count, std::size_t n>
void read_counts(const JsonNode& node, std::array<Count, n>& out)
{
    const auto items = node.items("counts");
    if (items.size() != n && node.value().is_array())
        node.mistake(fmt::format("expected {} counts, found {}", n, items.size()));
    const auto limit = std::numeric_limits<Count>::digits < 63
                           ? static_cast<std::int64_t>(std::numeric_limits<Count>::max())
                           : std::int64_t{1} << 50; // so that their sum is a number, too
    for (std::size_t i = 0; i < n && i < items.size(); ++i)
        if (const auto count = items[i].integer(0, limit)) out[i] = static_cast<Count>(*count);
}

// An enumerator by its name, as name() writes it.
template <typename Enum>
void need_name(JsonObject& object, std::string_view field, std::size_t count, std::string_view kind,
               Enum& out)
{
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < count; ++i) names.push_back(name(static_cast<Enum>(i)));
    const auto node = object.require(field, kind);
    const auto place = node ? node->place_among(names, kind) : std::nullopt;
    if (place) out = static_cast<Enum>(*place);
}

CoverageMap read_coverage(const JsonNode& node)
{
    JsonObject object(node, "interleaving coverage");
    CoverageTable table;
    need_count(object, "executions", table.executions);
    need_count(object, "since_new", table.since_new);
    std::set<StepPair> seen;
    for (const auto& item : need_list(object, "pairs", "pairs of steps")) {
        JsonObject row(item, "a pair of steps");
        PairCoverage pair;
        need_name(row, "relation", relations, "relation", pair.pair.relation);
        need_name(row, "first", step_types, "step type", pair.pair.first);
        need_name(row, "second", step_types, "step type", pair.pair.second);
        if (const auto hits = row.require("hits", "how many executions hit each bucket"))
            read_counts(*hits, pair.hits);
        row.reject_unknown();
        if (!seen.insert(pair.pair).second && item.mistakes().problems().empty())
            item.mistake("this pair stands twice");
        table.pairs.push_back(pair);
    }
    object.reject_unknown();
    return CoverageMap::from(table);
}

BanditState read_bandit(const JsonNode& node)
{
    JsonObject object(node, "what the strategies are worth");
    BanditState bandit;
    need_count(object, "picks", bandit.picks);
    need_number(object, "mean_cost_s", bandit.mean_cost_s);
    for (const auto& item : need_list(object, "arms", "strategies")) {
        JsonObject arm(item, "a strategy");
        auto& read = bandit.arms.emplace_back();
        need_text(arm, "name", read.name);
        need_number(arm, "rewards", read.rewards);
        need_number(arm, "efforts", read.efforts);
        need_count(arm, "picks", read.picks);
        need_count(arm, "last_pick", read.last_pick);
        if (read.last_pick > bandit.picks)
            item.mistake(fmt::format("was last picked at {}, after the last of {} picks", read.last_pick,
                                     bandit.picks));
        arm.reject_unknown();
    }
    object.reject_unknown();
    return bandit;
}

std::optional<FailingPlan> read_plan(JsonObject& cluster)
{
    const auto node = cluster.find("best_plan");
    if (!node) return std::nullopt;
    JsonObject object(*node, "a plan that failed");
    FailingPlan plan;
    need_text(object, "plan", plan.plan);
    need_count(object, "elements", plan.elements);
    need_count(object, "played", plan.played);
    need_count(object, "failed", plan.failed);
    if (plan.failed > plan.played)
        node->mistake(fmt::format("failed {} times, but was played {} times only", plan.failed, plan.played));
    object.reject_unknown();
    return plan;
}

Cluster read_cluster(const JsonNode& node)
{
    JsonObject object(node, "a cluster of failures");
    Cluster cluster;
    need_text(object, "key", cluster.key);
    need_count(object, "count", cluster.count, 1);
    need_count(object, "first_execution", cluster.first_execution, 1);
    need_text(object, "first_seen", cluster.first_seen);
    for (const auto& item : need_list(object, "details", "signatures"))
        if (const auto text = item.text()) cluster.details.insert(*text);
    if (const auto also = object.require("also_seen", "an object of counts")) {
        JsonObject counts(*also, "what else was seen, with counts");
        for (const auto& [symptom, count] : counts.members())
            if (const auto number = count.integer(1, most))
                cluster.also_seen[symptom] = static_cast<std::uint64_t>(*number);
    }
    cluster.best = read_plan(object);
    object.reject_unknown();
    return cluster;
}

Clusters read_clusters(const JsonNode& node)
{
    JsonObject object(node, "clusters of failures");
    std::uint64_t executions = 0;
    need_count(object, "executions", executions);
    std::vector<Cluster> list;
    std::set<std::string> keys;
    for (const auto& item : need_list(object, "list", "clusters")) {
        list.push_back(read_cluster(item));
        if (!keys.insert(list.back().key).second) item.mistake("this cluster stands twice");
    }
    object.reject_unknown();
    return Clusters::from(executions, std::move(list));
}

void read_near_misses(JsonObject& root, NearMisses& out)
{
    for (const auto& item : need_list(root, "novelties", "novelty keys"))
        if (const auto key = item.text()) out.known.insert(*key);
    const auto node = root.require("latencies", "an object of histograms");
    if (!node) return;
    JsonObject latencies(*node, "how long replies took");
    for (const auto& [reply, counts] : latencies.members()) {
        LatencyBaseline::Counts read{};
        read_counts(counts, read);
        out.latencies[reply] = LatencyBaseline::from(read);
    }
}

// Whether the rest can be read at all: it is of this version, and of this scenario.
bool is_ours(JsonObject& root, const std::string& scenario_digest, HuntMemory& memory)
{
    std::int64_t version = 0;
    need_count(root, "format_version", version, 1);
    if (!root.valid() || version == 0) return false;
    if (version != hunt_memory_version) {
        root.node().mistake(
            fmt::format("this memory has format_version {}, this wsrace reads {}; delete the file "
                        "to begin anew, or use the wsrace that wrote it",
                        version, hunt_memory_version));
        return false;
    }
    need_text(root, "scenario", memory.scenario);
    need_text(root, "scenario_digest", memory.scenario_digest);
    if (!root.node().mistakes().problems().empty()) return false;
    if (memory.scenario_digest == scenario_digest) return true;
    root.node().mistake(fmt::format(
        "this memory is of the scenario \"{}\" with the digest {:.12}, expected {:.12} (its target and what "
        "--server, --target and --set say are part of that): what was learned there does not hold here; name "
        "another file for this scenario, or delete this one to begin anew",
        memory.scenario, memory.scenario_digest, scenario_digest));
    return false;
}

} // namespace

LoadedHuntMemory read_hunt_memory(std::string_view text, const std::string& file,
                                  const std::string& scenario_digest)
{
    LoadedHuntMemory loaded;
    Mistakes mistakes(file, loaded.problems);
    const auto json = parse_strict_json(text, mistakes);
    if (!json) return loaded;
    JsonObject root(JsonNode(*json, "$", mistakes), "the memory of a hunt");
    HuntMemory memory;
    if (!is_ours(root, scenario_digest, memory)) return loaded;
    need_text(root, "updated", memory.updated);
    need_count(root, "nights", memory.nights);
    if (const auto node = root.require("coverage", "interleaving coverage"))
        memory.coverage = read_coverage(*node);
    if (const auto node = root.require("bandit", "what the strategies are worth"))
        memory.bandit = read_bandit(*node);
    if (const auto node = root.require("clusters", "clusters of failures"))
        memory.clusters = read_clusters(*node);
    read_near_misses(root, memory.near_misses);
    root.reject_unknown();
    if (loaded.problems.empty()) loaded.memory = std::move(memory);
    return loaded;
}

} // namespace wsrace
