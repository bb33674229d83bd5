#include "checks/withheld_reading.hpp"

#include <algorithm>
#include <tuple>

namespace wsrace {

namespace {

bool resumes(const Event& event)
{
    return event.kind == EventKind::end || event.is_step(StepKind::reading_resumed) ||
           event.is_step(StepKind::close_sent);
}

} // namespace

bool WithheldReading::before(const Period& a, const Period& b)
{
    return std::tie(a.user, a.slot) < std::tie(b.user, b.slot);
}

WithheldReading::WithheldReading(const History& history)
{
    std::vector<Period> open;
    for (const Event& event : history.events) {
        const auto same = [&](const Period& period) {
            return period.user == event.user && period.slot == event.slot;
        };
        if (event.is_step(StepKind::reading_stopped) && event.outcome == Outcome::ok) {
            if (std::none_of(open.begin(), open.end(), same))
                open.push_back({.user = event.user, .slot = event.slot, .begin = event.at});
        } else if (!open.empty() && resumes(event)) {
            const auto found = std::find_if(open.begin(), open.end(), same);
            if (found == open.end()) continue;
            found->end = event.at;
            periods_.push_back(*found);
            open.erase(found);
        }
    }
    periods_.insert(periods_.end(), open.begin(), open.end());
    std::stable_sort(periods_.begin(), periods_.end(), before);
}

Duration WithheldReading::within(UserId user, SlotId slot, Instant from, Instant to) const
{
    if (periods_.empty()) return {};
    const Period wanted{.user = user.value, .slot = slot.value};
    const auto [first, last] = std::equal_range(periods_.begin(), periods_.end(), wanted, before);
    Duration sum{};
    for (auto period = first; period != last; ++period)
        sum += std::max(std::min(period->end, to) - std::max(period->begin, from), Duration{});
    return sum;
}

} // namespace wsrace
