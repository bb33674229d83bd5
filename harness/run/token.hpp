// JSON Web Tokens (RFC 7519), as far as a client needs them: to mint one when it is given the secret, and to
// read whose one is.
#pragma once

#include "core/time.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace wsrace {

struct TokenClaims {
    std::string subject;
    std::string email;
    std::string issuer;
    std::string audience; // empty: none
    std::string id;       // jti
    std::chrono::system_clock::time_point issued;
    Duration lifetime{};
};

std::string base64url(std::string_view bytes);

// HS256.
std::string mint_token(const TokenClaims& claims, std::string_view secret);

// A token with these claims (a JSON object) and this key, HS256; and one that says "alg": "none" instead.
std::string sign_claims(std::string_view claims, std::string_view secret);
std::string unsigned_token(std::string_view claims);

// The JSON text of a token's claims, unverified; empty if this is no JWT.
std::string claims_text(std::string_view token);

// The `sub` claim, unverified; empty if this is no JWT or it has none.
std::string subject_of(std::string_view token);

} // namespace wsrace
