// Where a series changes its level: Pettitt's test (A. N. Pettitt, "A non-parametric approach to the
// change-point problem", Applied Statistics 28, 1979), which rests on ranks alone and is meant for continuous
// and for 0/1 observations alike. Its p-value is that of a permutation test, exact for any number of values
// and ties; several changes are found by binary segmentation (Scott and Knott 1974). Pure: the same series
// gives the same changes.
#pragma once

#include <cstddef>
#include <vector>

namespace wsrace {

struct Change {
    std::size_t at = 0; // position of the first value of the new level
    double p = 1;       // of the test that found it
    bool operator==(const Change&) const = default;
};

// Ascending. In a series without change the probability of finding one is at most `alpha`. With 0.01, six
// values on each side are the fewest that can show one; the smaller `alpha`, the more.
std::vector<Change> change_points(const std::vector<double>& values, double alpha);

} // namespace wsrace
