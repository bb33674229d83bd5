// Tokens that a target must refuse, made from one that it gave out.
#pragma once

#include "core/credential.hpp"
#include "scenario/scenario.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace wsrace {

// The forgery that `kind` names; empty for `missing`. `genuine` is the user's own token: where it is a JSON
// Web Token its claims are kept but for the one that makes it a forgery, else (and where they nest absurdly
// deep) they are made up. `secret` is
// the target's signing secret, looked at only by those that needs_secret().
std::string forge_token(Credential kind, std::string_view genuine, std::string_view secret,
                        std::chrono::system_clock::time_point now);

// Some forgeries are signed with the target's own secret, which both find in the environment variable
// login.secret_env. Where the harness starts the target, and nobody has set the variable, it gets a random
// value for this run. To be called before there are threads; says what is missing in one sentence, or
// nothing.
std::string provide_signing_secret(const Scenario& scenario);

} // namespace wsrace
