#include "run/token.hpp"

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

namespace wsrace {

namespace {

std::string decode_base64url(std::string_view text)
{
    std::string padded{text};
    std::replace(padded.begin(), padded.end(), '-', '+');
    std::replace(padded.begin(), padded.end(), '_', '/');
    const auto padding = (4 - padded.size() % 4) % 4;
    padded.append(padding, '=');
    std::string out(padded.size(), '\0');
    const auto length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                        reinterpret_cast<const unsigned char*>(padded.data()),
                                        static_cast<int>(padded.size()));
    if (length < 0 || static_cast<std::size_t>(length) < padding) return {};
    out.resize(static_cast<std::size_t>(length) - padding);
    return out;
}

std::string sign(std::string_view text, std::string_view secret)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned length = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &length);
    return {reinterpret_cast<const char*>(mac.data()), length};
}

} // namespace

std::string base64url(std::string_view bytes)
{
    std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const auto length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(length));
    std::replace(out.begin(), out.end(), '+', '-');
    std::replace(out.begin(), out.end(), '/', '_');
    while (out.ends_with('=')) out.pop_back();
    return out;
}

std::string mint_token(const TokenClaims& claims, std::string_view secret)
{
    const auto seconds = [](auto time) {
        return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
    };
    nlohmann::json payload{
        {"sub", claims.subject},
        {"email", claims.email},
        {"permissions", {"chat"}},
        {"type", "access"},
        {"iat", seconds(claims.issued)},
        {"exp", seconds(claims.issued + std::chrono::duration_cast<std::chrono::seconds>(claims.lifetime))},
        {"jti", claims.id}};
    if (!claims.issuer.empty()) payload["iss"] = claims.issuer;
    if (!claims.audience.empty()) payload["aud"] = claims.audience;
    return sign_claims(payload.dump(), secret);
}

std::string sign_claims(std::string_view claims, std::string_view secret)
{
    auto token = base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + base64url(claims);
    const auto signature = base64url(sign(token, secret));
    return token + "." + signature;
}

std::string unsigned_token(std::string_view claims)
{
    return base64url(R"({"alg":"none","typ":"JWT"})") + "." + base64url(claims) + ".";
}

std::string claims_text(std::string_view token)
{
    const auto begin = token.find('.');
    if (begin == std::string_view::npos) return {};
    const auto end = token.find('.', begin + 1);
    if (end == std::string_view::npos) return {};
    return decode_base64url(token.substr(begin + 1, end - begin - 1));
}

std::string subject_of(std::string_view token)
{
    const auto json = nlohmann::json::parse(claims_text(token), nullptr, false);
    if (!json.is_object() || !json.contains("sub") || !json["sub"].is_string()) return {};
    return json["sub"].get<std::string>();
}

} // namespace wsrace
