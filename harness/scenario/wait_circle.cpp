#include "scenario/wait_circle.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace wsrace {
namespace {

constexpr int by_journey = 0; // else the number of a constraint from 1, or minus that of a gate

struct Edge {
    std::uint32_t from = 0;
    int cause = by_journey;
};

class WaitOrder {
public:
    explicit WaitOrder(const Waits& waits) : waits_{waits}
    {
        for (const auto& constraint : waits.constraints) {
            places_.push_back(constraint.step);
            places_.push_back(constraint.after);
        }
        for (const auto& group : waits.groups)
            places_.insert(places_.end(), group.members.begin(), group.members.end());
        std::sort(places_.begin(), places_.end());
        places_.erase(std::unique(places_.begin(), places_.end()), places_.end());
        before_.resize(places_.size());
        link();
    }

    std::optional<CircularWait> circle() const
    {
        const auto stuck = never_reached();
        const auto first = std::find(stuck.begin(), stuck.end(), true);
        if (first == stuck.end()) return std::nullopt;
        return describe(walk_back(stuck, static_cast<std::uint32_t>(first - stuck.begin())));
    }

private:
    using Edges = std::vector<std::pair<std::uint32_t, Edge>>; // whom it leads to, and where it comes from

    std::uint32_t index_of(const WaitPlace& place) const
    {
        return static_cast<std::uint32_t>(std::lower_bound(places_.begin(), places_.end(), place) -
                                          places_.begin());
    }

    bool follows(std::uint32_t place) const
    {
        return place > 0 && places_[place].user == places_[place - 1].user &&
               places_[place].slot == places_[place - 1].slot;
    }

    void link()
    {
        for (std::uint32_t place = 0; place < places_.size(); ++place)
            if (follows(place)) before_[place].push_back({.from = place - 1, .cause = by_journey});
        for (const auto& constraint : waits_.constraints)
            before_[index_of(constraint.step)].push_back(
                {.from = index_of(constraint.after), .cause = static_cast<int>(constraint.number) + 1});
        for (const auto& group : waits_.groups) link(group);
    }

    void link(const Waits::Group& group)
    {
        before_.emplace_back(); // its opening
        const auto opening = static_cast<std::uint32_t>(before_.size() - 1);
        const auto cause = -static_cast<int>(group.number) - 1;
        for (const auto& member : group.members) {
            const auto place = index_of(member);
            before_[place].push_back({.from = opening, .cause = cause});
            if (follows(place)) before_[opening].push_back({.from = place - 1, .cause = by_journey});
        }
    }

    std::vector<bool> never_reached() const
    {
        std::vector<std::vector<std::uint32_t>> next(before_.size());
        std::vector<std::size_t> open(before_.size());
        std::vector<std::uint32_t> ready;
        for (std::uint32_t place = 0; place < before_.size(); ++place) {
            open[place] = before_[place].size();
            if (open[place] == 0) ready.push_back(place);
            for (const auto& edge : before_[place]) next[edge.from].push_back(place);
        }
        std::vector<bool> stuck(before_.size(), true);
        while (!ready.empty()) {
            const auto place = ready.back();
            ready.pop_back();
            stuck[place] = false;
            for (const auto after : next[place])
                if (--open[after] == 0) ready.push_back(after);
        }
        return stuck;
    }

    // Back and back among those that are never reached, until one comes again.
    Edges walk_back(const std::vector<bool>& stuck, std::uint32_t place) const
    {
        Edges path;
        std::vector<std::uint32_t> seen_at(before_.size(), 0);
        while (seen_at[place] == 0) {
            const auto edge = std::find_if(before_[place].begin(), before_[place].end(),
                                           [&](const Edge& one) { return stuck[one.from]; });
            path.emplace_back(place, *edge);
            seen_at[place] = static_cast<std::uint32_t>(path.size());
            place = edge->from;
        }
        path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(seen_at[place]) - 1);
        return path;
    }

    CircularWait describe(const Edges& circle) const
    {
        constexpr std::size_t most_named = 6;
        std::set<int> causes;
        std::set<std::uint32_t> users;
        for (const auto& [place, edge] : circle) {
            if (edge.cause != by_journey) causes.insert(edge.cause);
            if (place < places_.size()) users.insert(places_[place].user);
        }
        std::vector<std::string> ways;
        for (const auto cause : causes)
            ways.push_back(cause > 0 ? fmt::format("constraint {}", cause - 1)
                                     : fmt::format("gate {}", -cause - 1));
        std::vector<std::string> names;
        for (const auto user : users)
            if (names.size() < most_named) names.push_back(fmt::format("user {}", user));
        const auto number = *causes.rbegin();
        return {.is_gate = number < 0,
                .number = static_cast<std::size_t>(number < 0 ? -number : number) - 1,
                .text = fmt::format(
                    "can never be kept: what it waits for waits for it in turn, by way of {} and the "
                    "order of steps in the journey ({})",
                    fmt::join(ways, ", "), fmt::join(names, ", "))};
    }

    const Waits& waits_;
    std::vector<WaitPlace> places_;
    std::vector<std::vector<Edge>> before_; // of each place, then of each opening of a gate
};

} // namespace

std::uint32_t wait_rank(const std::vector<StepSpec>& journey, const Moment& moment, std::uint16_t step)
{
    if (moment.kind != Moment::Kind::ended) return Moment::rank(step, moment.kind);
    std::uint32_t end = step;
    while (end < journey.size() && journey[end].action != Action::drop &&
           journey[end].action != Action::close)
        ++end;
    return Moment::rank(end, moment.kind);
}

std::optional<CircularWait> circular_wait(const Waits& waits)
{
    if (waits.groups.empty() && waits.constraints.empty()) return std::nullopt;
    return WaitOrder{waits}.circle();
}

} // namespace wsrace
