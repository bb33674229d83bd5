// Places that fill an interval evenly however many are taken: the additive recurrence by the golden ratio.
// Its largest gap after n places is below 1.9 / n (three-distance theorem, Sos 1958), so a stretch that is
// longer is met for certain; random places would leave gaps of ln(n) / n.
#pragma once

#include <cstdint>

namespace wsrace {

class GoldenSequence {
public:
    explicit GoldenSequence(std::uint64_t seed); // where it begins
    double next();                               // in [0, 1)

private:
    std::uint64_t state_;
};

} // namespace wsrace
