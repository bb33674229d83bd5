#include "core/redact.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace wsrace;

namespace {

const std::string jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1LTMifQ.c2lnbmF0-dXJl_";

struct Row {
    std::string text;
    std::string expected;
};

} // namespace

TEST_CASE("A secret is replaced and what surrounds it stays")
{
    const Row rows[] = {
        {jwt, "[redacted]"},
        {"got " + jwt + ", ok", "got [redacted], ok"},
        {"cut eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1LT", "cut [redacted]"},
        {"alg none: eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1LTMifQ. refused", "alg none: [redacted] refused"},
        {"encrypted eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn!", "encrypted [redacted]!"},
        {"Authorization: Bearer abc.def-123=", "Authorization: Bearer [redacted]"},
        {"authorization: bearer x", "authorization: bearer [redacted]"},
        {"wss://h/ws?token=abc&user=3", "wss://h/ws?token=[redacted]&user=3"},
        {"GET /ws?ticket=t-1 HTTP/1.1", "GET /ws?ticket=[redacted] HTTP/1.1"},
        {"?a=1&access_token=abc#x", "?a=1&access_token=[redacted]#x"},
        {"login(password='pa ss', retry=True)", "login(password='[redacted]', retry=True)"},
        {R"({"password":"a\"b","user":"x"})", R"({"password":"[redacted]","user":"x"})"},
        {R"({"access_token" : "abc", "token_type":"Bearer"})",
         R"({"access_token" : "[redacted]", "token_type":"Bearer"})"},
        {R"({"refreshToken":"abc\\"})", R"({"refreshToken":"[redacted]"})"},
        {R"({"ticket_id":17,"n":1})", R"({"ticket_id":[redacted],"n":1})"},
        {R"("{\"password\":\"a\\\"b\",\"n\":1}")", R"("{\"password\":\"[redacted]\",\"n\":1}")"},
        {R"("{\"api_key\":\"cut)", R"("{\"api_key\":\"[redacted])"},
        {R"("{\"secret\":\"cut", next)", R"("{\"secret\":\"[redacted]", next)"},
        {"{'client_secret': 'x', 'id': 3}", "{'client_secret': '[redacted]', 'id': 3}"},
        {"jwt-auth, jwt.ZXlKaGJHY2k", "jwt-auth, jwt.[redacted]"},
        {"protocol jwt.dGhpc0lzMTIz offered", "protocol jwt.[redacted] offered"},
        {"ws://user:pa55@host:80/ws", "ws://user:[redacted]@host:80/ws"},
        {"X-Api-Key=k1", "X-Api-Key=[redacted]"},
        {"Bearer " + jwt + " Bearer " + jwt, "Bearer [redacted] Bearer [redacted]"},
    };
    for (const auto& row : rows) {
        CHECK(redact(row.text) == row.expected);
        CHECK(redact(row.expected) == row.expected);
    }
}

TEST_CASE("What is no secret stays as it is")
{
    const std::string texts[] = {
        "",
        "user 17, connection 1: frame agent_thinking, 412 bytes",
        "wsrcanary0123456789abcdefghjkmnpqrstvw",
        "bearer token missing; Bearer authentication is required",
        "WWW-Authenticate: Bearer realm=\"ws\"",
        "max_tokens=100 tokens=3 token_type=x ticketing=1 password_changed=yes",
        R"({"token":null,"password":"","secret":false,"token_count":7,"tokens":["a","b"]})",
        "token == other, token is missing, the password was wrong",
        "a single part eyJhbGciOiJIUzI1NiJ9 is JSON in base64",
        "eyJhIjoxfQ. Next sentence",
        "jwt.exceptions.InvalidSignatureError: jwt.decode(x) at https://jwt.io",
        "except jwt.ExpiredSignatureError:",
        "http://127.0.0.1:8000/ws and ws://host:80/a@b and \"a:b@c\"",
        "{\"payload\":{\"reasoning\":\"a: b, c=d\"}}",
        "token=",
        "token=None",
    };
    for (const auto& text : texts) CHECK(redact(text) == text);
}

TEST_CASE("Redacting takes linear time on the worst of texts")
{
    for (const std::string piece :
         {"eyJ", "eyJ.", "eyJ.eyJ", "Bearer ", "token=", "\"token\":\"", "\\\"token\\\":\\\"", "jwt.",
          "://a:", "\\", "token==", "\"password\" : "}) {
        std::string text;
        while (text.size() < 1'000'000) text += piece;
        const auto begin = std::chrono::steady_clock::now();
        redact(text);
        INFO(piece);
        CHECK(std::chrono::steady_clock::now() - begin <
              std::chrono::seconds{5}); // a quadratic scan takes minutes
    }
}
