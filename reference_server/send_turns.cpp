#include "reference_server/send_turns.hpp"

#include <utility>

namespace wsrace::reference {

void SendTurns::take(const std::string& user_id, std::function<void()> granted)
{
    {
        const std::lock_guard lock{mutex_};
        const auto [turns, is_first] = waiting_.try_emplace(user_id);
        if (!is_first) {
            turns->second.push_back(std::move(granted));
            return;
        }
    }
    granted();
}

void SendTurns::give_back(const std::string& user_id)
{
    std::function<void()> granted;
    {
        const std::lock_guard lock{mutex_};
        const auto turns = waiting_.find(user_id);
        if (turns == waiting_.end()) return;
        if (turns->second.empty()) {
            waiting_.erase(turns);
            return;
        }
        granted = std::move(turns->second.front());
        turns->second.pop_front();
    }
    granted();
}

} // namespace wsrace::reference
