#include "explore/strip.hpp"

#include <algorithm>

namespace wsrace {

namespace {

constexpr std::int64_t columns = 72;

} // namespace

std::vector<ColdStartCell> strip_cells(const std::vector<Probe>& probes,
                                       const std::vector<ColdStartStretch>& windows, Duration from,
                                       Duration until)
{
    std::vector<ColdStartCell> cells(columns);
    const auto span = until - from;
    for (std::int64_t i = 0; i < columns; ++i) {
        cells[static_cast<std::size_t>(i)].from = from + span * i / columns;
        cells[static_cast<std::size_t>(i)].until = from + span * (i + 1) / columns;
    }
    for (const auto& probe : probes) {
        const auto place = std::clamp<std::int64_t>((probe.at - from) * columns / span, 0, columns - 1);
        ++cells[static_cast<std::size_t>(place)].users[static_cast<std::size_t>(probe.outcome)];
    }
    for (auto& cell : cells) {
        const auto most = std::max_element(cell.users.begin(), cell.users.end());
        if (*most > 0) cell.shown = static_cast<ArrivalOutcome>(most - cell.users.begin());
        for (const auto& window : windows)
            if (window.from.at < cell.until && window.until.at > cell.from) cell.shown = window.outcome;
    }
    return cells;
}

} // namespace wsrace
