// A token bucket per key: `rate` a second, as many at once.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <unordered_map>

namespace wsrace::reference {

// Any thread. Keys are user ids, never addresses: many users may share one address.
class RateLimiter {
public:
    explicit RateLimiter(double rate) : rate_{rate} {} // 0: unlimited

    bool allow(const std::string& key);

private:
    using Clock = std::chrono::steady_clock;
    struct Bucket {
        double tokens;
        Clock::time_point filled_at;
    };

    void forget_full(Clock::time_point now);

    const double rate_;
    std::mutex mutex_;
    std::unordered_map<std::string, Bucket> buckets_;
    Clock::time_point next_cleaning_{};
};

} // namespace wsrace::reference
