#include "net/read_pace.hpp"

#include <algorithm>

namespace wsrace {

namespace {

constexpr std::size_t pieces_per_second = 20;
constexpr auto aftermath = std::chrono::seconds{1};

} // namespace

void ReadPace::slow_down(std::size_t rate, Clock::time_point until)
{
    rate_ = rate;
    slow_ = true;
    not_before_ = Clock::now();
    next_read_.cancel(); // whoever waits asks again
    over_.expires_at(until);
    over_.async_wait([this, keep = watcher_.keep_alive()](const boost::system::error_code& cancelled) {
        if (!cancelled) resume();
    });
}

void ReadPace::resume()
{
    if (!slow_) return;
    abandon();
    resumed_ = Clock::now();
    watcher_.on_wire(WirePoint::reading_resumed);
}

void ReadPace::abandon()
{
    slow_ = false;
    over_.cancel();
    next_read_.cancel();
}

bool ReadPace::was_slow(Clock::time_point now) const { return slow_ || now - resumed_ < aftermath; }

Clock::time_point ReadPace::next_read() const { return rate_ == 0 ? Clock::time_point::max() : not_before_; }

std::size_t ReadPace::piece() const { return std::max<std::size_t>(rate_ / pieces_per_second, 1); }

void ReadPace::has_read(std::size_t bytes, Clock::time_point now)
{
    if (!slow_ || rate_ == 0) return;
    const std::chrono::duration<double> takes{static_cast<double>(bytes) / static_cast<double>(rate_)};
    not_before_ = std::max(not_before_, now) + std::chrono::duration_cast<Clock::duration>(takes);
}

} // namespace wsrace
