#include "explore/strip.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace wsrace;

namespace {

constexpr Duration ms(std::int64_t count) { return std::chrono::milliseconds{count}; }

std::string letters(const std::vector<ColdStartCell>& cells)
{
    std::string out;
    for (const auto& cell : cells) out += cell.shown ? letter(*cell.shown) : ' ';
    return out;
}

} // namespace

TEST_CASE("Columns show what most users met, and nothing where nobody was", "[explore]")
{
    std::vector<Probe> probes;
    for (int i = 0; i < 36; ++i)
        probes.push_back(
            {.at = ms(10 * i + 1), .outcome = i < 12 ? ArrivalOutcome::retry_later : ArrivalOutcome::good});
    const auto cells = strip_cells(probes, {}, ms(0), ms(720));
    CHECK(letters(cells) == std::string(12, 'w') + std::string(24, '.') + std::string(36, ' '));
    CHECK(cells[0].from == ms(0));
    CHECK(cells[0].until == ms(10));
    CHECK(cells[71].until == ms(720));
    CHECK(cells[3].users[static_cast<std::size_t>(ArrivalOutcome::retry_later)] == 1);
}

TEST_CASE("A window that is much narrower than a column is seen nevertheless", "[explore]")
{
    std::vector<Probe> probes;
    for (int i = 0; i < 720; ++i) probes.push_back({.at = ms(10 * i), .outcome = ArrivalOutcome::good});
    ColdStartStretch window;
    window.outcome = ArrivalOutcome::hang;
    window.from = {ms(3010), ms(3010), ms(3010), true};
    window.until = {ms(3015), ms(3015), ms(3015), true};
    const auto shown = letters(strip_cells(probes, {window}, ms(0), ms(7200)));
    CHECK(shown == std::string(30, '.') + "H" + std::string(41, '.'));
}

TEST_CASE("A probe at the very end of the range belongs to the last column", "[explore]")
{
    const auto cells = strip_cells({{.at = ms(720), .outcome = ArrivalOutcome::good}}, {}, ms(0), ms(720));
    CHECK(cells[71].shown == ArrivalOutcome::good);
}
