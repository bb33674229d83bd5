// The elements of a plan that can be left out, as numbers, and which of them cannot be without others: a step
// needs its user, "step i of A after step j of B" needs both. Leaving out an element leaves out all that
// needs it. Elements that need each other go together.
#pragma once

#include <cstddef>
#include <vector>

namespace wsrace {

using Keep = std::vector<bool>; // one entry for each element; false: left out

class ElementLinks {
public:
    // needs[i]: the elements without which i cannot be. Numbers that name no element are ignored.
    explicit ElementLinks(std::vector<std::vector<std::size_t>> needs) : needs_{std::move(needs)} {}

    std::size_t size() const { return needs_.size(); }
    Keep all() const { return Keep(size(), true); }
    Keep without_orphans(Keep keep) const; // leaves out what lacks something that it needs
    Keep with_needed(Keep keep) const;     // adds what the kept ones need

private:
    std::vector<std::vector<std::size_t>> needs_;
};

std::vector<std::size_t> elements_of(const Keep& keep); // ascending
std::size_t kept_count(const Keep& keep);

} // namespace wsrace
