#include "core/statistics.hpp"

#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>

namespace wsrace {

Interval wilson_interval(std::uint64_t successes, std::uint64_t trials, double confidence)
{
    if (trials == 0) return {};
    const auto z = boost::math::quantile(boost::math::normal{}, 0.5 + confidence / 2);
    const auto n = static_cast<double>(trials);
    const auto p = static_cast<double>(successes) / n;
    const auto z2 = z * z;
    const auto centre = (p + z2 / (2 * n)) / (1 + z2 / n);
    const auto half = z / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
    return {successes == 0 ? 0.0 : std::max(0.0, centre - half),
            successes == trials ? 1.0 : std::min(1.0, centre + half)};
}

Duration quantile(std::vector<Duration>& values, double q)
{
    if (values.empty()) return {};
    const auto rank = std::ceil(q * static_cast<double>(values.size()));
    const auto index =
        static_cast<std::ptrdiff_t>(std::clamp(rank, 1.0, static_cast<double>(values.size()))) - 1;
    const auto nth = values.begin() + index;
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
}

} // namespace wsrace
