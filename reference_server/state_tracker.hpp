// Saves the state of runs in the background, one save of a user's document at a time, or, when the store is
// asked, one of each run. A save that fails is logged and not repeated; the run's end waits for its save and
// no longer.
#pragma once

#include "reference_server/run.hpp"

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace wsrace::reference {

class StoreAccess;

// One per worker, on its thread only.
class StateTracker {
public:
    // `save_time`: what one save takes in this process; with 0 nothing is ever under way.
    StateTracker(boost::asio::io_context& io, std::chrono::microseconds save_time)
        : io_{io}, save_time_{save_time}
    {}

    // From now on, saving is asking the store.
    void use(StoreAccess& store) { store_ = &store; }

    // The run's state has changed. Begins to save it, unless a save is under way that will be followed by
    // another.
    void record(const std::shared_ptr<Run>& run);

    // The run ends. While its state is being saved the end must wait: the tracker then keeps `announce`,
    // calls it when the save is done, and returns true. Otherwise it returns false, and announcing is left to
    // the caller.
    bool takes_over(Run& run, std::function<void()> announce);

private:
    void save_remotely(const std::shared_ptr<Run>& run);
    void saved(const std::shared_ptr<Run>& run);

    boost::asio::io_context& io_;
    const std::chrono::microseconds save_time_;
    StoreAccess* store_{nullptr};
    std::unordered_map<std::string, std::chrono::steady_clock::time_point> busy_until_; // by user
};

} // namespace wsrace::reference
