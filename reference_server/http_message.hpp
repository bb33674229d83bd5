// HTTP as the server's own parts see it, free of the library that reads and writes it.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace wsrace::reference {

struct HttpRequest {
    std::string method;
    std::string path;
    std::unordered_map<std::string, std::string> query; // decoded
    std::string authorization;
    std::string subprotocols;
    std::string origin;
    std::string host;
    std::string peer; // address of whoever connected: the client's, or that of a proxy
    std::string body;
    bool encrypted{false};
};

struct HttpReply {
    unsigned status{200};
    std::string body;
    std::optional<std::chrono::seconds> retry_after;
};

// Splits and decodes a request target; false when it is malformed.
bool read_target(std::string_view target, HttpRequest& request);

// The token of "Authorization: Bearer ...", or nothing.
std::string_view bearer_token(const HttpRequest& request);

HttpReply json_reply(unsigned status, const boost::json::object& body);
HttpReply error_reply(unsigned status, std::string_view code, std::string_view message);

} // namespace wsrace::reference
