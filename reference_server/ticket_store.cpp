#include "reference_server/ticket_store.hpp"

#include "reference_server/clock.hpp"
#include "reference_server/random_id.hpp"

namespace wsrace::reference {

namespace {

constexpr auto cleaning_interval = std::chrono::seconds{10};

} // namespace

Ticket TicketStore::issue(const Identity& owner, std::chrono::seconds ttl, bool single_use)
{
    const auto now = unix_now();
    Ticket ticket{.id = random_id(), .expires_at = now + ttl};
    const std::lock_guard lock{mutex_};
    forget_expired(now);
    entries_.emplace(ticket.id,
                     Entry{.owner = owner, .expires_at = ticket.expires_at, .single_use = single_use});
    return ticket;
}

std::optional<Identity> TicketStore::redeem(const std::string& id)
{
    const auto now = unix_now();
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(id);
    if (found == entries_.end()) return std::nullopt;
    const bool expired = found->second.expires_at <= now;
    auto owner = found->second.owner;
    if (expired || found->second.single_use) entries_.erase(found);
    if (expired) return std::nullopt;
    return owner;
}

std::optional<Identity> TicketStore::owner_of(const std::string& id) const
{
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(id);
    if (found == entries_.end() || found->second.expires_at <= unix_now()) return std::nullopt;
    return found->second.owner;
}

void TicketStore::forget_expired(std::chrono::sys_seconds now)
{
    if (now < next_cleaning_) return;
    next_cleaning_ = now + cleaning_interval;
    std::erase_if(entries_, [now](const auto& entry) { return entry.second.expires_at <= now; });
}

} // namespace wsrace::reference
