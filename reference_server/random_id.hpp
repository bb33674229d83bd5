// Identifiers nobody can guess.
#pragma once

#include <string>

namespace wsrace::reference {

// 128 random bits as base64url.
std::string random_id();

} // namespace wsrace::reference
