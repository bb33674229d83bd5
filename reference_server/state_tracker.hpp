// Saves the state of runs in the background, one save of a user's document at a time.
#pragma once

#include "reference_server/run.hpp"

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace wsrace::reference {

// One per worker, on its thread only.
class StateTracker {
public:
    // `save_time`: what one save takes; with 0 nothing is ever under way.
    StateTracker(boost::asio::io_context& io, std::chrono::microseconds save_time)
        : io_{io}, save_time_{save_time}
    {}

    // The run's state has changed. Begins to save it, unless a save is under way that will be followed by
    // another.
    void record(const std::shared_ptr<Run>& run);

    // The run ends. While its state is being saved the end must wait: the tracker then keeps `announce`,
    // calls it when the save is done, and returns true. Otherwise it returns false, and announcing is left to
    // the caller.
    bool takes_over(Run& run, std::function<void()> announce);

private:
    void saved(const std::shared_ptr<Run>& run);

    boost::asio::io_context& io_;
    const std::chrono::microseconds save_time_;
    std::unordered_map<std::string, std::chrono::steady_clock::time_point> busy_until_; // by user
};

} // namespace wsrace::reference
