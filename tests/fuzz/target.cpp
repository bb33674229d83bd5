#include "fuzz/target.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace wsrace::fuzz {

void broken(std::string_view property, std::string_view what)
{
    std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(property.size()), property.data());
    if (!what.empty()) std::fprintf(stderr, "  %.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
}

// FNV-1a.
Draws::Draws(std::string_view input) : state_{0xcbf29ce484222325ULL}
{
    for (const auto c : input) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
}

// SplitMix64 (Steele, Lea, Flood 2014).
std::size_t Draws::below(std::size_t count)
{
    state_ += 0x9e3779b97f4a7c15ULL;
    auto mixed = (state_ ^ (state_ >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
    mixed ^= mixed >> 31U;
    return count == 0 ? 0 : static_cast<std::size_t>(mixed % count);
}

std::vector<std::string_view> pieces(std::string_view bytes, Draws& draws)
{
    static constexpr std::array<std::size_t, 4> longest{2, 16, 200, 3000};
    std::vector<std::string_view> out;
    while (!bytes.empty()) {
        const auto size = std::min(bytes.size(), 1 + draws.below(longest[draws.below(longest.size())]));
        out.push_back(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    return out;
}

std::vector<std::string_view> single_bytes(std::string_view bytes)
{
    std::vector<std::string_view> out;
    for (std::size_t i = 0; i < bytes.size(); ++i) out.push_back(bytes.substr(i, 1));
    return out;
}

} // namespace wsrace::fuzz
