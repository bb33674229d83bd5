// The one cookie of a user by which a load balancer knows where the user was.
#pragma once

#include <string>
#include <string_view>

namespace wsrace {

class CookieJar {
public:
    // All other cookies are left alone: what a login sets is the profile's business. No name: none is kept.
    explicit CookieJar(std::string_view name = {}) : name_{name} {}

    void take(std::string_view set_cookie); // a Set-Cookie header's value (RFC 6265, section 5.2)

    // The value of a Cookie header; empty: there is nothing to send.
    const std::string& header() const { return pair_; }

private:
    std::string name_;
    std::string pair_;
};

} // namespace wsrace
