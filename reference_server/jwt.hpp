// JSON Web Tokens, HS256 only.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace::reference {

struct Claims {
    std::string subject;
    std::string email;
    std::vector<std::string> permissions;
    std::chrono::sys_seconds issued_at{};
    std::chrono::sys_seconds expires_at{};
    std::string type; // "access" or "refresh"; empty when the token does not say
    std::string issuer;
    std::string audience;
    std::string id;
};

std::string sign_token(const Claims& claims, std::string_view secret);

struct Verification {
    std::optional<Claims> claims; // set when the token is good
    std::string error;            // else a code such as "token_expired"
    std::string message;
};

struct Expected {
    std::string_view secret;
    std::string_view audience;
    std::chrono::sys_seconds now;
};

// Refuses every algorithm but HS256, a token without a subject or an expiry, one that has expired or is not
// valid yet, and one that names audiences without the expected one. The issuer is free: clients may mint
// their own.
Verification verify_token(std::string_view token, const Expected& expected);

} // namespace wsrace::reference
