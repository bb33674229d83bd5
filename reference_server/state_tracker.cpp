#include "reference_server/state_tracker.hpp"

#include "reference_server/log.hpp"
#include "reference_server/store_access.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

namespace wsrace::reference {

void StateTracker::record(const std::shared_ptr<Run>& run)
{
    if (store_ == nullptr && save_time_.count() == 0) return;
    if (run->saving) {
        run->changed_since = true;
        return;
    }
    run->saving = true;
    run->changed_since = false;
    if (store_ != nullptr) return save_remotely(run);
    auto& busy_until = busy_until_[run->user_id];
    busy_until = std::max(busy_until, std::chrono::steady_clock::now()) + save_time_;
    const auto timer = std::make_shared<boost::asio::steady_timer>(io_, busy_until);
    timer->async_wait([this, run, timer](const boost::system::error_code&) { saved(run); });
}

void StateTracker::save_remotely(const std::shared_ptr<Run>& run)
{
    boost::asio::co_spawn(io_, store_->save(*run),
                          [this, run](std::exception_ptr failure, const boost::json::object&) {
                              if (failure)
                                  log_warning("state_tracker", fmt::format("{} is not saved", run->id));
                              saved(run);
                          });
}

bool StateTracker::takes_over(Run& run, std::function<void()> announce)
{
    if (!run.saving) return false;
    run.when_saved = std::move(announce);
    return true;
}

void StateTracker::saved(const std::shared_ptr<Run>& run)
{
    run->saving = false;
    const auto entry = busy_until_.find(run->user_id);
    if (entry != busy_until_.end() && entry->second <= std::chrono::steady_clock::now())
        busy_until_.erase(entry);
    if (run->when_saved) {
        const auto announce = std::move(run->when_saved);
        run->when_saved = nullptr;
        announce();
    } else if (run->changed_since) {
        record(run);
    }
}

} // namespace wsrace::reference
