#include "reference_server/auth.hpp"

#include "reference_server/clock.hpp"
#include "reference_server/random_id.hpp"

namespace wsrace::reference {

std::optional<TokenPair> AuthStore::register_user(const std::string& email, std::string_view password)
{
    auto user = users_.add(email, password);
    if (!user) return std::nullopt;
    return tokens_for(std::move(*user));
}

std::optional<TokenPair> AuthStore::login(const std::string& email, std::string_view password)
{
    auto user = users_.find(email, password);
    if (!user) return std::nullopt;
    return tokens_for(std::move(*user));
}

std::optional<TokenPair> AuthStore::refresh(std::string_view refresh_token)
{
    const auto verification = verify(refresh_token, "refresh");
    if (!verification.claims) return std::nullopt;
    return tokens_for(User{.id = verification.claims->subject, .email = verification.claims->email});
}

Verification AuthStore::check(std::string_view access_token) const { return verify(access_token, "access"); }

std::optional<Identity> AuthStore::identify(const Credentials& credentials)
{
    if (credentials.token.empty() && !credentials.ticket.empty()) return tickets_.redeem(credentials.ticket);
    auto verification = check(credentials.token);
    if (!verification.claims) return std::nullopt;
    return Identity{.user_id = std::move(verification.claims->subject),
                    .email = std::move(verification.claims->email)};
}

TokenPair AuthStore::tokens_for(User user) const
{
    const auto now = unix_now();
    Claims claims{.subject = user.id,
                  .email = user.email,
                  .permissions = {"chat", "agents"},
                  .issued_at = now,
                  .expires_at = now + options_.access_ttl,
                  .type = "access",
                  .issuer = "wsrace-reference",
                  .audience = options_.audience,
                  .id = random_id()};
    TokenPair pair;
    pair.access_token = sign_token(claims, options_.jwt_secret);
    claims.type = "refresh";
    claims.expires_at = now + options_.refresh_ttl;
    claims.id = random_id();
    pair.refresh_token = sign_token(claims, options_.jwt_secret);
    pair.user = std::move(user);
    return pair;
}

Verification AuthStore::verify(std::string_view token, std::string_view type) const
{
    const Expected expected{.secret = options_.jwt_secret, .audience = options_.audience, .now = unix_now()};
    auto verification = verify_token(token, expected);
    if (!verification.claims) return verification;
    // A token minted elsewhere may leave its type out; it then counts as an access token.
    const auto& said = verification.claims->type;
    const bool fits = said.empty() ? type == "access" : said == type;
    if (!fits) {
        verification.claims.reset();
        verification.error = "invalid_token_type";
        verification.message = "the token is of another type";
    }
    return verification;
}

} // namespace wsrace::reference
