#include "reference_server/rate_limiter.hpp"

#include <algorithm>

namespace wsrace::reference {

bool RateLimiter::allow(const std::string& key)
{
    if (rate_ <= 0) return true;
    const auto burst = std::max(rate_, 1.0);
    const auto now = Clock::now();
    const std::lock_guard lock{mutex_};
    forget_full(now);
    auto& bucket = buckets_.try_emplace(key, Bucket{.tokens = burst, .filled_at = now}).first->second;
    const std::chrono::duration<double> waited = now - bucket.filled_at;
    bucket.tokens = std::min(burst, bucket.tokens + waited.count() * rate_);
    bucket.filled_at = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
}

// A bucket nobody has touched for the time it takes to fill says nothing a new one would not say.
void RateLimiter::forget_full(Clock::time_point now)
{
    if (now < next_cleaning_) return;
    const auto filling = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>{std::max(rate_, 1.0) / rate_});
    next_cleaning_ = now + filling + std::chrono::seconds{1};
    std::erase_if(buckets_, [&](const auto& entry) { return now - entry.second.filled_at > filling; });
}

} // namespace wsrace::reference
