// A mistake in what somebody wrote for us. All mistakes of a file are reported at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

struct Problem {
    std::string file;    // as the user named it
    std::string path;    // JSON path: "$.faults[1].at"; or "line 3, column 7" when it is not JSON at all
    std::string message; // what was found, what was expected, a suggestion
};

// "scenarios/x.json: $.faults[1].at: unknown step "lag" (known: connect, ...); did you mean ...?"
std::string to_string(const Problem& problem);

// The candidate nearest to `word` by edit distance, if one is near enough to be a slip; else empty.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

} // namespace wsrace
