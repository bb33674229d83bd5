// Each fault as both sides of a proxy see it. Times are judged on one side only: what is held back does not
// come too early, however busy the machine is.
#include "faults/proxied.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace wsrace;
using namespace wsrace::testing;
using namespace std::chrono_literals;

using Kind = DependencyFault::Kind;
using Texts = std::vector<std::string>;

namespace {

// Ask and be answered, once.
void exchange(BlockingSocket& client, BlockingSocket& server)
{
    client.send("question");
    REQUIRE(server.receive(8) == "question");
    server.send("answer");
    REQUIRE(client.receive(6) == "answer");
}

// Refuses connection `number`: whoever sees that knows that the ones before it have been accepted.
DependencyFault sign_of_acceptance(std::uint32_t number)
{
    auto refuse = fault(Kind::refuse);
    refuse.first_connection = refuse.last_connection = number;
    return refuse;
}

// A cut that hits connection 0 as soon as the proxy knows when the server was spawned.
DependencyFault sign_of_spawn()
{
    auto cut = fault(Kind::cut);
    cut.from = 1ns;
    cut.last_connection = 0;
    return cut;
}

} // namespace

TEST_CASE("A delay holds the answer back, not the question", "[faults]")
{
    Proxied store{{delay_of(300ms)}};
    auto client = store.connect();
    auto server = store.upstream.accept();
    client.send("question");
    CHECK(server.receive(8) == "question");
    const auto answered = Clock::now();
    server.send("answer");
    server.close();
    CHECK(client.receive_all() == "answer FIN");
    CHECK(Clock::now() - answered >= 300ms);
    CHECK(store.faults_noted() == Texts{"dependency store: delay 300 ms, connection 0"});
}

TEST_CASE("Delayed answers keep their order, and do not add up", "[faults]")
{
    Proxied store{{delay_of(0ms, 30ms)}};
    auto client = store.connect();
    auto server = store.upstream.accept();
    std::string sent;
    for (int i = 0; i < 60; ++i) {
        client.send("?");
        CHECK(server.receive(1) == "?");
        const auto answer = std::to_string(1000 + i);
        server.send(answer);
        sent += answer;
    }
    CHECK(client.receive(sent.size()) == sent);
    CHECK_FALSE(store.faults_noted().empty());
}

TEST_CASE("Delays are drawn for each connection and answer, and again by the same seed", "[faults]")
{
    const auto delays_by = [](std::uint64_t seed) {
        Proxied store{{delay_of(1ms, 9ms)}, seed};
        for (int connection = 0; connection < 2; ++connection) {
            auto client = store.connect();
            auto server = store.upstream.accept();
            for (int answer = 0; answer < 3; ++answer) exchange(client, server);
        }
        return store.faults_noted();
    };
    const auto texts = delays_by(5);
    CHECK(texts.size() == 6);
    CHECK(std::set<std::string>(texts.begin(), texts.end()).size() == 6);
    CHECK(texts == delays_by(5));
    CHECK(texts != delays_by(6));
}

TEST_CASE("A reset that follows a delayed answer does not overtake it", "[faults]")
{
    Proxied store{{delay_of(200ms)}};
    auto client = store.connect();
    auto server = store.upstream.accept();
    client.send("question");
    CHECK(server.receive(8) == "question"); // the proxy's own connection stands
    const auto answered = Clock::now();
    server.send("answer");
    server.close_with_reset();
    CHECK(client.receive_all() == "answer RST");
    CHECK(Clock::now() - answered >= 200ms);
}

TEST_CASE("A fault of the start ends when the server is ready, and does not come again", "[faults]")
{
    auto slow = delay_of(150ms);
    slow.during_start = true;
    auto hang = fault(Kind::hang);
    hang.during_start = true;
    hang.first_connection = hang.last_connection = 1;
    Proxied store{{slow, hang, sign_of_acceptance(2)}};
    store.proxies.server_spawned(Clock::now());
    auto client = store.connect();
    auto server = store.upstream.accept();
    const auto begun = Clock::now();
    exchange(client, server);
    CHECK(Clock::now() - begun >= 150ms);

    auto second = store.connect();
    second.send("x");
    CHECK(store.connect().receive_all() == "RST");
    store.proxies.server_ready(Clock::now());
    auto released = store.upstream.accept(); // the proxy knows that the server is ready
    CHECK(released.receive(1) == "x");
    store.proxies.server_spawned(Clock::now());
    for (int i = 0; i < 3; ++i) exchange(client, server);
    CHECK(store.faults_noted() == Texts{"dependency store: delay 150 ms, connection 0",
                                        "dependency store: hang, connection 1",
                                        "dependency store: refuse, connection 2"});
}

TEST_CASE("A hang accepts and passes nothing on until its end, then everything", "[faults]")
{
    auto hang = fault(Kind::hang);
    hang.until = 400ms;
    Proxied store{{hang, sign_of_acceptance(1)}};
    auto client = store.connect();
    client.send("question");
    client.end_of_sending();
    CHECK(store.connect().receive_all() == "RST");
    const auto spawned = Clock::now();
    store.proxies.server_spawned(spawned);
    auto server = store.upstream.accept();
    CHECK(Clock::now() - spawned >= 400ms);
    CHECK(server.receive_all() == "question FIN");
    server.send("answer");
    server.close();
    CHECK(client.receive_all() == "answer FIN");
    CHECK(store.faults_noted() ==
          Texts{"dependency store: hang, connection 0", "dependency store: refuse, connection 1"});
}

TEST_CASE("A hang holds connections that are open already, both ways", "[faults]")
{
    auto hang = fault(Kind::hang);
    hang.from = 1ns;
    hang.until = 500ms;
    Proxied store{{sign_of_spawn(), hang}};
    auto sign = store.connect();
    auto server_of_sign = store.upstream.accept();
    auto client = store.connect();
    auto server = store.upstream.accept();
    exchange(client, server);
    const auto spawned = Clock::now();
    store.proxies.server_spawned(spawned);
    CHECK(sign.receive_all() == "RST");
    const bool from_client = GENERATE(true, false);
    auto& sender = from_client ? client : server;
    auto& receiver = from_client ? server : client;
    sender.send("held");
    sender.close_with_reset();
    CHECK(receiver.receive_all() == "held RST");
    CHECK(Clock::now() - spawned >= 500ms);
}

TEST_CASE("A client that gives up during a hang is never heard of by the dependency", "[faults]")
{
    auto hang = fault(Kind::hang);
    hang.during_start = true;
    Proxied store{{hang}};
    auto first = store.connect();
    first.send("first");
    first.close_with_reset();
    auto second = store.connect();
    second.send("second");
    store.proxies.server_ready(Clock::now());
    auto server = store.upstream.accept();
    CHECK(server.receive(6) == "second");
    CHECK_FALSE(store.upstream.has_connection());
    store.faults_noted();
}

TEST_CASE("Refused connections are reset, those before and after pass", "[faults]")
{
    auto refuse = fault(Kind::refuse);
    refuse.first_connection = 1;
    refuse.last_connection = 2;
    Proxied store{{refuse}};
    auto before = store.connect();
    auto server_before = store.upstream.accept();
    for (int i = 0; i < 2; ++i) CHECK(store.connect().receive_all() == "RST");
    auto after = store.connect();
    auto server_after = store.upstream.accept();
    exchange(before, server_before);
    exchange(after, server_after);
    CHECK_FALSE(store.upstream.has_connection());
    CHECK(store.faults_noted() ==
          Texts{"dependency store: refuse, connection 1", "dependency store: refuse, connection 2"});
}

TEST_CASE("Connections are refused until the window ends", "[faults]")
{
    auto refuse = fault(Kind::refuse);
    refuse.until = 200ms;
    Proxied store{{refuse}};
    const auto spawned = Clock::now();
    store.proxies.server_spawned(spawned);
    const auto passed = [&] { return store.upstream.has_connection(); };
    while (!passed() && Clock::now() - spawned < 60s) {
        const auto client = store.connect();
        while (!passed() && !client.readable_within(1)) continue; // refused: at its end
    }
    CHECK(store.upstream.has_connection());
    CHECK(Clock::now() - spawned >= 200ms);
}

TEST_CASE("A cut resets what is open when its time comes, on both sides, and nothing else", "[faults]")
{
    auto cut = fault(Kind::cut);
    cut.from = 250ms;
    cut.last_connection = 1;
    Proxied store{{cut}};
    std::vector<BlockingSocket> clients, servers;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(store.connect());
        servers.push_back(store.upstream.accept());
        exchange(clients.back(), servers.back());
    }
    const auto spawned = Clock::now();
    store.proxies.server_spawned(spawned);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(clients[i].receive_all() == "RST");
        CHECK(Clock::now() - spawned >= 250ms);
        CHECK(servers[i].receive_all() == "RST");
    }
    exchange(clients[2], servers[2]);
    auto later = store.connect();
    auto server = store.upstream.accept();
    exchange(later, server);
    CHECK(store.faults_noted() ==
          Texts{"dependency store: cut, connection 0", "dependency store: cut, connection 1"});
}

TEST_CASE("Stopping does not wait for a fault to end", "[faults]")
{
    auto never_ends = fault(Kind::hang);
    never_ends.last_connection = 0;
    auto far_away = fault(Kind::cut);
    far_away.from = 1h;
    Proxied store{{never_ends, delay_of(1h), far_away}};
    store.proxies.server_spawned(Clock::now());
    auto hung = store.connect();
    hung.send("question");
    auto waiting = store.connect();
    auto server = store.upstream.accept();
    server.send("answer");
    const auto texts = store.faults_noted();
    CHECK(hung.receive_all() == "RST");
    CHECK(waiting.receive_all() == "RST");
    CHECK_THAT(texts, Catch::VectorContains(std::string{"dependency store: hang, connection 0"}));
}

TEST_CASE("Faults are the affair of their own dependency", "[faults]")
{
    TemporaryFolder folder;
    Listener auth, store;
    auto refuse = fault(Kind::refuse);
    DependencySetup setup;
    setup.dependencies = {{.name = "auth", .upstream = "localhost:" + std::to_string(auth.port())},
                          {.name = "store", .upstream = "127.0.0.1:" + std::to_string(store.port())}};
    setup.faults = {refuse};
    setup.start = Clock::now();
    DependencyProxies proxies{setup, HistoryWriter{folder.path() / "history.1001", RunInfo{}}};
    CHECK(proxies.placeholders().size() == 2);
    const auto port = [&](const char* name) {
        return static_cast<std::uint16_t>(std::stoi(proxies.address(name).substr(10)));
    };
    CHECK(connect_to(port("store")).receive_all() == "RST");
    auto client = connect_to(port("auth"));
    auto server = auth.accept();
    exchange(client, server);
}
