#include "reference_server/thread_store.hpp"

#include "reference_server/random_id.hpp"

#include <algorithm>

namespace wsrace::reference {

namespace {

constexpr std::size_t threads_in_memory = 256; // per user

} // namespace

std::string ThreadStore::create(const std::string& user_id)
{
    const std::lock_guard lock{mutex_};
    const auto& own = by_user_[user_id];
    std::string name;
    do name = numbered_id('t', ++last_);
    while (own.contains(name)); // a client may have chosen such a name itself
    return name;
}

std::size_t ThreadStore::post(const std::string& user_id, const std::string& name)
{
    const std::lock_guard lock{mutex_};
    auto& own = by_user_[user_id];
    if (own.size() >= threads_in_memory && !own.contains(name)) own.erase(own.begin());
    return ++own[name].messages;
}

void ThreadStore::follow(const std::string& user_id, const std::string& name,
                         const std::shared_ptr<Connection>& connection)
{
    const std::lock_guard lock{mutex_};
    const auto user = by_user_.find(user_id);
    if (user == by_user_.end() || !user->second.contains(name)) return;
    if (bugs_.has(Bug::last_thread_wins)) {
        // Bug: a user is at work in one thread and at one place, so all that is open moves there.
        for (auto& [other, thread] : user->second) thread.followers = {connection};
        return;
    }
    auto& following = user->second.at(name).followers;
    std::erase_if(following,
                  [&](const auto& other) { return other.expired() || other.lock() == connection; });
    following.push_back(connection);
}

std::vector<std::shared_ptr<Connection>> ThreadStore::followers_of(const std::string& user_id,
                                                                   const std::string& name) const
{
    std::vector<std::shared_ptr<Connection>> found;
    const std::lock_guard lock{mutex_};
    const auto user = by_user_.find(user_id);
    if (user == by_user_.end()) return found;
    const auto thread = user->second.find(name);
    if (thread == user->second.end()) return found;
    for (const auto& follower : thread->second.followers) {
        if (auto connection = follower.lock()) found.push_back(std::move(connection));
    }
    return found;
}

std::vector<std::shared_ptr<Connection>> ThreadStore::followers(const std::string& name) const
{
    std::vector<std::shared_ptr<Connection>> found;
    const std::lock_guard lock{mutex_};
    for (const auto& [user_id, threads] : by_user_) {
        const auto thread = threads.find(name);
        if (thread == threads.end()) continue;
        for (const auto& follower : thread->second.followers) {
            if (auto connection = follower.lock()) found.push_back(std::move(connection));
        }
    }
    return found;
}

void ThreadStore::forget(const std::string& user_id)
{
    const std::lock_guard lock{mutex_};
    by_user_.erase(user_id);
}

} // namespace wsrace::reference
