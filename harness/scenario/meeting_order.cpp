#include "scenario/meeting_order.hpp"

#include "scenario/meetings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <compare>
#include <set>

namespace wsrace {
namespace {

// A moment of one connection. A connection gets to its moments in the order of their ranks.
struct Place {
    std::uint32_t user = 0;
    std::uint16_t slot = 0;
    std::uint32_t rank = 0;
    auto operator<=>(const Place&) const = default;
};

constexpr int by_journey = 0; // else the number of a constraint from 1, or minus that of a gate

struct Edge {
    std::uint32_t from = 0;
    int cause = by_journey;
};

// What is certain to have come before: the end of a connection only by its own close or drop, since nobody
// knows whether the target ends it.
std::uint32_t rank_of(const std::vector<StepSpec>& journey, const Moment& moment, std::uint16_t step)
{
    if (moment.kind != Moment::Kind::ended) return Moment::rank(step, moment.kind);
    std::uint32_t end = step;
    while (end < journey.size() && journey[end].action != Action::drop &&
           journey[end].action != Action::close)
        ++end;
    return Moment::rank(end, moment.kind);
}

class Waits {
public:
    explicit Waits(const Scenario& scenario) : scenario_{scenario}
    {
        for_constraints([this](int, const Place& step, const Place& after) {
            places_.push_back(step);
            places_.push_back(after);
        });
        for_gates([this](std::size_t, std::uint32_t, const Place& member) { places_.push_back(member); });
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

    template <typename Take>
    void for_constraints(Take take) const
    {
        for (std::size_t number = 0; number < scenario_.constraints.size(); ++number) {
            const auto& constraint = scenario_.constraints[number];
            for (const auto& bound : bound_users(constraint, scenario_.users))
                take(static_cast<int>(number) + 1, place_of(constraint.step, bound.step),
                     place_of(constraint.after, bound.after));
        }
    }

    template <typename Take>
    void for_gates(Take take) const
    {
        for (std::size_t number = 0; number < scenario_.gates.size(); ++number) {
            const auto& gate = scenario_.gates[number];
            const auto size = gate.share < 1.0 ? 0 : gate.size; // else the groups depend on the seed
            std::uint32_t members = 0;
            for (std::uint32_t user = 0; user < scenario_.users; ++user)
                for (std::uint16_t slot = 0; slot < scenario_.connections; ++slot) {
                    const auto& journey = scenario_.journeys[slot % scenario_.journeys.size()];
                    const auto step = place_in(journey, gate.at, gate.occurrence);
                    if (!step) continue;
                    const auto group = size == 0 ? 0 : members / size;
                    ++members;
                    take(number, group, Place{user, slot, rank_of(journey, gate.at, *step)});
                }
        }
    }

    Place place_of(const ConstraintEnd& end, std::uint32_t user) const
    {
        const auto& journey = scenario_.journeys[end.connection % scenario_.journeys.size()];
        const auto step = place_in(journey, end.at, end.occurrence).value_or(0);
        return {user, end.connection, rank_of(journey, end.at, step)};
    }

    std::uint32_t index_of(const Place& place) const
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
        for_constraints([this](int cause, const Place& step, const Place& after) {
            before_[index_of(step)].push_back({.from = index_of(after), .cause = cause});
        });
        std::pair<std::size_t, std::uint32_t> current{scenario_.gates.size(), 0};
        for_gates([&](std::size_t number, std::uint32_t group, const Place& member) {
            if (current != std::pair{number, group}) before_.emplace_back(); // the opening of this group
            current = {number, group};
            const auto opening = static_cast<std::uint32_t>(before_.size() - 1);
            const auto cause = -static_cast<int>(number) - 1;
            const auto place = index_of(member);
            before_[place].push_back({.from = opening, .cause = cause});
            if (follows(place)) before_[opening].push_back({.from = place - 1, .cause = by_journey});
        });
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

    const Scenario& scenario_;
    std::vector<Place> places_;
    std::vector<std::vector<Edge>> before_; // of each place, then of each opening of a gate
};

} // namespace

std::optional<CircularWait> circular_wait(const Scenario& scenario)
{
    if (scenario.gates.empty() && scenario.constraints.empty()) return std::nullopt;
    return Waits{scenario}.circle();
}

} // namespace wsrace
