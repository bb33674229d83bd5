#include "reference_server/arrivals.hpp"

namespace wsrace::reference {

void Arrivals::begin(const std::string& handshake_id)
{
    const std::lock_guard lock{mutex_};
    machines_.emplace(handshake_id, std::make_shared<Machine>(Machine{.ids = {handshake_id}}));
}

void Arrivals::admit(const std::string& handshake_id, const std::string& connection_id)
{
    const std::lock_guard lock{mutex_};
    const auto found = machines_.find(handshake_id);
    if (found == machines_.end()) return; // ready before it had its name
    auto machine = found->second;
    // Bug: the final id gets a state machine of its own, which begins where the first one stands; what
    // happens to that one afterwards does not reach it.
    if (bugs_.has(Bug::two_state_machines)) machine = std::make_shared<Machine>();
    machine->ids.push_back(connection_id);
    machines_.insert_or_assign(connection_id, machine);
}

void Arrivals::finish(const std::string& handshake_id)
{
    const std::lock_guard lock{mutex_};
    const auto found = machines_.find(handshake_id);
    if (found == machines_.end()) return;
    const auto machine = found->second;
    for (const auto& id : machine->ids) machines_.erase(id);
}

void Arrivals::forget(const std::string& connection_id)
{
    const std::lock_guard lock{mutex_};
    const auto found = machines_.find(connection_id);
    if (found == machines_.end()) return;
    const auto machine = found->second;
    for (const auto& id : machine->ids) machines_.erase(id);
}

bool Arrivals::arriving(const std::string& connection_id) const
{
    const std::lock_guard lock{mutex_};
    return machines_.contains(connection_id);
}

} // namespace wsrace::reference
