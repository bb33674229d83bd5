// A protocol profile: data that says how to talk to a target and where to look in what it says
// (profiles/*.json).
#pragma once

#include "core/event.hpp"
#include "core/problem.hpp"
#include "core/run_events.hpp"

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace wsrace {

enum class LoginKind {
    none,     // no credentials at all
    password, // register, then log in over HTTP(S)
    mint,     // sign a token here, with a secret from the environment
    token,    // one token from the environment, shared by all users
};
std::string_view name(LoginKind kind);

enum class TokenCarrier { authorization, subprotocol, query, ticket, none };
std::string_view name(TokenCarrier carrier);

struct LoginProfile {
    LoginKind kind = LoginKind::password;
    std::string register_path = "/auth/register"; // empty: users exist already
    std::string login_path = "/auth/login";
    std::string ticket_path = "/api/websocket/ticket";
    std::string email = "user{user}.{run}@wsrace.test"; // {user}, {run}
    std::string password_env; // the password's environment variable; empty: one is drawn for each user
    std::string secret_env = "WSRACE_JWT_SECRET"; // mint: the signing secret
    std::string token_env = "WSRACE_TOKEN";       // token
    std::string issuer;                           // mint: iss
    std::string audience;                         // mint: aud; empty: none
    Duration token_lifetime = std::chrono::minutes{15};
};

// A required field of a frame and the JSON type it must have.
struct FieldRule {
    std::string field; // name under the payload, or at the top level
    enum class Type { string, number, object, any } type = Type::any;
    std::vector<std::string> alternatives; // names that do as well
};

struct Profile {
    std::string name;
    std::string description;
    LoginProfile login;
    TokenCarrier carrier = TokenCarrier::authorization;
    std::string websocket_path = "/ws";
    std::vector<std::string> subprotocols;      // offered besides a token-bearing one
    std::map<std::string, std::string> headers; // added to the upgrade; {user} is filled in
    std::string health_path = "/health/ready";  // asked for readiness of a supervised target
    std::string stats_path = "/ws/stats"; // the target's own counters as a JSON object; empty: it has none
    // Those counters of it that are back at their level when all users have left (`baseline`).
    std::vector<std::string> level_counters{"active_connections", "active_runs", "managers"};

    // Requests.
    std::string request_message = "start_agent"; // or user_message, chat
    bool flat_fields = false;                    // fields at the top level instead of under `payload`
    bool wait_for_welcome = true;

    // Where to look in a frame: JSON pointers of depth 1 or 2, the first that is there wins.
    std::vector<std::string> type_pointers;
    std::vector<std::string> wrapper_types; // only wrap another type: the next type pointer is asked
    std::vector<std::string> run_pointers;
    std::vector<std::string> user_pointers;
    std::vector<std::string> thread_pointers;
    std::vector<std::string> execution_pointers;
    std::vector<std::string> tool_pointers;
    std::vector<std::string> step_pointers;
    std::vector<std::string> timestamp_pointers;
    std::vector<std::string> status_pointers;
    std::vector<std::string> recovered_pointers;

    RunEvents run_events;                   // what every run of the target has
    std::map<std::string, FrameType> types; // wire name to meaning: several names may mean the same
    std::map<FrameType, std::vector<FieldRule>> required_fields;
};

// Reads `profile` as a file's path, or as a name to be found in `search_path` (NAME.json), and what it
// extends; adds its mistakes to `problems`, each under the file where it stands.
std::optional<Profile> load_profile(const std::string& profile,
                                    const std::vector<std::filesystem::path>& search_path,
                                    std::vector<Problem>& problems);

} // namespace wsrace
