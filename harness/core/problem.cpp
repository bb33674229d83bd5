#include "core/problem.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace wsrace {

namespace {

// Optimal string alignment distance: insertions, deletions, replacements, and swaps of neighbours count one
// each (Damerau 1964: these four are 80 % of all spelling errors).
std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    std::iota(above.begin(), above.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
            const auto swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above.back();
}

} // namespace

std::string to_string(const Problem& problem)
{
    auto text = problem.file;
    if (!problem.path.empty()) text += (text.empty() ? "" : ": ") + problem.path;
    return text + (text.empty() ? "" : ": ") + problem.message;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates)
{
    std::string_view best;
    auto best_distance = std::max<std::size_t>(1, std::min<std::size_t>(word.size() / 3, 3)) + 1;
    for (const auto candidate : candidates) {
        const auto distance = edit_distance(word, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

} // namespace wsrace
