#include "checks/ingress_acts.hpp"

#include "checks/findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace wsrace {

IngressActs::IngressActs(const History& history)
{
    for (const Event& event : history.events) {
        const auto act = ingress_act(event);
        if (act == IngressAct::none) continue;
        any_ = true;
        const auto user = ingress_user(event);
        if (!user) continue;
        const auto instance = static_cast<std::uint16_t>(event.value);
        if (act == IngressAct::routed) routed_[user->value].push_back({event.at, instance});
        if (event.user == no_user) {
            if (act == IngressAct::refused) refused_logins_[user->value].push_back(event.at);
            continue;
        }
        OfConnection& connection = connections_[event.connection()];
        if (act == IngressAct::routed) {
            connection.instance = instance;
            connection.since = event.at;
        }
        if (act == IngressAct::refused) connection.refused = true;
        if (act == IngressAct::stripped) connection.stripped = true;
        if (act == IngressAct::idle_cut || act == IngressAct::limit_cut) connection.cut = event.at;
    }
}

bool IngressActs::cut(const ConnectionId& connection, Instant ended) const
{
    const auto found = connections_.find(connection);
    return found != connections_.end() && found->second.cut && *found->second.cut <= ended;
}

bool IngressActs::kept_out(const Event& step) const
{
    if (step.outcome != Outcome::http_status) return false;
    if (step.is_step(StepKind::login)) {
        const auto found = refused_logins_.find(step.user);
        if (found == refused_logins_.end() || step.value != 503) return false;
        const Instant begun = step.planned().value_or(step.at);
        return std::any_of(found->second.begin(), found->second.end(),
                           [&](Instant refused) { return begun <= refused && refused <= step.at; });
    }
    const auto found = connections_.find(step.connection());
    if (found == connections_.end()) return false;
    const bool unauthorised = step.value == 401 || step.value == 403;
    return (found->second.refused && step.value == 503) || (found->second.stripped && unauthorised);
}

std::optional<std::uint16_t> IngressActs::instance_of(const ConnectionId& connection) const
{
    const auto found = connections_.find(connection);
    return found == connections_.end() ? std::nullopt : found->second.instance;
}

std::string IngressActs::moved_since(const ConnectionId& connection) const
{
    const auto asked = instance_of(connection);
    if (!asked) return {};
    const OfConnection* last = nullptr;
    for (auto later = connections_.upper_bound(connection); later != connections_.end(); ++later) {
        if (later->first.user != connection.user || later->first.slot != connection.slot) break;
        if (later->second.instance) last = &later->second;
    }
    if (last == nullptr || last->instance == asked) return {};
    return fmt::format(
        "the run was started on instance {}, and the user's connection is on instance {} since {}", *asked,
        *last->instance, moment(last->since));
}

std::vector<std::uint16_t> IngressActs::instances_of(UserId user, Instant at) const
{
    std::set<std::uint16_t> out;
    if (const auto found = routed_.find(user.value); found != routed_.end())
        for (const Routed& routed : found->second)
            if (routed.at <= at) out.insert(routed.instance);
    return {out.begin(), out.end()};
}

} // namespace wsrace
