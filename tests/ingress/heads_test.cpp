// What the ingress does to the heads of requests and answers, as the instance's and the user's sockets see
// it.
#include "ingress/fronted.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::testing;

namespace {

std::string head_at_instance(IngressSpec spec, const std::string& request)
{
    Fronted front{std::move(spec)};
    auto user = front.ask(request);
    auto server = front.instance().accept();
    return read_head(server);
}

bool has_line(const std::string& head, const std::string& line)
{
    return head.find("\r\n" + line + "\r\n") != std::string::npos;
}

} // namespace

TEST_CASE("An ingress that does nothing passes a request on as it came", "[ingress]")
{
    const auto request = upgrade("X-One: 1\r\nAuthorization: Bearer t\r\nx-two: 2, 3\r\n");
    CHECK(head_at_instance({}, request) == request);
}

TEST_CASE("What users tell the ingress does not reach the target", "[ingress]")
{
    CHECK(head_at_instance({}, upgrade(caller(7, 1, 2))) == upgrade());
}

TEST_CASE("Headers are stripped from upgrades, in whatever case, and from nothing else", "[ingress]")
{
    IngressSpec spec;
    spec.strip_headers = {"Authorization", "Sec-WebSocket-Protocol"};
    const std::string secrets =
        "AUTHORIZATION: Bearer t\r\nsec-websocket-protocol: jwt-auth\r\nX-Kept: 1\r\n";
    CHECK(head_at_instance(spec, upgrade(secrets)) == upgrade("X-Kept: 1\r\n"));
    const auto login = "GET /me HTTP/1.1\r\nHost: x\r\n" + secrets + "\r\n";
    CHECK(head_at_instance(spec, login) == login);
}

TEST_CASE("X-Forwarded-For gets the peer's address, behind what is there already", "[ingress]")
{
    IngressSpec spec;
    spec.forwarded_for = ForwardedFor::peer;
    CHECK(has_line(head_at_instance(spec, upgrade()), "X-Forwarded-For: 127.0.0.1"));
    CHECK(has_line(head_at_instance(spec, upgrade("x-forwarded-for: 10.9.9.9\r\n")),
                   "x-forwarded-for: 10.9.9.9, 127.0.0.1"));
}

TEST_CASE("X-Forwarded-For can be another address for each user", "[ingress]")
{
    IngressSpec spec;
    spec.forwarded_for = ForwardedFor::per_user;
    CHECK(has_line(head_at_instance(spec, upgrade(caller(0))), "X-Forwarded-For: 10.0.0.1"));
    CHECK(has_line(head_at_instance(spec, upgrade(caller(300))), "X-Forwarded-For: 10.0.1.45"));
    CHECK(has_line(head_at_instance(spec, upgrade()), "X-Forwarded-For: 127.0.0.1")); // nobody's user
}

TEST_CASE("Headers are added", "[ingress]")
{
    IngressSpec spec;
    spec.add_headers = {{"X-Forwarded-Proto", "https"}, {"Via", "1.1 wsrace"}};
    const auto head = head_at_instance(spec, upgrade());
    CHECK(has_line(head, "X-Forwarded-Proto: https"));
    CHECK(has_line(head, "Via: 1.1 wsrace"));
}

TEST_CASE("What comes in the same segment as the upgrade comes behind it", "[ingress]")
{
    Fronted front{{}};
    auto user = front.ask(upgrade() + "early frame");
    auto server = front.instance().accept();
    CHECK(read_head(server) == upgrade());
    CHECK(server.receive(11) == "early frame");
}

TEST_CASE("A head that comes byte by byte is passed on once it is whole", "[ingress]")
{
    Fronted front{{}};
    auto user = front.connect();
    for (const char byte : upgrade()) user.send(std::string(1, byte));
    auto server = front.instance().accept();
    CHECK(read_head(server) == upgrade());
}

TEST_CASE("What is no request is refused, and reaches no instance", "[ingress]")
{
    const auto garbage =
        GENERATE(values<std::string>({"garbage\r\n\r\n", "GET\r\n\r\n", std::string(4, '\0') + "\r\n\r\n",
                                      "GET / HTTP/1.1\r\nno colon\r\n\r\n"}));
    Fronted front{{}};
    auto user = front.ask(garbage);
    CHECK_THAT(user.receive_all(),
               Catch::StartsWith("HTTP/1.1 400 Bad Request\r\n") && Catch::EndsWith("FIN"));
    CHECK_FALSE(front.instance().has_connection());
}

TEST_CASE("A head without an end is refused", "[ingress]")
{
    Fronted front{{}};
    auto user = front.ask("GET / HTTP/1.1\r\nX: " + std::string(70'000, 'x'));
    CHECK_THAT(user.receive_all(), Catch::StartsWith("HTTP/1.1 431 ") && Catch::EndsWith("FIN"));
}

TEST_CASE("With affinity by cookie every answer that needs it sets the cookie", "[ingress]")
{
    IngressSpec spec;
    spec.affinity = 1;
    Fronted front{spec};
    const std::string cookie = "Set-Cookie: wsrace_instance=0; Path=/; HttpOnly\r\n";
    SECTION("the answer to an upgrade, and frames follow")
    {
        auto user = front.ask(upgrade());
        auto server = front.instance().accept();
        read_head(server);
        server.send(switched + "frame");
        CHECK(read_head(user) == switched.substr(0, switched.size() - 2) + cookie + "\r\n");
        CHECK(user.receive(5) == "frame");
    }
    SECTION("a login's, in two pieces")
    {
        auto user = front.ask("POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}");
        auto server = front.instance().accept();
        read_head(server);
        CHECK(server.receive(2) == "{}");
        server.send("HTTP/1.1 200 OK\r\nContent-");
        CHECK_FALSE(user.readable_within(20));
        server.send("Length: 2\r\n\r\n[]");
        CHECK(read_head(user) == "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + cookie + "\r\n");
        CHECK(user.receive(2) == "[]");
    }
    SECTION("not if the user has it")
    {
        auto user = front.ask(upgrade("Cookie: a=b; wsrace_instance=0\r\n"));
        auto server = front.instance().accept();
        read_head(server);
        server.send(switched);
        CHECK(read_head(user) == switched);
    }
    SECTION("not if it is no answer")
    {
        auto user = front.ask(upgrade());
        auto server = front.instance().accept();
        server.send("HTTP is not spoken here");
        server.close();
        CHECK(user.receive(23) == "HTTP is not spoken here");
    }
}
