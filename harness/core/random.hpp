// Seeded randomness for plans. The same seed gives the same numbers with every compiler and standard library:
// the engine is the standard's mt19937_64, whose output is specified, and distributions are Boost.Random's.
#pragma once

#include <boost/random/mersenne_twister.hpp>

#include <cstdint>
#include <string_view>

namespace wsrace {

using RandomEngine = boost::random::mt19937_64;

// One stream per purpose, user and step: leaving one user or step out leaves the draws of all others as they
// were. SplitMix64 (Steele, Lea, Flood 2014) mixes the parts.
std::uint64_t derive_seed(std::uint64_t seed, std::string_view purpose, std::uint64_t a = 0,
                          std::uint64_t b = 0);
RandomEngine random_stream(std::uint64_t seed, std::string_view purpose, std::uint64_t a = 0,
                           std::uint64_t b = 0);

} // namespace wsrace
