// Who waits, who is let go when, and who is turned away.
#include "ingress/fronted.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace wsrace;
using namespace wsrace::testing;

namespace {

const std::string busy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\n"
                         "Connection: close\r\n\r\n FIN";

// Waits until one of them can be read, and takes it out.
BlockingSocket take_readable(std::vector<BlockingSocket>& users)
{
    std::vector<pollfd> entries;
    for (const auto& user : users) entries.push_back({.fd = user.native(), .events = POLLIN, .revents = 0});
    if (::poll(entries.data(), entries.size(), longest_wait_ms) < 1) throw std::runtime_error{"no answer"};
    const auto found =
        std::find_if(entries.begin(), entries.end(), [](const auto& e) { return e.revents != 0; });
    const auto user = users.begin() + (found - entries.begin());
    auto out = std::move(*user);
    users.erase(user);
    return out;
}

} // namespace

TEST_CASE("Connections wait for the port, and are let go at once; one beyond the limit gets 503", "[ingress]")
{
    IngressSpec spec;
    spec.queue_limit = 5;
    Fronted front{spec, 1, false};
    std::vector<BlockingSocket> users;
    for (unsigned i = 0; i < 6; ++i) users.push_back(front.ask(upgrade(caller(i))));
    auto refused = take_readable(users);
    CHECK(refused.receive_all() == busy);
    CHECK_FALSE(front.instance().has_connection());
    front.ingress().set_open(0, true);
    std::vector<BlockingSocket> served;
    for (unsigned i = 0; i < 5; ++i) served.push_back(front.instance().accept());
    for (auto& server : served) CHECK(read_head(server) == upgrade());
    CHECK(front.count(IngressAct::queued) == 5);
    CHECK(front.count(IngressAct::refused) == 1);
    CHECK(front.count(IngressAct::routed) == 5);
}

TEST_CASE("Without a queue nobody waits for a port", "[ingress]")
{
    Fronted front{{}, 1, false};
    auto user = front.ask(upgrade());
    CHECK(user.receive_all() == busy);
}

TEST_CASE("Who goes away while it waits gives its place up", "[ingress]")
{
    IngressSpec spec;
    spec.queue_limit = 1;
    Fronted front{spec, 1, false};
    auto first = front.ask(upgrade());
    auto second = front.ask(upgrade(caller(1)));
    CHECK(second.receive_all() == busy);
    first.end_of_sending();
    CHECK(first.receive_all() == "FIN"); // it has been noticed
    auto third = front.ask(upgrade("X-Who: third\r\n"));
    front.ingress().set_open(0, true);
    auto server = front.instance().accept();
    CHECK(read_head(server) == upgrade("X-Who: third\r\n"));
    CHECK_FALSE(front.instance().has_connection());
}

TEST_CASE("An instance gets no more connections at a time than it may", "[ingress]")
{
    IngressSpec spec;
    spec.concurrency = 2;
    SECTION("without a queue the next one gets 503")
    {
        Fronted front{spec};
        auto first = front.ask(upgrade());
        auto at_first = front.instance().accept();
        auto second = front.ask(upgrade());
        auto at_second = front.instance().accept();
        auto third = front.ask(upgrade());
        CHECK(third.receive_all() == busy);
        first.close();
        CHECK_THAT(at_first.receive_all(), Catch::EndsWith("FIN"));
        at_first.close();
    }
    SECTION("with a queue it waits until one of them has ended")
    {
        spec.queue_limit = 10;
        Fronted front{spec};
        auto first = front.ask(upgrade(caller(1)));
        auto at_first = front.instance().accept();
        auto second = front.ask(upgrade(caller(2)));
        auto at_second = front.instance().accept();
        auto third = front.ask(upgrade("X-Who: third\r\n"));
        CHECK_FALSE(third.readable_within(20));
        CHECK_FALSE(front.instance().has_connection());
        at_first.close_with_reset();
        auto at_third = front.instance().accept();
        CHECK(read_head(at_third) == upgrade("X-Who: third\r\n"));
    }
}

TEST_CASE("An instance that is to be drained keeps what it has and gets nothing new", "[ingress]")
{
    Fronted front{{}, 2};
    front.ingress().set_open(1, false);
    auto old = front.ask(upgrade());
    auto at_old = front.instance(0).accept();
    read_head(at_old);
    front.ingress().set_open(1, true);
    front.ingress().set_open(0, false);
    for (unsigned user = 0; user < 8; ++user) {
        auto other = front.ask(upgrade(caller(user)));
        CHECK(front.accept().first == 1);
    }
    at_old.send("still here");
    CHECK(old.receive(10) == "still here");
}

TEST_CASE("An instance that refuses is left out; when all do, the answer is 502", "[ingress]")
{
    Fronted front{{}, 2};
    front.instance(0).close();
    for (unsigned user = 0; user < 8; ++user) {
        auto other = front.ask(upgrade(caller(user)));
        auto server = front.instance(1).accept();
        CHECK(read_head(server) == upgrade());
    }
    front.instance(1).close();
    auto user = front.ask(upgrade(caller(9)));
    CHECK_THAT(user.receive_all(), Catch::StartsWith("HTTP/1.1 502 Bad Gateway\r\n"));
    CHECK(front.count(IngressAct::unanswered) == 1);
}
