// Lets the first who needs something make it, while the others wait until it is there.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <vector>

namespace wsrace::reference {

// Any thread.
class FirstUse {
public:
    // True for one caller only, who makes what is needed and then calls `finish`.
    bool claim();

    // Lets through who waits, each on their own thread.
    void finish();

    // Returns when `finish` has been called.
    boost::asio::awaitable<void> wait();

private:
    std::mutex mutex_;
    bool claimed_{false};
    bool finished_{false};
    std::vector<std::shared_ptr<boost::asio::steady_timer>> waiting_;
};

} // namespace wsrace::reference
