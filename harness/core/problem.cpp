#include "core/problem.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace wsrace {

namespace {

// Levenshtein's distance by rows.
std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
        }
    }
    return row.back();
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
