// Where the target is.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>
#include <variant>

namespace wsrace {

// A target's URL, taken apart: ws, wss, http or https; the path may be empty (then the profile's is used).
struct TargetUrl {
    bool tls = false;
    std::string host; // without brackets
    std::uint16_t port = 0;
    std::string path;  // with a leading slash, or empty
    std::string query; // without the question mark

    std::string host_header() const; // host, and the port where it is not the scheme's default
    std::string text() const;        // ws://host:port/path, never the query: it may hold a secret
};

// The URL, or one sentence that says what is wrong with it.
std::variant<TargetUrl, std::string> parse_target_url(const std::string& text);

// The addresses of the host, the first of which is used; or one sentence that says why there is none. Blocks.
std::variant<boost::asio::ip::tcp::endpoint, std::string> resolve(const TargetUrl& url);

} // namespace wsrace
