// The head of an HTTP/1.1 request, to be looked at and changed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wsrace::ingress {

inline constexpr std::size_t longest_head = std::size_t{64} * 1024; // bytes

struct RequestHead {
    std::string method;
    std::string target;
    int minor = 1;                                           // HTTP/1.minor
    std::vector<std::pair<std::string, std::string>> fields; // as they were sent, in order

    // The value of the first field of that name (in whatever case), or empty.
    std::string_view find(std::string_view name) const;
    bool has(std::string_view name) const;
    void remove(std::string_view name);                      // all of that name
    void append(std::string_view name, std::string_view to); // to the list that the last one of that name is
    bool upgrades() const;                                   // to a WebSocket

    // As it goes out, with the empty line.
    std::string text() const;
};

// `text` reaches to the empty line that ends the head. Nothing when it is not a request (RFC 9112).
std::optional<RequestHead> parse_request_head(std::string_view text);

// How many bytes of `bytes` are a whole head; nothing when its end has not come yet.
std::optional<std::size_t> head_length(std::string_view bytes);

bool same_name(std::string_view a, std::string_view b); // of headers

} // namespace wsrace::ingress
