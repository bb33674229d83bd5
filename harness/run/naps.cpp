#include "run/naps.hpp"

#include <vector>

namespace wsrace {

Task<bool> Naps::until(Clock::time_point time)
{
    if (over_) co_return false;
    Waker waker{queue_};
    asleep_.insert(&waker);
    co_await waker.wait(time);
    asleep_.erase(&waker);
    co_return !over_;
}

Task<bool> Naps::lasting(Duration duration)
{
    const auto time = Clock::now() + duration;
    const auto slept = co_await until(time);
    co_return slept;
}

void Naps::end_all()
{
    over_ = true;
    const std::vector<Waker*> asleep{asleep_.begin(), asleep_.end()};
    for (auto* const waker : asleep) waker->notify();
}

} // namespace wsrace
