// The identity that counts: a token that a request carries and the agent echoes in its events (protocol.md,
// section 3).
//
// Form: "wsrcanary" and 29 characters of Crockford's base32 in lower case: run (8), user (6), slot (3),
// request (4), and a tag (8) that is the beginning of an HMAC-SHA256 over the rest. Any wsrace process can
// therefore read the owner out of a canary it has never seen, and tell a real one from text that only looks
// like one. No character of it changes under JSON escaping or URL encoding.
#pragma once

#include "core/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

inline constexpr std::string_view canary_prefix = "wsrcanary";
inline constexpr std::size_t canary_length = 38;

// One execution of the harness, drawn from the operating system's randomness; 40 bits. All shards of a run
// share it.
struct RunId {
    std::uint64_t value = 0;
    auto operator<=>(const RunId&) const = default;
};
RunId random_run_id();
std::string to_string(RunId id);

struct Canary {
    RunId run;
    RequestId request;
    auto operator<=>(const Canary&) const = default;
};

std::string make_canary(const Canary& canary);

// The owner, if `text` begins with a canary whose tag is right.
std::optional<Canary> parse_canary(std::string_view text);

struct FoundCanary {
    std::string text;            // the 38 characters (fewer when it was cut off)
    std::optional<Canary> owner; // empty: form or tag are wrong
    bool encoded = false;        // it was inside base64 (standard or URL alphabet)
};

// Every canary in `text`, plain and inside base64, in order. Text is already free of JSON escapes.
std::vector<FoundCanary> find_canaries(std::string_view text);

// True if `text` may hold a canary: the quick look that all frames get. Never false when find_canaries()
// would find one.
bool may_hold_canary(std::string_view text);

} // namespace wsrace
