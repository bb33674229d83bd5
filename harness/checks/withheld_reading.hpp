// When the harness itself read nothing, or only slowly, on a connection: what arrives late then says nothing.
#pragma once

#include "core/history.hpp"

#include <vector>

namespace wsrace {

class WithheldReading {
public:
    explicit WithheldReading(const History& history);

    // How much of the time between the two the slot's connection was not read as usual.
    Duration within(UserId user, SlotId slot, Instant from, Instant to) const;

private:
    struct Period {
        std::uint32_t user = 0;
        std::uint16_t slot = 0;
        Instant begin{};
        Instant end = Instant::max();
    };
    static bool before(const Period& a, const Period& b);

    std::vector<Period> periods_; // by user and slot
};

} // namespace wsrace
