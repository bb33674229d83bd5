// Asks a server's health path, beside whatever else is going on, until it answers 200.
#pragma once

#include "net/executor.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <thread>

namespace wsrace {

class ReadinessWatch {
public:
    // Asks 127.0.0.1:`port` every 20 ms, more and more rarely while it does not say so.
    ReadinessWatch(std::uint16_t port, std::string path);
    ~ReadinessWatch(); // stops asking, within a second

    // When the first 200 had arrived; none if there was none. Ends the watch.
    std::optional<Clock::time_point> finish();

private:
    std::optional<Clock::time_point> ready_; // written by the thread, read after it has ended
    std::jthread thread_;                    // last: it uses what stands above
};

} // namespace wsrace
