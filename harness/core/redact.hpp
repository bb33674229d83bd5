// Secrets never reach an artefact: whatever has the shape or the name of one is replaced before it is stored.
#pragma once

#include <string>
#include <string_view>

namespace wsrace {

// Replaces the secret part of these by "[redacted]", and nothing else; in linear time, so that every line may
// pass through it: JSON Web Tokens; what follows "Bearer"; the token of a subprotocol "jwt.<token>"; the
// password of a URL; and values whose name ends in token, ticket, ticket_id, password, secret, api_key,
// access_key, private_key or authorization, in a query (`token=x`) or a JSON field, also inside a JSON
// string. null, true, false and empty values stay. Redacting twice changes nothing more. A secret with
// neither shape nor name (a password in prose) is not recognised.
std::string redact(std::string_view text);

} // namespace wsrace
