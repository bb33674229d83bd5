#include "core/random.hpp"

namespace wsrace {

namespace {

std::uint64_t split_mix(std::uint64_t& state)
{
    state += 0x9E3779B97F4A7C15ULL;
    auto z = state;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
}

} // namespace

std::uint64_t derive_seed(std::uint64_t seed, std::string_view purpose, std::uint64_t a, std::uint64_t b)
{
    auto state = seed;
    auto mixed = split_mix(state);
    for (const auto character : purpose) {
        state ^= static_cast<unsigned char>(character);
        mixed ^= split_mix(state);
    }
    state ^= a * 0x9E3779B97F4A7C15ULL + 1;
    mixed ^= split_mix(state);
    state ^= b * 0xC2B2AE3D27D4EB4FULL + 1;
    return mixed ^ split_mix(state);
}

RandomEngine random_stream(std::uint64_t seed, std::string_view purpose, std::uint64_t a, std::uint64_t b)
{
    return RandomEngine{derive_seed(seed, purpose, a, b)};
}

} // namespace wsrace
