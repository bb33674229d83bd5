// What a fuzz target is: one function that looks at one input and says which property does not hold of it.
//
// The same function runs in three ways: under libFuzzer (entry.cpp, preset `fuzz`), over the files of its
// corpus in every other build (replay.cpp, in ctest), and on one file, to look at a finding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace::fuzz {

// Each target defines it. Nothing is left of one input when the next one comes; no exception leaves it.
void look_at(std::string_view input);

// Prints the property and ends the program (SIGABRT): libFuzzer keeps the input then.
[[noreturn]] void broken(std::string_view property, std::string_view what);

// `property` is a sentence that is true of every input; `what` shows where it is not.
inline void require(bool holds, std::string_view property, std::string_view what = {})
{
    if (!holds) broken(property, what);
}

// Numbers that the input itself decides, so that a finding can be replayed: where it is cut, in what pieces
// it comes.
class Draws {
public:
    explicit Draws(std::string_view input);
    std::size_t below(std::size_t count); // 0 for 0

private:
    std::uint64_t state_;
};

// The input in pieces, as a socket or a pipe may give them; all of it, none of them empty.
std::vector<std::string_view> pieces(std::string_view bytes, Draws& draws);

// Every byte on its own.
std::vector<std::string_view> single_bytes(std::string_view bytes);

} // namespace wsrace::fuzz
