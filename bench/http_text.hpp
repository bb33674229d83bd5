// The little HTTP and JWT that the fast server needs: request heads, the accept key, a token's subject.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bench {

// A request whose head is complete. Views into the buffer that was parsed.
struct Request {
    std::string_view method;
    std::string_view path; // without the query
    std::string_view headers;
    std::string_view body;
    std::size_t bytes = 0; // head and body: what to skip in the buffer
};

inline constexpr std::size_t max_request_bytes = 32768;

// False while the request is incomplete.
bool take_request(std::string_view buffer, Request& request);

// The value of a header, or nothing. Names are compared without case.
std::string_view header(std::string_view headers, std::string_view name);

// Whether one of the comma-separated words of a header is this one, without case.
bool offers(std::string_view value, std::string_view word);

std::string accept_key(std::string_view key);

// `sub` of the token in "Bearer <jwt>", still escaped as in its JSON; empty if there is none. Nothing is
// verified.
std::string subject_of(std::string_view authorization);

// A token that subject_of understands; it carries no valid signature.
std::string make_token(std::string_view subject);

} // namespace bench
