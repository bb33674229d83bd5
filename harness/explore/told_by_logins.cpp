#include "explore/told_by_logins.hpp"

#include <algorithm>

namespace wsrace {

namespace {

bool decided_at_login(const std::vector<Probe>& probes, const Segment& segment)
{
    std::size_t alike = 0, at_login = 0;
    for (auto i = segment.first; i <= segment.last; ++i) {
        if (probes[i].outcome != segment.outcome) continue;
        ++alike;
        at_login += probes[i].at_login ? 1 : 0;
    }
    return 2 * at_login > alike;
}

} // namespace

bool is_told_by_logins(const std::vector<Probe>& probes, const Segment& left, const Segment& right)
{
    return decided_at_login(probes, left) || decided_at_login(probes, right);
}

Duration lead_of_arrivals(const std::vector<Probe>& probes, const Segment& left, const Segment& right)
{
    if (is_told_by_logins(probes, left, right)) return {};
    constexpr std::size_t beside = 10;
    const auto from = std::max(left.first, left.last - std::min(left.last, beside));
    const auto until = std::min(right.last, right.first + beside);
    std::vector<Duration> leads;
    for (auto i = from; i <= until; ++i)
        if (!probes[i].at_login) leads.push_back(probes[i].at - probes[i].arrival());
    if (leads.empty()) return {};
    const auto middle = leads.begin() + static_cast<std::ptrdiff_t>(leads.size() / 2);
    std::nth_element(leads.begin(), middle, leads.end());
    return *middle;
}

} // namespace wsrace
