#include "explore/element_links.hpp"

#include <algorithm>

namespace wsrace {

Keep ElementLinks::without_orphans(Keep keep) const
{
    for (auto changed = true; changed;) {
        changed = false;
        for (std::size_t i = 0; i < size(); ++i) {
            if (!keep[i]) continue;
            const auto missing = [&](std::size_t other) { return other < size() && !keep[other]; };
            if (std::none_of(needs_[i].begin(), needs_[i].end(), missing)) continue;
            keep[i] = false;
            changed = true;
        }
    }
    return keep;
}

Keep ElementLinks::with_needed(Keep keep) const
{
    for (auto changed = true; changed;) {
        changed = false;
        for (std::size_t i = 0; i < size(); ++i) {
            if (!keep[i]) continue;
            for (const auto other : needs_[i]) {
                if (other >= size() || keep[other]) continue;
                keep[other] = true;
                changed = true;
            }
        }
    }
    return keep;
}

std::vector<std::size_t> elements_of(const Keep& keep)
{
    std::vector<std::size_t> elements;
    for (std::size_t i = 0; i < keep.size(); ++i)
        if (keep[i]) elements.push_back(i);
    return elements;
}

std::size_t kept_count(const Keep& keep)
{
    return static_cast<std::size_t>(std::count(keep.begin(), keep.end(), true));
}

} // namespace wsrace
