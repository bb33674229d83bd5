// How the server asks about users: in its own process, or, with --dependencies, over TCP. Either way an
// answer must come within --dependency-timeout.
#pragma once

#include "reference_server/auth.hpp"
#include "reference_server/call_queue.hpp"
#include "reference_server/http_message.hpp"
#include "reference_server/line_client.hpp"

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>

namespace wsrace::reference {

// Any thread.
class AuthAccess {
public:
    explicit AuthAccess(const Options& options);

    // Registering, logins, tokens and tickets; nothing when the path is none of theirs. Throws
    // DependencyFailure.
    boost::asio::awaitable<std::optional<HttpReply>> answer(std::shared_ptr<const HttpRequest> request);

    // Whose token or ticket this is, nobody's when it is not good. Throws DependencyFailure.
    boost::asio::awaitable<std::optional<Identity>> identify(Credentials credentials);

    // What a token's own signature vouches for, without asking anybody.
    std::optional<Identity> read_signed(const std::string& token) const;

    boost::asio::awaitable<bool> reached() const;

private:
    boost::asio::awaitable<void> wait_for_turn();
    boost::asio::awaitable<std::optional<Identity>> redeem(std::string ticket);

    const Options& options_;
    AuthStore store_; // not asked when there is a service
    CallQueue queue_;
    std::optional<LineClient> service_;
};

} // namespace wsrace::reference
