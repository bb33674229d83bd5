#include "explore/interleaving_coverage.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <iterator>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>

namespace wsrace {

namespace {

struct Step {
    Instant at{};
    std::uint32_t user = 0;
    std::uint32_t connection = 0; // slot and incarnation
    StepType type = StepType::connect;
};

std::uint64_t key(std::uint32_t user, std::uint16_t slot, std::uint16_t number)
{
    return std::uint64_t{user} << 32U | std::uint64_t{slot} << 16U | number;
}

// Turns events into steps, one after the other.
class StepReader {
public:
    std::optional<StepType> read(const Event& event)
    {
        switch (event.kind) {
        case EventKind::step: return step(event);
        case EventKind::frame: return frame(event);
        case EventKind::end: return StepType::ended;
        case EventKind::life_cycle: return life_cycle(event.life_cycle());
        default: return std::nullopt;
        }
    }

private:
    std::optional<StepType> step(const Event& event)
    {
        const auto slot = key(event.user, event.slot, 0);
        if (event.is_step(StepKind::upgrade_answered)) {
            if (event.outcome == Outcome::ok) opened_.insert(slot);
            const bool answer = event.outcome == Outcome::ok || event.outcome == Outcome::http_status;
            return answer ? std::optional{StepType::answered} : std::nullopt;
        }
        if (event.outcome != Outcome::ok) return std::nullopt;
        switch (event.step()) {
        case StepKind::tcp_connect: return opened_.contains(slot) ? StepType::reopened : StepType::connect;
        case StepKind::upgrade_sent: return StepType::upgrade;
        case StepKind::request_sent: newest_[slot] = event.request; return StepType::request;
        case StepKind::ping_sent: return StepType::ping;
        case StepKind::stop_sent: return StepType::stop;
        case StepKind::drop:
        case StepKind::aborted: return StepType::drop;
        case StepKind::close_sent: return StepType::close;
        default: return std::nullopt;
        }
    }

    // An event without a canary is taken for one of the slot's newest request.
    std::optional<StepType> frame(const Event& event)
    {
        if (event.frame() == FrameType::welcome) {
            const bool first = welcomed_.insert(key(event.user, event.slot, event.incarnation)).second;
            return first ? std::optional{StepType::welcome} : std::nullopt;
        }
        if (!is_run_event(event.frame())) return std::nullopt;
        if (is_terminal_event(event.frame())) return StepType::terminal_event;
        auto request = event.request;
        if (request == no_request) {
            const auto newest = newest_.find(key(event.user, event.slot, 0));
            if (newest != newest_.end()) request = newest->second;
        }
        const bool first = begun_.insert(key(event.user, event.slot, request)).second;
        return first ? StepType::first_event : StepType::later_event;
    }

    static std::optional<StepType> life_cycle(LifeCycle what)
    {
        switch (what) {
        case LifeCycle::spawned: return StepType::spawned;
        case LifeCycle::port_open: return StepType::port_open;
        case LifeCycle::ready: return StepType::ready;
        case LifeCycle::terminating: return StepType::terminating;
        default: return std::nullopt;
        }
    }

    std::unordered_set<std::uint64_t> opened_;   // slots
    std::unordered_set<std::uint64_t> welcomed_; // connections
    std::unordered_set<std::uint64_t> begun_;    // runs
    std::unordered_map<std::uint64_t, std::uint16_t> newest_;
};

// The steps of one type in the order of time, and what has been looked at so far.
struct Column {
    std::vector<Instant> at;
    std::vector<std::uint32_t> who;
    std::vector<std::uint32_t> next_other; // the first place behind it that somebody else holds
    std::array<std::uint32_t, gap_buckets + 1> reached{}; // [k]: how many are at least gap_edges[k] old

    void clear()
    {
        at.clear();
        who.clear();
        reached.fill(0);
    }

    void link()
    {
        next_other.resize(at.size());
        for (auto i = at.size(); i-- > 0;) {
            const bool alike = i + 1 < at.size() && who[i + 1] == who[i];
            next_other[i] = alike ? next_other[i + 1] : static_cast<std::uint32_t>(i + 1);
        }
    }

    void advance(Instant now)
    {
        for (std::size_t edge = 1; edge <= gap_buckets; ++edge)
            while (reached[edge] < reached[0] && at[reached[edge]] <= now - gap_edges[edge]) ++reached[edge];
    }

    // Whether somebody else did it with a gap of this bucket.
    bool holds_other(std::size_t bucket, std::uint32_t than) const
    {
        const auto oldest = reached[bucket + 1];
        const auto end = reached[bucket];
        return oldest < end && (who[oldest] != than || next_other[oldest] < end);
    }

    bool has_other(std::uint32_t than) const
    {
        return !at.empty() && (who.front() != than || next_other.front() < at.size());
    }
};

class Collector {
public:
    Collector()
    {
        first_.fill(Instant::max());
        last_.fill(Instant::min());
    }

    // Steps in the order of time; `who` tells those apart who are compared.
    template <typename Who>
    void pairs_of(std::span<const Step> steps, Relation relation, Who who)
    {
        for (auto& column : columns_) column.clear();
        for (const Step& step : steps) {
            auto& column = columns_[static_cast<std::size_t>(step.type)];
            column.at.push_back(step.at);
            column.who.push_back(who(step));
        }
        for (auto& column : columns_) column.link();
        feasible(relation);
        for (const Step& step : steps) {
            compare(step, who(step), relation);
            ++columns_[static_cast<std::size_t>(step.type)].reached[0];
        }
    }

    // The few steps of the target with all others that are near.
    void pairs_with_target(std::span<const Step> target, std::span<const Step> steps)
    {
        for (const Step& anchor : target) {
            for (std::size_t type = 0; type < step_types; ++type) {
                if (first_[type] < anchor.at)
                    add_pair({Relation::target, static_cast<StepType>(type), anchor.type});
                if (last_[type] >= anchor.at)
                    add_pair({Relation::target, anchor.type, static_cast<StepType>(type)});
            }
            const auto from = anchor.at - gap_edges.back();
            auto near = std::lower_bound(steps.begin(), steps.end(), from,
                                         [](const Step& step, Instant at) { return step.at < at; });
            for (; near != steps.end() && near->at - anchor.at < gap_edges.back(); ++near) {
                const bool before = near->at < anchor.at;
                const auto bucket = gap_bucket(before ? anchor.at - near->at : near->at - anchor.at);
                if (!bucket) continue;
                const auto first = before ? near->type : anchor.type;
                const auto second = before ? anchor.type : near->type;
                cells_.set(cell_number({Relation::target, first, second}, *bucket));
            }
        }
    }

    void note(const Step& step)
    {
        auto& first = first_[static_cast<std::size_t>(step.type)];
        first = std::min(first, step.at);
        auto& last = last_[static_cast<std::size_t>(step.type)];
        last = std::max(last, step.at);
    }

    Interleavings result() const { return {.cells = numbers(cells_), .pairs = numbers(pairs_)}; }

private:
    void compare(const Step& step, std::uint32_t who, Relation relation)
    {
        for (std::size_t type = 0; type < step_types; ++type) {
            auto& column = columns_[type];
            if (column.reached[0] == 0) continue;
            column.advance(step.at);
            const auto first = cell_number({relation, static_cast<StepType>(type), step.type}, 0);
            for (std::size_t bucket = 0; bucket < gap_buckets; ++bucket)
                if (!cells_[first + bucket] && column.holds_other(bucket, who)) cells_.set(first + bucket);
        }
    }

    void feasible(Relation relation)
    {
        for (std::size_t a = 0; a < step_types; ++a) {
            if (columns_[a].at.empty()) continue;
            for (std::size_t b = a; b < step_types; ++b) {
                const bool two = columns_[b].has_other(columns_[a].who.front()) ||
                                 (!columns_[b].at.empty() && columns_[a].has_other(columns_[b].who.front()));
                if (!two) continue;
                add_pair({relation, static_cast<StepType>(a), static_cast<StepType>(b)});
                add_pair({relation, static_cast<StepType>(b), static_cast<StepType>(a)});
            }
        }
    }

    void add_pair(const StepPair& pair) { pairs_.set(pair_number(pair)); }

    template <std::size_t n>
    static std::vector<std::uint16_t> numbers(const std::bitset<n>& set)
    {
        std::vector<std::uint16_t> out;
        for (std::size_t i = 0; i < n; ++i)
            if (set[i]) out.push_back(static_cast<std::uint16_t>(i));
        return out;
    }

    std::array<Column, step_types> columns_;
    std::array<Instant, step_types> first_{}; // of connections: when each type was first and last done
    std::array<Instant, step_types> last_{};
    std::bitset<interleaving_cells> cells_;
    std::bitset<step_pairs> pairs_;
};

std::vector<Step> steps_of(const History& history)
{
    StepReader reader;
    std::vector<Step> steps;
    for (const Event& event : history.events) {
        const auto type = reader.read(event);
        if (!type || (event.user == no_user && !is_of_target(*type))) continue;
        const auto connection = std::uint32_t{event.slot} << 16U | event.incarnation;
        steps.push_back({.at = event.at, .user = event.user, .connection = connection, .type = *type});
    }
    return steps;
}

} // namespace

Interleavings cells_of(const History& history)
{
    auto steps = steps_of(history);
    const auto of_target = [](const Step& step) { return is_of_target(step.type); };
    std::vector<Step> target;
    std::copy_if(steps.begin(), steps.end(), std::back_inserter(target), of_target);
    steps.erase(std::remove_if(steps.begin(), steps.end(), of_target), steps.end());

    Collector collector;
    for (const Step& step : steps) collector.note(step);
    collector.pairs_with_target(target, steps);
    collector.pairs_of(steps, Relation::other_user, [](const Step& step) { return step.user; });
    std::stable_sort(steps.begin(), steps.end(),
                     [](const Step& a, const Step& b) { return a.user < b.user; });
    for (auto begin = steps.begin(); begin != steps.end();) {
        const auto user = begin->user;
        const auto end =
            std::find_if(begin, steps.end(), [user](const Step& step) { return step.user != user; });
        const bool several = std::any_of(
            begin, end, [begin](const Step& step) { return step.connection != begin->connection; });
        if (several)
            collector.pairs_of({begin, end}, Relation::same_user,
                               [](const Step& step) { return step.connection; });
        begin = end;
    }
    return collector.result();
}

} // namespace wsrace
