#include "reference_server/event_router.hpp"

#include <stdexcept>

namespace wsrace::reference {

void EventRouter::add(const Identity& identity)
{
    const std::lock_guard lock{mutex_};
    const auto [entry, is_new] = by_user_.try_emplace(identity.user_id, last_ + 1);
    if (!is_new) {
        ++handlers_.at(entry->second).connections;
        return;
    }
    ++last_;
    auto context = std::make_shared<const UserContext>(
        UserContext{.user_id = identity.user_id, .email = identity.email});
    handlers_.emplace(last_, Handler{.context = std::move(context), .connections = 1});
}

void EventRouter::remove(const std::string& user_id)
{
    const std::lock_guard lock{mutex_};
    const auto entry = by_user_.find(user_id);
    if (entry == by_user_.end()) return;
    const auto handler = handlers_.find(entry->second);
    if (--handler->second.connections > 0) return;
    handlers_.erase(handler);
    by_user_.erase(entry);
}

std::shared_ptr<const UserContext> EventRouter::match(const std::string& user_id) const
{
    const std::lock_guard lock{mutex_};
    // Bug: every handler accepts these events, so the first one registered gets them all.
    if (bugs_.has(Bug::first_match_router) && !handlers_.empty()) return handlers_.begin()->second.context;
    const auto entry = by_user_.find(user_id);
    if (entry == by_user_.end()) throw std::logic_error{"no handler for this user"};
    return handlers_.at(entry->second).context;
}

} // namespace wsrace::reference
