#include "plan/casting.hpp"
#include "plan/elements.hpp"
#include "plan/ingress_settings.hpp"
#include "plan/meeting_numbers.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace wsrace {

namespace {

using Kind = Element::Kind;
using Journey = std::vector<StepSpec>;
using Journeys = std::vector<Journey>;

constexpr std::size_t ordinary = 0;

// What goes, by the plan's own lists.
struct Removed {
    std::set<std::size_t> users, plain, at_once; // gone; without their behaviour; arriving at once
    std::set<std::pair<std::size_t, std::size_t>> connections, delays, members;
    std::set<std::size_t> gates, constraints, life_cycle, dependency_faults, link_faults, ingress;

    void add(const Element& element)
    {
        const std::pair place{element.index, element.part};
        switch (element.kind) {
        case Kind::user: users.insert(element.index); return;
        case Kind::connection: connections.insert(place); return;
        case Kind::behaviour: plain.insert(element.index); return;
        case Kind::arrival: at_once.insert(element.index); return;
        case Kind::delay: delays.insert(place); return;
        case Kind::gate: gates.insert(element.index); return;
        case Kind::gate_member: members.insert(place); return;
        case Kind::constraint: constraints.insert(element.index); return;
        case Kind::life_cycle: life_cycle.insert(element.index); return;
        case Kind::dependency_fault: dependency_faults.insert(element.index); return;
        case Kind::link_fault: link_faults.insert(element.index); return;
        case Kind::ingress: ingress.insert(element.index); return;
        }
    }
};

Removed what_goes(const Plan& plan, const std::vector<bool>& keep)
{
    const auto all = elements(plan);
    std::vector<bool> stays(all.size(), true);
    Removed removed;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& parents = all[i].parents;
        const auto orphaned =
            std::any_of(parents.begin(), parents.end(), [&](std::size_t parent) { return !stays[parent]; });
        stays[i] = (i >= keep.size() || keep[i]) && !orphaned;
        if (!stays[i]) removed.add(all[i]);
    }
    return removed;
}

template <typename T>
void erase_at(std::vector<T>& list, const std::set<std::size_t>& places)
{
    for (auto place = places.rbegin(); place != places.rend(); ++place)
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(*place));
}

// The place in the ordinary journey of the step that is the same one of its kind.
std::optional<std::uint16_t> same_step(const Journey& from, std::uint16_t step, const Journey& to)
{
    const auto action = from[step].action;
    const auto is_one = [action](const StepSpec& one) { return one.action == action; };
    auto left = std::count_if(from.begin(), from.begin() + step + 1, is_one);
    for (std::size_t i = 0; i < to.size(); ++i)
        if (is_one(to[i]) && --left == 0) return static_cast<std::uint16_t>(i);
    return std::nullopt;
}

// Journeys for each connection of each user, as they are to be; put back into roles at the end.
class Cutting {
public:
    Cutting(const Plan& from, const std::vector<bool>& keep)
        : from_{from}, removed_{what_goes(from, keep)}, plan_{from}
    {}

    Plan cut() &&
    {
        for (std::size_t i = 0; i < from_.users.size(); ++i) cut_user(i);
        cut_meetings();
        cut_target();
        cut_roles();
        erase_at(plan_.users, removed_.users);
        tidy_meetings(plan_);
        return std::move(plan_);
    }

private:
    bool is_plain(std::size_t user) const { return removed_.plain.contains(user); }
    bool is_gone(std::size_t user, std::uint16_t slot) const // of its role; the ordinary one comes whole
    {
        return !is_plain(user) && removed_.connections.contains({user, slot});
    }

    void cut_user(std::size_t index)
    {
        auto& user = plan_.users[index];
        std::vector<PlannedDelay> delays;
        for (std::size_t i = 0; i < user.delays.size(); ++i)
            if (!removed_.delays.contains({index, i})) delays.push_back(user.delays[i]);
        if (is_plain(index)) delays = ordinary_pauses();
        user.delays = std::move(delays);
        if (removed_.at_once.contains(index)) user.arrival = Duration{};
        if (!is_plain(index)) return;
        user.role = ordinary;
        if (!user.other && ordinary_names_other()) user.other = somebody_else(user.id);
    }

    bool ordinary_names_other() const
    {
        const auto& role = from_.roles[ordinary];
        const auto first = from_.journeys.begin() + static_cast<std::ptrdiff_t>(role.first_journey);
        return names_other({first, first + static_cast<std::ptrdiff_t>(role.journeys)});
    }

    // For {other_user}, of somebody whose own role named nobody: the first ordinary user, else anybody.
    UserId somebody_else(UserId id) const
    {
        const auto& users = from_.users;
        const auto other = [id](const PlannedUser& one) { return one.id != id; };
        auto found = std::find_if(users.begin(), users.end(),
                                  [&](const PlannedUser& one) { return other(one) && one.role == ordinary; });
        if (found == users.end()) found = std::find_if(users.begin(), users.end(), other);
        if (found != users.end()) return found->id;
        return UserId{id.value == 0 ? 1U : 0U}; // alone: a number that nobody has will do
    }

    // Of somebody who walks the ordinary journeys.
    std::vector<PlannedDelay> ordinary_pauses() const
    {
        std::vector<PlannedDelay> pauses;
        const auto user = std::find_if(from_.users.begin(), from_.users.end(),
                                       [](const PlannedUser& one) { return one.role == ordinary; });
        if (user == from_.users.end()) return pauses;
        for (const auto& delay : user->delays) {
            const auto& journey = from_.journey(*user, delay.slot);
            if (delay.step < journey.size() && journey[delay.step].action == Action::pause)
                pauses.push_back(delay);
        }
        return pauses;
    }

    std::size_t index_of(UserId id) const
    {
        return static_cast<std::size_t>(from_.find_user(id) - from_.users.data());
    }

    // Moves a moment to where it is now. False: it is nowhere.
    bool follow(PlannedMoment& place) const
    {
        const auto index = index_of(place.user);
        if (removed_.users.contains(index) || is_gone(index, place.slot)) return false;
        if (!is_plain(index)) return true;
        const auto& before = from_.journey(from_.users[index], place.slot);
        if (place.slot >= plan_.role(plan_.users[index]).connections) return false;
        const auto& after = plan_.journey(plan_.users[index], place.slot);
        const auto step = same_step(before, place.step, after);
        if (!step || (place.moment.is_held_by_bytes() && after[*step].early)) return false;
        place.step = *step;
        return true;
    }

    void cut_meetings()
    {
        for (std::size_t i = 0; i < from_.gates.size(); ++i) {
            auto& members = plan_.gates[i].members;
            members.clear();
            for (std::size_t part = 0; part < from_.gates[i].members.size(); ++part) {
                auto member = from_.gates[i].members[part];
                const auto goes = removed_.gates.contains(i) || removed_.members.contains({i, part});
                if (!goes && follow(member)) members.push_back(member);
            }
        }
        auto removed = removed_.constraints;
        for (std::size_t i = 0; i < from_.constraints.size(); ++i) {
            auto& one = plan_.constraints[i];
            if (!removed.contains(i) && (!follow(one.step) || !follow(one.after))) removed.insert(i);
        }
        erase_at(plan_.constraints, removed);
    }

    void cut_target()
    {
        erase_at(plan_.life_cycle, removed_.life_cycle);
        erase_at(plan_.dependency_faults, removed_.dependency_faults);
        erase_at(plan_.link_faults, removed_.link_faults);
        for (const auto setting : removed_.ingress)
            take_out(static_cast<IngressSetting>(setting), *plan_.ingress);
        const auto ends = std::any_of(plan_.life_cycle.begin(), plan_.life_cycle.end(), sends_sigterm);
        if (plan_.anchor != Arrival::Anchor::terminating || ends) return;
        const LifeCycleFault* first = nullptr;
        for (const auto& fault : from_.life_cycle)
            if (sends_sigterm(fault) && (first == nullptr || fault.at < first->at)) first = &fault;
        plan_.anchor = first->after;
        for (auto& user : plan_.users) user.arrival += first->at;
    }

    // Roles as they are needed, the ordinary one first; a connection that is gone has an empty journey,
    // unless it was the last one.
    void cut_roles()
    {
        const auto roles = plan_.roles;
        const auto journeys = plan_.journeys;
        plan_.roles.clear();
        plan_.journeys.clear();
        std::map<std::size_t, std::size_t> numbers; // of the roles that are whole
        const auto whole = [&](std::size_t number) {
            const auto [entry, added] = numbers.try_emplace(number, plan_.roles.size());
            if (!added) return entry->second;
            const auto first = journeys.begin() + static_cast<std::ptrdiff_t>(roles[number].first_journey);
            add_role(roles[number], {first, first + static_cast<std::ptrdiff_t>(roles[number].journeys)});
            return entry->second;
        };
        whole(ordinary);
        for (std::size_t i = 0; i < plan_.users.size(); ++i) {
            if (removed_.users.contains(i)) continue;
            auto& user = plan_.users[i];
            const auto& role = roles[user.role];
            Journeys own;
            bool is_whole = true;
            for (std::uint16_t slot = 0; slot < role.connections; ++slot) {
                const auto gone = is_gone(i, slot);
                is_whole = is_whole && !gone;
                own.push_back(gone ? Journey{} : journeys[role.first_journey + slot % role.journeys]);
            }
            user.role = is_whole ? whole(user.role) : partial(role, std::move(own), i);
        }
    }

    std::size_t partial(Role role, Journeys own, std::size_t index)
    {
        while (!own.empty() && own.back().empty()) own.pop_back();
        if (own.empty()) {
            removed_.users.insert(index);
            return ordinary;
        }
        role.connections = static_cast<std::uint16_t>(own.size());
        for (std::size_t number = 0; number < plan_.roles.size(); ++number)
            if (has(number, role, own)) return number;
        add_role(role, own);
        return plan_.roles.size() - 1;
    }

    bool has(std::size_t number, const Role& role, const Journeys& own) const
    {
        const auto& known = plan_.roles[number];
        return number != ordinary && known.behaviour == role.behaviour &&
               known.connections == role.connections && known.journeys == own.size() &&
               std::equal(own.begin(), own.end(),
                          plan_.journeys.begin() + static_cast<std::ptrdiff_t>(known.first_journey));
    }

    void add_role(Role role, const Journeys& own)
    {
        role.first_journey = plan_.journeys.size();
        role.journeys = own.size();
        plan_.journeys.insert(plan_.journeys.end(), own.begin(), own.end());
        plan_.roles.push_back(role);
    }

    const Plan& from_;
    Removed removed_;
    Plan plan_;
};

} // namespace

Plan without(const Plan& plan, const std::vector<bool>& keep) { return Cutting{plan, keep}.cut(); }

} // namespace wsrace
