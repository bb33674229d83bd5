// Mistakes that somebody makes who comes to a random history in its quiet seconds.
#pragma once

#include "core/random.hpp"
#include "support/history_builder.hpp"

#include <functional>
#include <utility>

namespace wsrace::test {

inline constexpr std::uint32_t newcomer = 96; // served by instance 0 whether there is one or eight

class Story {
public:
    Story(History history, std::int64_t begin) : more(std::move(history)), begin_(begin) {}

    // The newcomer's, or somebody else's; `delay` in milliseconds since the story's begin.
    ConnectionBuilder tab(std::uint16_t slot = 0, std::uint16_t incarnation = 0, std::int64_t delay = 0,
                          std::uint32_t user = newcomer)
    {
        return more.user(user, slot, incarnation).at(begin_ + delay);
    }
    std::int64_t begin() const { return begin_; }

    HistoryBuilder more;

private:
    std::int64_t begin_;
};

// The story as a mistake, told between the 33rd and the 35th second.
inline std::function<bool(History&, RandomEngine&)> story(void (*tell)(Story&))
{
    return [tell](History& history, RandomEngine& random) {
        Story told(std::move(history), 33'000 + static_cast<std::int64_t>(random() % 2'000));
        tell(told);
        history = told.more.build();
        return true;
    };
}

} // namespace wsrace::test
