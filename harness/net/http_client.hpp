// HTTP/1.1 as logins need it: JSON posts over one kept-alive connection, each within a deadline.
#pragma once

#include "core/event.hpp"
#include "net/cookie_jar.hpp"
#include "net/deadline_queue.hpp"
#include "net/endpoint.hpp"
#include "net/tls.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace wsrace {

struct HttpAnswer {
    Outcome outcome = Outcome::ok; // ok: an HTTP answer arrived, whatever its status
    int status = 0;
    std::string body;
    std::string retry_after; // header, or empty
    std::string error;       // what went wrong, when the outcome is not ok
};

struct HttpCall {
    std::string method = "POST"; // or GET
    std::string path;
    std::string body;   // JSON
    std::string bearer; // token for Authorization, or empty
    std::vector<std::pair<std::string, std::string>> headers;
};

// Used on one worker's thread; connects at the first call, and again when the target has closed the
// connection.
class HttpClient {
public:
    HttpClient(DeadlineQueue& deadlines, TargetUrl url, asio::ip::tcp::endpoint endpoint,
               asio::ssl::context* tls);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    Task<HttpAnswer> call(const HttpCall& call, Clock::time_point deadline);
    void cut(); // ends a call that is under way

    // For every call that follows. The jar outlives the client.
    void send_always(std::string name, std::string value);
    void keep_cookies_in(CookieJar& jar) { cookies_ = &jar; }

    struct Stream; // TCP or TLS

private:
    DeadlineQueue& deadlines_;
    TargetUrl url_;
    asio::ip::tcp::endpoint endpoint_;
    asio::ssl::context* tls_;
    std::unique_ptr<Stream> stream_;
    std::vector<std::pair<std::string, std::string>> headers_;
    CookieJar* cookies_ = nullptr;
};

} // namespace wsrace
