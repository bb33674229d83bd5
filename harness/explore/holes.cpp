#include "explore/holes.hpp"

namespace wsrace {

std::vector<Hole> holes(const std::vector<Duration>& arrivals, Duration from, Duration until,
                        Duration largest)
{
    std::vector<Hole> found;
    auto last = from;
    for (const auto arrival : arrivals) {
        if (arrival - last > largest) found.push_back({last, arrival});
        last = arrival;
    }
    if (until - last > largest) found.push_back({last, until});
    return found;
}

} // namespace wsrace
