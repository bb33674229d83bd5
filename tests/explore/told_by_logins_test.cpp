#include "explore/told_by_logins.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

namespace {

constexpr Duration ms(std::int64_t count) { return std::chrono::milliseconds{count}; }

Probe refused(std::int64_t at) // by its login
{
    return {.at = ms(at), .login = ms(at), .at_login = true, .outcome = ArrivalOutcome::retry_later};
}

Probe connected(std::int64_t at, std::int64_t login, ArrivalOutcome outcome)
{
    return {.at = ms(at), .login = ms(login), .outcome = outcome};
}

} // namespace

TEST_CASE("An edge is told by logins when they decided on one of its sides", "[explore]")
{
    const auto bad = ArrivalOutcome::internal_error, good = ArrivalOutcome::good;
    const std::vector<Probe> probes{refused(10), refused(20), connected(90, 30, bad), connected(95, 40, bad),
                                    connected(120, 60, good)};
    const Segment told{.outcome = ArrivalOutcome::retry_later, .first = 0, .last = 1};
    const Segment failed{.outcome = bad, .first = 2, .last = 3},
        served{.outcome = good, .first = 4, .last = 4};
    CHECK(is_told_by_logins(probes, told, failed));
    CHECK(lead_of_arrivals(probes, told, failed) == ms(0));
    CHECK_FALSE(is_told_by_logins(probes, failed, served));
    CHECK(lead_of_arrivals(probes, failed, served) == ms(60)); // of 55, 60 and 60
}
