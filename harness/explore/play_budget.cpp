#include "explore/play_budget.hpp"

#include <algorithm>

namespace wsrace {

std::optional<bool> PlayBudget::play(const std::function<Played()>& play)
{
    for (std::uint64_t attempt = 0; attempt < std::max<std::uint64_t>(1, limits_.voids_in_a_row); ++attempt) {
        if (used_up()) return std::nullopt;
        ++plays_;
        const auto played = play();
        if (played != Played::voided) return played == Played::failed;
        ++voided_;
    }
    return std::nullopt;
}

std::uint64_t PlayBudget::left() const
{
    const auto spent = plays_ + kept_back_;
    return spent >= limits_.plays ? 0 : limits_.plays - spent;
}

bool PlayBudget::used_up()
{
    out_of_time_ = out_of_time_ || (limits_.out_of_time && limits_.out_of_time());
    return out_of_time_ || left() == 0;
}

} // namespace wsrace
