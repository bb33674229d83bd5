// Bytes, ends and cuts of connections that have got to an instance.
#include "ingress/fronted.hpp"

#include <catch2/catch.hpp>

#include <thread>

using namespace wsrace;
using namespace wsrace::testing;
using namespace std::chrono_literals;

namespace {

// A connection that has been passed on, and both its ends.
struct Open {
    explicit Open(IngressSpec spec) : front{std::move(spec)}, user{front.ask(upgrade(caller(3, 1, 2)))}
    {
        read_head(server);
        since = Clock::now();
        server.send(switched);
        read_head(user);
    }
    Clock::duration age() const { return Clock::now() - since; }

    Fronted front;
    BlockingSocket user;
    BlockingSocket server = front.instance().accept();
    Clock::time_point since;
};

IngressSpec idle_after(Duration after, bool by_reset = false)
{
    IngressSpec spec;
    spec.idle_cut = IngressCut{.after = after, .by_reset = by_reset};
    return spec;
}

} // namespace

TEST_CASE("Bytes pass both ways, in order, also when there are many", "[ingress]")
{
    Open open{{}};
    std::string much(5U << 20U, '\0');
    for (std::size_t i = 0; i < much.size(); ++i) much[i] = static_cast<char>(i * 2654435761U >> 24U);
    {
        std::jthread sender{[&] { open.server.send(much); }};
        CHECK((open.user.receive(much.size()) == much));
    }
    std::jthread sender{[&] { open.user.send(much); }};
    CHECK((open.server.receive(much.size()) == much));
}

TEST_CASE("A user's end of sending passes, and the answer still comes back", "[ingress]")
{
    Open open{{}};
    open.user.send("question");
    open.user.end_of_sending();
    CHECK(open.server.receive_all() == "question FIN");
    open.server.send("answer");
    open.server.close();
    CHECK(open.user.receive_all() == "answer FIN");
}

TEST_CASE("A reset of either side reaches the other one", "[ingress]")
{
    Open open{{}};
    SECTION("the user's")
    {
        open.user.close_with_reset();
        CHECK(open.server.receive_all() == "RST");
    }
    SECTION("the instance's")
    {
        open.server.close_with_reset();
        CHECK(open.user.receive_all() == "RST");
    }
    SECTION("the instance's, while the user does not read")
    {
        const std::string piece(65536, 'x');
        while (open.server.writable_within(200)) // full, when it no longer is
            if (::send(open.server.native(), piece.data(), piece.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
                break;
        open.server.close_with_reset();
        CHECK(open.user.fails_within(longest_wait_ms));
    }
}

TEST_CASE("An idle connection is cut, and not before its time", "[ingress]")
{
    SECTION("by FIN")
    {
        Open open{idle_after(150ms)};
        CHECK(open.user.receive_all() == "FIN");
        CHECK(open.age() >= 150ms);
        CHECK(open.server.receive_all() == "FIN");
        const auto history = open.front.history();
        const auto& last = history.events.back();
        CHECK(ingress_act(last) == IngressAct::idle_cut);
        CHECK(last.connection() == ConnectionId{UserId{3}, SlotId{1}, 2});
        CHECK(history.text(last.text) == "ingress: idle cut after 150 ms, by FIN");
    }
    SECTION("by RST")
    {
        Open open{idle_after(150ms, true)};
        CHECK(open.user.receive_all() == "RST");
        CHECK(open.age() >= 150ms);
        CHECK(open.server.receive_all() == "RST");
    }
}

TEST_CASE("What passes either way keeps a connection from being idle", "[ingress]")
{
    Open open{idle_after(300ms)};
    auto& from = GENERATE(false, true) ? open.user : open.server;
    auto& to = &from == &open.user ? open.server : open.user;
    auto last = Clock::now();
    while (open.age() < 900ms) {
        last = Clock::now();
        REQUIRE(from.send("."));
        REQUIRE(to.receive(1) == ".");
        to.readable_within(30); // a pause between two bytes, unless the connection ends
    }
    CHECK(to.receive_all() == "FIN");
    CHECK(Clock::now() - last >= 300ms);
}

TEST_CASE("A connection is ended when its time is up, however busy it is", "[ingress]")
{
    IngressSpec spec;
    spec.request_limit = IngressCut{.after = 300ms, .by_reset = false};
    const auto begun = Clock::now();
    Open open{spec};
    std::string how;
    std::jthread reader{[&] { open.server.receive_all(); }};
    while (how.empty() && open.user.send("."))
        if (open.user.readable_within(5)) open.user.receive(1, how);
    CHECK(how == "FIN");
    CHECK(Clock::now() - begun >= 300ms); // its time runs from when it was passed on
    reader.join();
    CHECK(open.front.count(IngressAct::limit_cut) == 1);
}

TEST_CASE("When an ingress stops, whatever is open is reset", "[ingress]")
{
    Open open{{}};
    open.front.ingress().stop();
    CHECK(open.user.receive_all() == "RST");
    CHECK(open.server.receive_all() == "RST");
}
