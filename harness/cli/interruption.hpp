// Ctrl-C and SIGTERM as a stop token. A second signal ends the program at once, if it is not an echo of the
// first.
#pragma once

#include <stop_token>
#include <thread>

namespace wsrace::cli {

// Make it before any other thread: it blocks the signals for all of them.
class Interruption {
public:
    Interruption();
    std::stop_token token() const { return stop_.get_token(); }

private:
    std::stop_source stop_;
    std::jthread waiter_; // last: it uses what stands above
};

} // namespace wsrace::cli
