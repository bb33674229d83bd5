// One at a time of all who send to a user's connections: see slow_consumer_lock.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

namespace wsrace::reference {

// Any thread.
class SendTurns {
public:
    // Calls back when it is this sender's turn: at once, or from within somebody's `give_back`.
    void take(const std::string& user_id, std::function<void()> granted);
    void give_back(const std::string& user_id);

private:
    std::mutex mutex_;
    std::unordered_map<std::string, std::deque<std::function<void()>>> waiting_; // of those who send now
};

} // namespace wsrace::reference
