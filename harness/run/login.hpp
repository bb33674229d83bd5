// How a user gets its token: over HTTP(S), minted here, or given from outside. Tokens never reach the
// history.
#pragma once

#include "core/canary.hpp"
#include "net/http_client.hpp"
#include "scenario/profile.hpp"

#include <string>

namespace wsrace {

struct LoginResult {
    Outcome outcome = Outcome::ok;
    int status = 0;          // HTTP status, where there was one
    std::string error;       // what went wrong
    std::string retry_after; // as the target said it
    std::string token;
    std::string user_id; // as the target names the user
};

struct LoginRequest {
    const Profile& profile;
    RunId run;
    UserId user;
};

// What the profile needs from the environment and is not there: one sentence, or empty. Asked before a run
// starts.
std::string missing_credentials(const Profile& profile);

// What the environment variable login.secret_env holds; empty where it is not set.
std::string signing_secret(const Profile& profile);

Task<LoginResult> log_in(LoginRequest request, HttpClient& http, Clock::time_point deadline);

// Trades a token for a ticket (single use); the result's token is the ticket.
Task<LoginResult> fetch_ticket(LoginRequest request, HttpClient& http, std::string token,
                               Clock::time_point deadline);

} // namespace wsrace
