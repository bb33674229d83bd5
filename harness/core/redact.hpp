// Secrets never reach an artefact: whatever looks like a token, and every secret that was registered, is
// replaced before it is stored.
#pragma once

#include <string>
#include <string_view>

namespace wsrace {

// Replaces JWTs, Bearer tokens, `token=`/`ticket=` query values and JSON fields named like a secret
// (password, access_token, refresh_token, secret, ticket_id, api_key) by "[redacted]".
std::string redact(std::string_view text);

} // namespace wsrace
