#include "plan/elements.hpp"

#include "plan/ingress_settings.hpp"
#include "scenario/dependency_words.hpp"
#include "scenario/link_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace wsrace {

namespace {

using Kind = Element::Kind;

std::string whose(const PlannedMoment& place)
{
    return fmt::format("{} of {}", to_string(place.moment),
                       to_string(ConnectionId{place.user, SlotId{place.slot}, 0}));
}

std::string constraint_text(const PlannedConstraint& one)
{
    return fmt::format("{} {} after {}", whose(one.step), format_duration(one.gap), whose(one.after));
}

std::string delay_text(const Plan& plan, const PlannedUser& user, const PlannedDelay& delay)
{
    const auto who = to_string(ConnectionId{user.id, SlotId{delay.slot}, 0});
    const auto& journey = plan.journey(user, delay.slot);
    const auto time = format_duration(delay.delay);
    if (delay.step == journey.size()) return fmt::format("{} before the end of {}", time, who);
    const auto action = journey[delay.step].action;
    if (action == Action::pause) return fmt::format("pause of {} of {}, step {}", time, who, delay.step);
    const auto word = delay.point == PlannedDelay::Point::tls            ? "tls"
                      : delay.point == PlannedDelay::Point::upgrade_sent ? "upgrade_sent"
                                                                         : name(action);
    return fmt::format("{} before {} of {}, step {}", time, word, who, delay.step);
}

std::string life_cycle_text(const LifeCycleFault& fault)
{
    auto text = fmt::format("{} of the server at {}", name(fault.kind), format_duration(fault.at));
    if (fault.lasting > Duration{}) text += fmt::format(" for {}", format_duration(fault.lasting));
    if (fault.instance) text += fmt::format(", instance {}", *fault.instance);
    return text;
}

class Collection {
public:
    explicit Collection(const Plan& plan) : plan_{plan} {}

    std::vector<Element> all()
    {
        for (std::size_t i = 0; i < plan_.users.size(); ++i) add_user(i);
        for (std::size_t i = 0; i < plan_.gates.size(); ++i) add_gate(i);
        for (std::size_t i = 0; i < plan_.constraints.size(); ++i) {
            const auto& one = plan_.constraints[i];
            add(Kind::constraint, i, 0, both(owner(one.step), owner(one.after)),
                "constraint: " + constraint_text(one));
        }
        add_faults();
        return std::move(elements_);
    }

private:
    using Parents = std::vector<std::size_t>;

    std::size_t add(Kind kind, std::size_t index, std::size_t part, Parents parents, std::string text)
    {
        elements_.push_back({.kind = kind,
                             .index = index,
                             .part = part,
                             .parents = std::move(parents),
                             .text = std::move(text)});
        return elements_.size() - 1;
    }

    // The connection if it can be left out by itself, else the user.
    std::size_t owner(UserId user, std::uint16_t slot) const
    {
        const auto connection = connections_.find({user.value, slot});
        return connection != connections_.end() ? connection->second : users_.at(user.value);
    }
    std::size_t owner(const PlannedMoment& place) const { return owner(place.user, place.slot); }

    static Parents both(std::size_t one, std::size_t other)
    {
        return one == other ? Parents{one} : Parents{one, other};
    }

    void add_user(std::size_t index)
    {
        const auto& user = plan_.users[index];
        const auto id = add(Kind::user, index, 0, {}, to_string(user.id));
        users_[user.id.value] = id;
        std::vector<std::uint16_t> used;
        for (std::uint16_t slot = 0; slot < plan_.role(user).connections; ++slot)
            if (!plan_.journey(user, slot).empty()) used.push_back(slot);
        for (const auto slot : used)
            if (used.size() > 1)
                connections_[{user.id.value, slot}] =
                    add(Kind::connection, index, slot, {id},
                        fmt::format("connection {} of {}", slot, to_string(user.id)));
        const auto& behaviour = plan_.role(user).behaviour;
        if (user.role > 0)
            add(Kind::behaviour, index, 0, {id},
                behaviour ? fmt::format("behaviour of {}: {}", to_string(user.id), name(*behaviour))
                          : fmt::format("journey of its own of {}", to_string(user.id)));
        if (user.arrival > Duration{})
            add(Kind::arrival, index, 0, {id},
                fmt::format("arrival of {} after {}", to_string(user.id), format_duration(user.arrival)));
        for (std::size_t i = 0; i < user.delays.size(); ++i)
            add(Kind::delay, index, i, {owner(user.id, user.delays[i].slot)},
                "delay: " + delay_text(plan_, user, user.delays[i]));
    }

    void add_gate(std::size_t index)
    {
        const auto& gate = plan_.gates[index];
        const auto id = add(Kind::gate, index, 0, {},
                            fmt::format("gate at {} with {} members", to_string(gate.members.front().moment),
                                        gate.members.size()));
        if (gate.members.size() < 3) return;
        for (std::size_t i = 0; i < gate.members.size(); ++i)
            add(Kind::gate_member, index, i, both(id, owner(gate.members[i])),
                "at the gate: " + whose(gate.members[i]));
    }

    void add_faults()
    {
        for (std::size_t i = 0; i < plan_.life_cycle.size(); ++i)
            add(Kind::life_cycle, i, 0, {}, life_cycle_text(plan_.life_cycle[i]));
        for (std::size_t i = 0; i < plan_.dependency_faults.size(); ++i)
            add(Kind::dependency_fault, i, 0, {}, "dependency " + describe(plan_.dependency_faults[i]));
        for (std::size_t i = 0; i < plan_.link_faults.size(); ++i)
            add(Kind::link_fault, i, 0, {}, describe(plan_.link_faults[i]));
        for (const auto setting : plan_.ingress ? settings_of(*plan_.ingress) : std::vector<IngressSetting>{})
            add(Kind::ingress, static_cast<std::size_t>(setting), 0, {},
                fmt::format("ingress: {}", name(setting)));
    }

    const Plan& plan_;
    std::vector<Element> elements_;
    std::map<std::uint32_t, std::size_t> users_;
    std::map<std::pair<std::uint32_t, std::uint16_t>, std::size_t> connections_;
};

} // namespace

std::vector<Element> elements(const Plan& plan) { return Collection{plan}.all(); }

std::vector<Gap> gaps(const Plan& plan)
{
    std::vector<Gap> out;
    for (std::size_t i = 0; i < plan.constraints.size(); ++i)
        out.push_back({.kind = Gap::Kind::constraint,
                       .index = i,
                       .part = 0,
                       .value = plan.constraints[i].gap,
                       .text = "gap: " + constraint_text(plan.constraints[i])});
    for (std::size_t i = 0; i < plan.users.size(); ++i) {
        const auto& user = plan.users[i];
        for (std::size_t part = 0; part < user.delays.size(); ++part)
            out.push_back({.kind = Gap::Kind::delay,
                           .index = i,
                           .part = part,
                           .value = user.delays[part].delay,
                           .text = "delay: " + delay_text(plan, user, user.delays[part])});
        out.push_back({.kind = Gap::Kind::arrival,
                       .index = i,
                       .part = 0,
                       .value = user.arrival,
                       .text = "arrival of " + to_string(user.id)});
    }
    return out;
}

void set_gap(Plan& plan, const Gap& gap, Duration value)
{
    value = std::max(Duration{}, Duration{std::chrono::duration_cast<std::chrono::microseconds>(value)});
    switch (gap.kind) {
    case Gap::Kind::constraint: plan.constraints[gap.index].gap = value; return;
    case Gap::Kind::delay: plan.users[gap.index].delays[gap.part].delay = value; return;
    case Gap::Kind::arrival: plan.users[gap.index].arrival = value; return;
    }
}

} // namespace wsrace
