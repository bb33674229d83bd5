// The auth store: registers users, logs them in, issues and checks tokens and tickets.
#pragma once

#include "reference_server/identity.hpp"
#include "reference_server/jwt.hpp"
#include "reference_server/server.hpp"
#include "reference_server/ticket_store.hpp"
#include "reference_server/user_store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wsrace::reference {

struct TokenPair {
    std::string access_token;
    std::string refresh_token;
    User user;
};

// Any thread.
class AuthStore {
public:
    explicit AuthStore(const Options& options) : options_{options} {}

    std::optional<TokenPair> register_user(const std::string& email, std::string_view password);
    std::optional<TokenPair> login(const std::string& email, std::string_view password);
    std::optional<TokenPair> refresh(std::string_view refresh_token);

    // What an access token says, or why it is refused.
    Verification check(std::string_view access_token) const;

    // Whose token or ticket this is; a single-use ticket is used up. Nobody's when it is not good.
    std::optional<Identity> identify(const Credentials& credentials);

    TicketStore& tickets() { return tickets_; }

private:
    TokenPair tokens_for(User user) const;
    Verification verify(std::string_view token, std::string_view type) const;

    const Options& options_;
    UserStore users_;
    TicketStore tickets_;
};

} // namespace wsrace::reference
