#include "core/redact.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace wsrace {

namespace {

constexpr std::string_view replacement = "[redacted]";
constexpr std::size_t longest_name =
    40; // how far back from a '=' or ':' a name is looked for: keeps the scan linear
constexpr std::size_t most_blanks = 8; // between a name, its colon and its value

// A part of the text that is to be replaced.
struct Secret {
    std::size_t begin = 0;
    std::size_t end = 0;
};
using Found = std::optional<Secret>;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_base64url(char c) { return is_lower(c) || is_upper(c) || is_digit(c) || c == '-' || c == '_'; }
bool is_quote(char c) { return c == '"' || c == '\''; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_bearer_char(char c)
{
    return is_base64url(c) || std::string_view{".~+/="}.find(c) != std::string_view::npos;
}
bool ends_value(char c)
{
    return static_cast<unsigned char>(c) <= ' ' ||
           std::string_view{"&;,\"'<>()[]{}|\\#`"}.find(c) != std::string_view::npos;
}

char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

template <typename Predicate>
std::size_t run_end(std::string_view text, std::size_t from, Predicate belongs)
{
    while (from < text.size() && belongs(text[from])) ++from;
    return from;
}

// "accessToken", "Access-Token" and "access_token" are the same name.
std::string normal_form(std::string_view name)
{
    std::string normal;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (i > 0 && is_upper(name[i]) && is_lower(name[i - 1])) normal += '_';
        normal += name[i] == '-' ? '_' : lower(name[i]);
    }
    return normal;
}

// The last words of the name decide: "refresh_token" and "x_api_key" are secrets, "token_type" and
// "max_tokens" are not.
bool names_a_secret(std::string_view name)
{
    static constexpr auto secrets = std::to_array<std::string_view>(
        {"token", "ticket", "ticket_id", "password", "passwd", "pwd", "secret", "secret_key", "api_key",
         "apikey", "access_key", "private_key", "authorization"});
    if (name.empty() || std::string_view{"dnty"}.find(lower(name.back())) == std::string_view::npos)
        return false;
    const auto normal = normal_form(name);
    return std::any_of(secrets.begin(), secrets.end(), [&](std::string_view secret) {
        if (!normal.ends_with(secret)) return false;
        return normal.size() == secret.size() || normal[normal.size() - secret.size() - 1] == '_';
    });
}

// Values that hide nothing, and whose absence would hide the cause of a failure.
bool says_nothing(std::string_view value)
{
    static constexpr auto plain = std::to_array<std::string_view>(
        {"null", "None", "nil", "undefined", "true", "false", "True", "False"});
    return value.empty() || std::find(plain.begin(), plain.end(), value) != plain.end();
}

// A JSON Web Token that begins at `begin` with "eyJ": header and claims ("eyJ" both), or three parts, or the
// five of an encrypted one. `tried` is moved past the first part, so that a long run without dots is looked
// at once.
Found jwt_at(std::string_view text, std::size_t begin, std::size_t& tried)
{
    auto end = run_end(text, begin, is_base64url);
    tried = end;
    std::array<std::size_t, 5> ends{end};
    std::size_t parts = 1;
    while (parts < ends.size() && end < text.size() && text[end] == '.') {
        end = run_end(text, end + 1, is_base64url);
        ends[parts++] = end;
    }
    const bool claims = parts >= 2 && text.substr(ends[0] + 1, 3) == "eyJ";
    if (parts == 5 && ends[4] > ends[3] + 1) return Secret{begin, ends[4]};
    if (parts >= 3 && (claims || (ends[1] > ends[0] + 1 && ends[2] > ends[1] + 1)))
        return Secret{begin, ends[2]};
    if (claims) return Secret{begin, ends[1]};
    return std::nullopt;
}

// The rest of "jwt.<token>", as clients offer it for a subprotocol; not "jwt.decode(" or
// "jwt.InvalidSignatureError".
Found subprotocol_token_at(std::string_view text, std::size_t begin)
{
    if (!text.substr(begin).starts_with("jwt.")) return std::nullopt;
    if (begin > 0 && is_base64url(text[begin - 1])) return std::nullopt;
    begin += 4;
    const auto end = run_end(text, begin, is_base64url);
    const auto token = text.substr(begin, end - begin);
    const bool is_call = end < text.size() && text[end] == '(';
    const bool has_digit = std::any_of(token.begin(), token.end(), is_digit);
    const bool is_type = token.ends_with("Error") || token.ends_with("Exception");
    const bool mixed = std::any_of(token.begin(), token.end(), is_upper) &&
                       std::any_of(token.begin(), token.end(), is_lower);
    const bool is_token = token.starts_with("eyJ") || token.starts_with("ZXlK") ||
                          (has_digit && token.size() >= 8) || (mixed && !is_type && token.size() >= 16);
    if (!is_token || is_call) return std::nullopt;
    return Secret{begin, end};
}

// The credential after "Bearer ", in any case; not the next word of "bearer token missing".
Found bearer_token_at(std::string_view text, std::size_t begin)
{
    static constexpr auto words =
        std::to_array<std::string_view>({"token", "tokens", "auth", "authentication", "authorization",
                                         "scheme", "header", "realm", "is", "was"});
    static constexpr std::string_view scheme = "bearer";
    const auto word = text.substr(begin, scheme.size());
    if (!std::equal(word.begin(), word.end(), scheme.begin(), scheme.end(),
                    [](char a, char b) { return lower(a) == b; }))
        return std::nullopt;
    if (begin > 0 && is_base64url(text[begin - 1])) return std::nullopt;
    const auto from = run_end(text, begin + scheme.size(), is_blank);
    const auto end = run_end(text, from, is_bearer_char);
    if (from == begin + scheme.size() || from == end) return std::nullopt;
    const auto name_end = run_end(text, from, is_base64url);
    if (std::find(words.begin(), words.end(), text.substr(from, name_end - from)) != words.end())
        return std::nullopt;
    return Secret{from, end};
}

// Where the quoted value that begins at `from` ends: at the first quote that is escaped as often as the
// opening one (`level` backslashes), at one that is escaped less (an outer string ends), or with the text.
std::size_t quoted_end(std::string_view text, std::size_t from, char quote, std::size_t level)
{
    std::size_t backslashes = 0;
    for (auto i = from; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++backslashes;
        } else {
            if (text[i] == quote && (backslashes < level || backslashes % (2 * (level + 1)) == level))
                return i - std::min(level, backslashes);
            backslashes = 0;
        }
    }
    return text.size();
}

// The value that begins at `from`, quoted (on any level of escaping) or bare.
Found value_at(std::string_view text, std::size_t from)
{
    const auto quote = run_end(text, from, [](char c) { return c == '\\'; });
    auto begin = from;
    auto end = from;
    if (quote < text.size() && is_quote(text[quote])) {
        begin = quote + 1;
        end = quoted_end(text, begin, text[quote], quote - from);
    } else {
        end = run_end(text, from, [](char c) { return !ends_value(c); });
    }
    if (says_nothing(text.substr(begin, end - begin))) return std::nullopt;
    return Secret{begin, end};
}

// The name that ends before `end`.
std::string_view name_before(std::string_view text, std::size_t end)
{
    auto begin = end;
    while (begin > 0 && end - begin < longest_name && is_base64url(text[begin - 1])) --begin;
    return text.substr(begin, end - begin);
}

// "token=...", as in a query or in a log line.
Found assigned_at(std::string_view text, std::size_t equals)
{
    if (!names_a_secret(name_before(text, equals)) || text.substr(equals + 1).starts_with('='))
        return std::nullopt;
    return value_at(text, equals + 1);
}

// "password":"..." in JSON, in JSON inside a JSON string, or as Python prints a dict.
Found field_at(std::string_view text, std::size_t colon)
{
    auto end = colon;
    while (end > 0 && colon - end < most_blanks && is_blank(text[end - 1])) --end;
    if (end == 0 || !is_quote(text[end - 1])) return std::nullopt;
    --end;
    while (end > 0 && colon - end < 2 * most_blanks && text[end - 1] == '\\') --end;
    if (!names_a_secret(name_before(text, end))) return std::nullopt;
    return value_at(text, run_end(text, colon + 1, is_blank));
}

// The password of "scheme://user:password@host".
Found url_password_at(std::string_view text, std::size_t colon)
{
    if (!text.substr(colon).starts_with("://")) return std::nullopt;
    const auto begin = colon + 3;
    const auto limit = std::min(text.size(), begin + 256);
    std::size_t password = 0;
    for (auto i = begin;
         i < limit && (text[i] == ':' || !ends_value(text[i])) && text[i] != '/' && text[i] != '?'; ++i) {
        if (text[i] == ':' && password == 0) password = i + 1;
        if (text[i] == '@' && password != 0 && i > password) return Secret{password, i};
    }
    return std::nullopt;
}

// What begins (or, for names, has just ended) at `i`.
Found secret_at(std::string_view text, std::size_t i, std::size_t& jwt_tried)
{
    switch (text[i]) {
    case 'e':
        if (i < jwt_tried || !text.substr(i).starts_with("eyJ")) return std::nullopt;
        return jwt_at(text, i, jwt_tried);
    case 'b':
    case 'B': return bearer_token_at(text, i);
    case 'j': return subprotocol_token_at(text, i);
    case '=': return assigned_at(text, i);
    case ':': {
        const auto password = url_password_at(text, i);
        return password ? password : field_at(text, i);
    }
    default: return std::nullopt;
    }
}

} // namespace

std::string redact(std::string_view text)
{
    std::string clean;
    std::size_t copied = 0;
    std::size_t jwt_tried = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto secret = secret_at(text, i, jwt_tried);
        if (!secret) continue;
        clean.append(text.substr(copied, secret->begin - copied)).append(replacement);
        copied = secret->end;
        i = secret->end - 1;
    }
    clean.append(text.substr(copied));
    return clean;
}

} // namespace wsrace
