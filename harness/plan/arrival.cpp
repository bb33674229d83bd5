#include "plan/arrival.hpp"

#include "core/draw.hpp"

#include <cmath>

namespace wsrace {

namespace {

using Micros = std::chrono::microseconds;

Duration at_rate(double events, double rate) { return Micros{std::llround(events * 1e6 / rate)}; }

std::vector<Duration> poisson(double rate, std::uint32_t count, std::uint64_t seed)
{
    const Distribution gap{.kind = Distribution::Kind::exponential, .low = at_rate(1, rate), .high = {}};
    std::vector<Duration> out;
    out.reserve(count);
    Duration at{};
    for (std::uint32_t user = 0; user < count; ++user) {
        auto random = random_stream(seed, "arrival", user);
        at += draw(gap, random);
        out.push_back(at);
    }
    return out;
}

} // namespace

std::vector<Duration> arrivals(const Arrival& arrival, std::uint32_t count, std::uint64_t seed)
{
    if (arrival.pattern == Arrival::Pattern::poisson) return poisson(arrival.rate, count, seed);
    std::vector<Duration> out(count, Duration{});
    for (std::uint32_t user = 0; user < count; ++user) {
        if (arrival.pattern == Arrival::Pattern::ramp && count > 1)
            out[user] = std::chrono::duration_cast<Micros>(arrival.over) * user / (count - 1);
        if (arrival.pattern == Arrival::Pattern::constant) out[user] = at_rate(user, arrival.rate);
    }
    return out;
}

} // namespace wsrace
