#include "reference_server/jwt.hpp"

#include "reference_server/base64url.hpp"
#include "reference_server/json_fields.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace wsrace::reference {

namespace json = boost::json;

namespace {

constexpr auto allowed_skew = std::chrono::seconds{60};

std::string hmac_sha256(std::string_view message, std::string_view secret)
{
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned int size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(message.data()), message.size(),
         reinterpret_cast<unsigned char*>(digest.data()), &size);
    digest.resize(size);
    return digest;
}

Verification refused(std::string error, std::string message)
{
    return {.claims = {}, .error = std::move(error), .message = std::move(message)};
}

std::optional<json::object> decoded_object(std::string_view part)
{
    const auto text = base64url_decode(part);
    if (!text) return std::nullopt;
    return parse_object(*text);
}

std::optional<std::chrono::sys_seconds> time_claim(const json::object& payload, std::string_view name)
{
    const auto* value = payload.if_contains(name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    const auto seconds = value->to_number<double>();
    if (!(std::abs(seconds) < 1e12)) return std::nullopt; // also refuses what is not a number
    return std::chrono::sys_seconds{std::chrono::seconds{static_cast<std::int64_t>(seconds)}};
}

bool names_audience(const json::value& claim, std::string_view audience)
{
    if (const auto* one = claim.if_string()) return std::string_view{*one} == audience;
    const auto* several = claim.if_array();
    return several != nullptr && std::any_of(several->begin(), several->end(), [&](const json::value& item) {
               return item.is_string() && std::string_view{item.get_string()} == audience;
           });
}

Verification verify_payload(const json::object& payload, const Expected& expected)
{
    Claims claims{.subject = string_field(payload, "sub"),
                  .email = string_field(payload, "email"),
                  .permissions = {},
                  .issued_at = time_claim(payload, "iat").value_or(std::chrono::sys_seconds{}),
                  .expires_at = {},
                  .type = string_field(payload, "type"),
                  .issuer = string_field(payload, "iss"),
                  .audience = string_field(payload, "aud"),
                  .id = string_field(payload, "jti")};
    if (claims.subject.empty()) return refused("invalid_token", "the token has no subject");
    const auto expiry = time_claim(payload, "exp");
    if (!expiry) return refused("invalid_token", "the token has no expiry");
    if (*expiry <= expected.now) return refused("token_expired", "the token has expired");
    claims.expires_at = *expiry;
    const auto not_before = std::max(claims.issued_at, time_claim(payload, "nbf").value_or(claims.issued_at));
    if (not_before > expected.now + allowed_skew)
        return refused("invalid_token", "the token is not valid yet");
    const auto* audience = payload.if_contains("aud");
    if (audience != nullptr && !audience->is_null() && !names_audience(*audience, expected.audience)) {
        return refused("invalid_audience", "the token is for another audience");
    }
    if (const auto* permissions = payload.if_contains("permissions");
        permissions && permissions->is_array()) {
        for (const auto& item : permissions->get_array()) {
            if (item.is_string()) claims.permissions.emplace_back(std::string_view{item.get_string()});
        }
    }
    return {.claims = std::move(claims), .error = {}, .message = {}};
}

} // namespace

std::string sign_token(const Claims& claims, std::string_view secret)
{
    json::object payload{{"sub", claims.subject},
                         {"email", claims.email},
                         {"permissions", json::value_from(claims.permissions)},
                         {"iat", claims.issued_at.time_since_epoch().count()},
                         {"exp", claims.expires_at.time_since_epoch().count()},
                         {"type", claims.type},
                         {"iss", claims.issuer},
                         {"jti", claims.id}};
    if (!claims.audience.empty()) payload["aud"] = claims.audience;
    auto token =
        base64url_encode(R"({"alg":"HS256","typ":"JWT"})") + '.' + base64url_encode(json::serialize(payload));
    const auto signature = base64url_encode(hmac_sha256(token, secret));
    return token + '.' + signature;
}

Verification verify_token(std::string_view token, const Expected& expected)
{
    const auto first = token.find('.');
    const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
        return refused("invalid_token", "the token is malformed");
    }
    const auto header = decoded_object(token.substr(0, first));
    const auto payload = decoded_object(token.substr(first + 1, second - first - 1));
    const auto signature = base64url_decode(token.substr(second + 1));
    if (!header || !payload || !signature) return refused("invalid_token", "the token is malformed");
    if (string_field(*header, "alg") != "HS256")
        return refused("invalid_token", "the algorithm is not accepted");
    const auto wanted = hmac_sha256(token.substr(0, second), expected.secret);
    if (signature->size() != wanted.size() ||
        CRYPTO_memcmp(signature->data(), wanted.data(), wanted.size()) != 0) {
        return refused("invalid_signature", "the signature does not match");
    }
    return verify_payload(*payload, expected);
}

} // namespace wsrace::reference
