// Identifiers: such as nobody can guess, and such as no other process makes.
#pragma once

#include <cstdint>
#include <string>

namespace wsrace::reference {

// 128 random bits as base64url.
std::string random_id();

// "r-7k2f-12" for kind 'r' and number 12: the middle is drawn once per process, so that the ids of two
// instances, or of two starts of the server, do not collide.
std::string numbered_id(char kind, std::uint64_t number);

} // namespace wsrace::reference
