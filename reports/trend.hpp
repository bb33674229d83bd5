// What `wsrace history` and `wsrace compare` print. Texts that a target may have had a hand in (signatures)
// come out clean, whoever wrote the file they are from.
#pragma once

#include "core/comparison.hpp"
#include "core/trend.hpp"

#include <string>
#include <vector>

namespace wsrace {

std::string trend_text(const Trend& trend);
std::string comparison_text(const Comparison& comparison);

std::string trends_json(const std::vector<Trend>& trends); // reports/schema/history.schema.json
std::string comparison_json(const Comparison& comparison); // reports/schema/comparison.schema.json

// One character for each value, from the lowest to the highest; "·" where there is none, "|" before the first
// of a new level. At most `width` values: of more, each character is the highest of several, and levels are
// not marked.
std::string sparkline(const TrendSeries& series, std::size_t width = 60);

} // namespace wsrace
