#include "reports/coverage_heat_map.hpp"

#include "reports/clean_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace wsrace {

namespace {

using Json = nlohmann::ordered_json;

constexpr int format_version = 1;
constexpr std::size_t columns = 3;
constexpr std::size_t label_width = 25;

std::string executions_of(const CoverageTable& table)
{
    return fmt::format("{} execution{}", grouped(table.executions), table.executions == 1 ? "" : "s");
}

// By powers of ten: in how many executions a cell was hit.
char mark(std::uint32_t hits)
{
    if (hits == 0) return '.';
    if (hits < 10) return '-';
    return hits < 100 ? '+' : '#';
}

std::string_view short_name(StepType type)
{
    switch (type) {
    case StepType::first_event: return "first";
    case StepType::later_event: return "later";
    case StepType::terminal_event: return "terminal";
    default: return name(type);
    }
}

std::string_view title(Relation relation)
{
    switch (relation) {
    case Relation::other_user: return "of two users";
    case Relation::same_user: return "of two connections of one user";
    case Relation::target: return "of a connection and of the target";
    }
    return {};
}

std::size_t cells_hit(const PairCoverage& pair)
{
    return static_cast<std::size_t>(
        std::count_if(pair.hits.begin(), pair.hits.end(), [](std::uint32_t hits) { return hits > 0; }));
}

std::string pair_text(const PairCoverage& pair)
{
    auto text = fmt::format("{:<{}}",
                            fmt::format("{} > {}", short_name(pair.pair.first), short_name(pair.pair.second)),
                            label_width);
    for (const auto hits : pair.hits) text += mark(hits);
    return text;
}

// Column by column, so that neighbours in the list stand below each other.
std::string grid(const std::vector<PairCoverage>& pairs)
{
    std::string out;
    const auto rows = (pairs.size() + columns - 1) / columns;
    for (std::size_t row = 0; row < rows; ++row) {
        std::string line;
        for (auto at = row; at < pairs.size(); at += rows) line += "  " + pair_text(pairs[at]);
        out += line + "\n";
    }
    return out;
}

std::string relation_table(const CoverageTable& table, Relation relation, std::size_t most)
{
    std::vector<PairCoverage> pairs;
    std::copy_if(table.pairs.begin(), table.pairs.end(), std::back_inserter(pairs),
                 [relation](const PairCoverage& pair) { return pair.pair.relation == relation; });
    if (pairs.empty()) return {};
    std::size_t hit = 0;
    for (const auto& pair : pairs) hit += cells_hit(pair);
    auto out = fmt::format("\n{}: {} of {} cells\n", title(relation), grouped(hit),
                           grouped(pairs.size() * gap_buckets));
    const auto all = pairs.size();
    if (most > 0 && all > most) {
        std::stable_sort(pairs.begin(), pairs.end(), [](const PairCoverage& a, const PairCoverage& b) {
            return cells_hit(a) > cells_hit(b);
        });
        pairs.resize(most);
        std::sort(pairs.begin(), pairs.end(),
                  [](const PairCoverage& a, const PairCoverage& b) { return a.pair < b.pair; });
    }
    out += grid(pairs);
    if (pairs.size() < all)
        out += fmt::format("  and {} more pairs, with fewer cells hit\n", all - pairs.size());
    return out;
}

std::string legend()
{
    std::array<std::string_view, gap_buckets> gaps{};
    for (std::size_t bucket = 0; bucket < gap_buckets; ++bucket) gaps[bucket] = gap_text(bucket);
    return fmt::format("first step > second step, then one mark for each gap, in ms:\n  {}\n"
                       "executions that hit it: . none, - 1 to 9, + 10 to 99, # 100 and more\n",
                       fmt::join(gaps, "  "));
}

} // namespace

std::string coverage_json(const CoverageTable& table)
{
    auto gaps = Json::array();
    for (std::size_t bucket = 0; bucket < gap_buckets; ++bucket) gaps.push_back(gap_text(bucket));
    const Json head{{"format_version", format_version},
                    {"executions", table.executions},
                    {"since_new", table.since_new},
                    {"plateau_after", table.plateau_after},
                    {"hit", table.hit()},
                    {"feasible", table.feasible()},
                    {"gaps_ms", std::move(gaps)}};
    auto out = head.dump();
    out.pop_back(); // its closing brace
    out += ",\"pairs\":[";
    std::string_view between = "\n";
    for (const auto& pair : table.pairs) {
        const Json row{{"relation", name(pair.pair.relation)},
                       {"first", name(pair.pair.first)},
                       {"second", name(pair.pair.second)},
                       {"hits", pair.hits}};
        out += between;
        out += row.dump();
        between = ",\n";
    }
    return out + "]}\n";
}

std::string coverage_line(const CoverageTable& table)
{
    if (table.feasible() == 0)
        return fmt::format("no pair of steps on two connections in {}", executions_of(table));
    const auto share = 100.0 * static_cast<double>(table.hit()) / static_cast<double>(table.feasible());
    return fmt::format("{} of {} cells ({:.1f} %), {}, {} since the last new cell ({})", grouped(table.hit()),
                       grouped(table.feasible()), share, executions_of(table), grouped(table.since_new),
                       table.is_plateau() ? "a plateau"
                                          : fmt::format("{} are a plateau", table.plateau_after));
}

std::string coverage_heat_map(const CoverageTable& table, std::size_t pairs)
{
    auto out = "Interleavings: " + coverage_line(table) + "\n";
    if (table.pairs.empty()) return out;
    out += legend();
    for (const auto relation : {Relation::other_user, Relation::same_user, Relation::target})
        out += relation_table(table, relation, pairs);
    return out;
}

std::string coverage_markdown(const CoverageTable& table, std::size_t pairs)
{
    return fmt::format("## Interleavings\n\n```\n{}```\n", coverage_heat_map(table, pairs));
}

} // namespace wsrace
