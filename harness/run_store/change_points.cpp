#include "run_store/change_points.hpp"

#include "core/random.hpp"

#include <boost/random/uniform_int_distribution.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>

namespace wsrace {

namespace {

constexpr std::uint64_t seed = 1979;
constexpr double permutations_per_level = 10; // the p-value's steps are a tenth of the level

// Twice the mid-rank of each value, minus the mean: whole numbers, so that sums are exact.
std::vector<std::int64_t> centred_ranks(const std::vector<double>& values)
{
    const auto count = values.size();
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
    std::vector<std::int64_t> ranks(count);
    for (std::size_t i = 0; i < count;) {
        auto end = i;
        while (end < count && values[order[end]] == values[order[i]]) ++end;
        const auto doubled = static_cast<std::int64_t>(i + 1 + end); // 2 * ((i + 1) + end) / 2
        for (; i < end; ++i) ranks[order[i]] = doubled - static_cast<std::int64_t>(count + 1);
    }
    return ranks;
}

struct Peak {
    std::int64_t height = 0;
    std::size_t at = 0;
};

// Pettitt's K and where it is: the largest |U_t|, U_t being the sum of the first t centred ranks.
Peak peak_of(const std::vector<std::int64_t>& ranks)
{
    Peak peak;
    std::int64_t sum = 0;
    for (std::size_t t = 1; t < ranks.size(); ++t) {
        sum += ranks[t - 1];
        if (std::abs(sum) > peak.height) peak = {std::abs(sum), t};
    }
    return peak;
}

// Ends early when it cannot be significant any more.
std::optional<Change> test(const std::vector<double>& values, double alpha)
{
    auto ranks = centred_ranks(values);
    const auto peak = peak_of(ranks);
    if (peak.height == 0) return std::nullopt;
    const auto permutations = std::ceil(permutations_per_level / alpha) - 1;
    auto random = random_stream(seed, "change point", values.size());
    std::uint64_t as_high = 1; // the series itself
    for (std::uint64_t done = 0; static_cast<double>(done) < permutations; ++done) {
        for (std::size_t i = ranks.size() - 1; i > 0; --i) {
            boost::random::uniform_int_distribution<std::size_t> any{0, i};
            std::swap(ranks[i], ranks[any(random)]);
        }
        as_high += peak_of(ranks).height >= peak.height ? 1 : 0;
        if (static_cast<double>(as_high) > alpha * (permutations + 1)) return std::nullopt;
    }
    return Change{.at = peak.at, .p = static_cast<double>(as_high) / (permutations + 1)};
}

void search(const std::vector<double>& values, std::size_t offset, double alpha, std::vector<Change>& found)
{
    if (values.size() < 2) return;
    const auto change = test(values, alpha);
    if (!change) return;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(change->at);
    search({values.begin(), middle}, offset, alpha, found);
    found.push_back({.at = offset + change->at, .p = change->p});
    search({middle, values.end()}, offset + change->at, alpha, found);
}

} // namespace

std::vector<Change> change_points(const std::vector<double>& values, double alpha)
{
    std::vector<Change> found;
    search(values, 0, alpha, found);
    return found;
}

} // namespace wsrace
