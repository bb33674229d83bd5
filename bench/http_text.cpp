#include "http_text.hpp"

#include "agent_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>

#include <openssl/evp.h>
#include <openssl/sha.h>

namespace bench {

namespace {

constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool same_word(std::string_view left, std::string_view right)
{
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [&](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text)
{
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string from_base64url(std::string_view text)
{
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto value = url_alphabet.find(c);
        if (value == std::string_view::npos) return {};
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>(bits >> count & 0xff);
        }
    }
    return bytes;
}

std::string to_base64url(std::string_view bytes)
{
    std::string text;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char byte : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(byte);
        count += 8;
        while (count >= 6) {
            count -= 6;
            text += url_alphabet[bits >> count & 0x3f];
        }
    }
    if (count > 0) text += url_alphabet[bits << (6 - count) & 0x3f];
    return text;
}

} // namespace

bool take_request(std::string_view buffer, Request& request)
{
    const auto end = buffer.find("\r\n\r\n");
    if (end == std::string_view::npos) return false;
    const auto line = buffer.substr(0, buffer.find("\r\n"));
    const auto method_end = std::min(line.find(' '), line.size());
    const auto rest = line.substr(std::min(method_end + 1, line.size()));
    const auto target = rest.substr(0, rest.find(' '));
    request.method = line.substr(0, method_end);
    request.path = target.substr(0, target.find('?'));
    request.headers = buffer.substr(line.size(), end + 2 - line.size());

    std::size_t body = 0;
    const auto length = header(request.headers, "Content-Length");
    std::from_chars(length.data(), length.data() + length.size(), body);
    body = std::min(body, max_request_bytes);
    if (buffer.size() < end + 4 + body) return false;
    request.body = buffer.substr(end + 4, body);
    request.bytes = end + 4 + body;
    return true;
}

std::string_view header(std::string_view headers, std::string_view name)
{
    while (!headers.empty()) {
        const auto line = headers.substr(0, headers.find("\r\n"));
        const auto colon = line.find(':');
        if (colon == name.size() && same_word(line.substr(0, colon), name))
            return trimmed(line.substr(colon + 1));
        headers.remove_prefix(std::min(line.size() + 2, headers.size()));
    }
    return {};
}

bool offers(std::string_view value, std::string_view word)
{
    while (!value.empty()) {
        const auto one = value.substr(0, value.find(','));
        if (same_word(trimmed(one), word)) return true;
        value.remove_prefix(std::min(one.size() + 1, value.size()));
    }
    return false;
}

std::string accept_key(std::string_view key)
{
    const auto text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    std::array<unsigned char, 4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1> encoded{};
    const int size = EVP_EncodeBlock(encoded.data(), digest.data(), SHA_DIGEST_LENGTH);
    return {encoded.begin(), encoded.begin() + size};
}

std::string subject_of(std::string_view authorization)
{
    constexpr std::string_view scheme = "Bearer ";
    if (!same_word(authorization.substr(0, scheme.size()), scheme)) return {};
    const auto token = trimmed(authorization.substr(scheme.size()));
    const auto first = token.find('.');
    if (first == std::string_view::npos) return {};
    const auto second = token.find('.', first + 1);
    if (second == std::string_view::npos) return {};
    const auto claims = from_base64url(token.substr(first + 1, second - first - 1));
    const auto subject = find_string(claims, "sub", Depth::top);
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
    return std::any_of(subject.begin(), subject.end(), is_control) ? std::string() : std::string(subject);
}

std::string make_token(std::string_view subject)
{
    const auto claims =
        "{\"sub\":\"" + std::string(subject) + "\",\"type\":\"access\",\"iat\":0,\"exp\":4102444800}";
    return to_base64url("{\"alg\":\"HS256\",\"typ\":\"JWT\"}") + "." + to_base64url(claims) + "." +
           to_base64url("not a signature");
}

} // namespace bench
