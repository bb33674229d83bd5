// What a connection brings to prove who its user is: the user's own token, one that must be refused, or a
// ticket that several connections of the user bring at once.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace wsrace {

enum class Credential : std::uint8_t {
    own,            // the token (or a fresh ticket), as the user's carrier says
    missing,        // none at all
    malformed,      // a token without its signature part
    expired,        // the user's token, signed anew with an expiry an hour ago; needs the signing secret
    wrong_key,      // the user's token, signed with another key
    alg_none,       // the user's token, "alg": "none" and no signature
    other_audience, // the user's token, signed anew for another audience; needs the signing secret
    shared_ticket,  // one single-use ticket for all of the user's connections
};

// Those that a target must refuse.
inline constexpr std::array forged_credentials{
    Credential::missing,   Credential::malformed, Credential::expired,
    Credential::wrong_key, Credential::alg_none,  Credential::other_audience,
};

constexpr std::string_view name(Credential credential)
{
    switch (credential) {
    case Credential::own: return "own";
    case Credential::missing: return "missing";
    case Credential::malformed: return "malformed";
    case Credential::expired: return "expired";
    case Credential::wrong_key: return "wrong_key";
    case Credential::alg_none: return "alg_none";
    case Credential::other_audience: return "other_audience";
    case Credential::shared_ticket: break;
    }
    return "shared_ticket";
}

constexpr bool is_forged(Credential credential)
{
    return credential != Credential::own && credential != Credential::shared_ticket;
}

// Made with the secret that the target signs its own tokens with.
constexpr bool needs_secret(Credential credential)
{
    return credential == Credential::expired || credential == Credential::other_audience;
}

} // namespace wsrace
