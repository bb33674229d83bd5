// The strip chart of a search for the cold-start window.
#include "reports/cold_start.hpp"

#include <fmt/format.h>

#include <set>

namespace wsrace {

namespace {

constexpr std::size_t tick_every = 12; // cells
constexpr char nobody = ' ';

char cell_letter(const ColdStartCell& cell) { return cell.shown ? letter(*cell.shown) : nobody; }

std::string_view colour(const ColdStartCell& cell)
{
    if (!cell.shown) return "0";
    if (is_bad(*cell.shown)) return "41;97;1";
    return *cell.shown == ArrivalOutcome::good ? "42;97" : "43;30";
}

std::string cells_text(const ColdStartReport& report, bool colours)
{
    std::string out;
    for (const auto& cell : report.cells)
        out += colours ? fmt::format("\x1b[{}m{}\x1b[0m", colour(cell), cell_letter(cell))
                       : std::string{cell_letter(cell)};
    return out;
}

} // namespace

std::string strip_text(const ColdStartReport& report, bool colours)
{
    std::string ticks, numbers;
    const auto count = report.cells.size();
    for (std::size_t i = 0; i <= count; ++i) {
        const auto is_tick = i % tick_every == 0;
        ticks += is_tick ? '|' : '-';
        if (!is_tick) continue;
        const auto at = i < count ? report.cells[i].from : report.range_until;
        numbers.resize(std::max(numbers.size(), i), ' ');
        numbers += offset_text(at);
    }
    if (count == 0) return {};
    return fmt::format("{}\n{}\n{}\n", cells_text(report, colours), ticks, numbers);
}

std::string strip_legend(const ColdStartReport& report)
{
    std::set<ArrivalOutcome> seen;
    for (const auto& cell : report.cells)
        if (cell.shown) seen.insert(*cell.shown);
    std::string out;
    for (const auto outcome : seen)
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", letter(outcome), phrase(outcome));
    return out;
}

} // namespace wsrace
