// What a proxy does when no fault acts: as if it were not there.
#include "faults/proxied.hpp"

#include <catch2/catch.hpp>

#include <sys/resource.h>

#include <cstring>
#include <thread>

using namespace wsrace;
using namespace wsrace::testing;
using namespace std::chrono_literals;

namespace {

std::string pattern(std::size_t size)
{
    std::string bytes(size, '\0');
    std::uint64_t state = 1;
    for (auto& byte : bytes) byte = static_cast<char>((state = state * 6364136223846793005ULL + 7) >> 56U);
    return bytes;
}

} // namespace

TEST_CASE("A proxy passes the end of sending on, and the answer still comes back", "[faults]")
{
    Proxied store;
    auto client = store.connect();
    client.send("question");
    client.end_of_sending();
    auto server = store.upstream.accept();
    CHECK(server.receive_all() == "question FIN");
    server.send("answer");
    server.close();
    CHECK(client.receive_all() == "answer FIN");
    CHECK(store.faults_noted().empty());
}

TEST_CASE("A dependency that stops sending first can still be written to", "[faults]")
{
    Proxied store;
    auto client = store.connect();
    auto server = store.upstream.accept();
    server.send("greeting");
    server.end_of_sending();
    CHECK(client.receive_all() == "greeting FIN");
    client.send("late question");
    client.close();
    CHECK(server.receive_all() == "late question FIN");
}

TEST_CASE("A reset of either side reaches the other one as a reset", "[faults]")
{
    Proxied store;
    auto client = store.connect();
    auto server = store.upstream.accept();
    client.send("x");
    CHECK(server.receive(1) == "x");
    SECTION("the client's")
    {
        client.close_with_reset();
        CHECK(server.receive_all() == "RST");
    }
    SECTION("the dependency's")
    {
        server.close_with_reset();
        CHECK(client.receive_all() == "RST");
    }
    SECTION("the dependency's, when the client does not read")
    {
        const auto much = pattern(64U << 20U);
        std::size_t sent = 0;
        while (server.writable_within(200) && sent < much.size()) {
            const auto piece =
                ::send(server.native(), much.data() + sent, much.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (piece > 0) sent += static_cast<std::size_t>(piece);
        }
        REQUIRE(sent < much.size());
        server.close_with_reset();
        CHECK(client.fails_within(longest_wait_ms));
        std::string how;
        const auto got = client.receive(std::string::npos, how);
        CHECK(how == "RST");
        CHECK(got.size() <= sent);
        CHECK(got == much.substr(0, got.size()));
    }
}

TEST_CASE("A write to a dependency that has closed comes back as a reset", "[faults]")
{
    Proxied store;
    auto client = store.connect();
    auto server = store.upstream.accept();
    server.close();
    CHECK(client.receive(1) == " FIN");
    const auto deadline = Clock::now() + 60s;
    bool open = true;
    while (open && Clock::now() < deadline) open = client.send("question");
    CHECK_FALSE(open);
}

TEST_CASE("Nothing is lost or changed in tens of megabytes both ways at once", "[faults]")
{
    Proxied store;
    const auto sent = pattern(48U << 20U);
    auto client = store.connect();
    auto server = store.upstream.accept();
    std::thread echo{[&] {
        std::string how;
        while (how.empty()) server.send(server.receive(100'000, how));
        server.end_of_sending();
    }};
    std::thread writer{[&] {
        client.send(sent);
        client.end_of_sending();
    }};
    std::string how;
    const auto got = client.receive(std::string::npos, how);
    writer.join();
    echo.join();
    CHECK(how == "FIN");
    CHECK(got.size() == sent.size());
    CHECK((got == sent));
}

TEST_CASE("A side that does not read stops the other one, and loses nothing", "[faults]")
{
    Proxied store;
    const auto much = pattern(128U << 20U);
    auto client = store.connect();
    auto server = store.upstream.accept();
    std::size_t sent = 0;
    while (client.writable_within(300) && sent < much.size()) {
        const auto piece =
            ::send(client.native(), much.data() + sent, much.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (piece > 0) sent += static_cast<std::size_t>(piece);
    }
    CHECK(sent < much.size()); // the kernel's buffers, 4 + 6 MB for each of the two connections, and 256 KiB
    client.end_of_sending();
    std::string how;
    const auto got = server.receive(std::string::npos, how);
    CHECK(how == "FIN");
    CHECK((got == much.substr(0, sent)));
}

TEST_CASE("A thousand connections are passed on at a time", "[faults]")
{
    constexpr std::size_t count = 1000;
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    Proxied store;
    std::vector<BlockingSocket> clients;
    for (std::size_t i = 0; i < count; ++i) clients.push_back(store.connect());
    for (std::size_t i = 0; i < count; ++i) clients[i].send(std::to_string(10'000 + i));
    std::vector<BlockingSocket> servers;
    for (std::size_t i = 0; i < count; ++i) servers.push_back(store.upstream.accept());
    for (auto& server : servers) server.send("got " + server.receive(5));
    std::size_t right = 0;
    for (std::size_t i = 0; i < count; ++i)
        if (clients[i].receive(9) == "got " + std::to_string(10'000 + i)) ++right;
    CHECK(right == count);
    for (auto& client : clients) client.close();
    std::size_t ended = 0;
    for (auto& server : servers)
        if (server.receive_all() == "FIN") ++ended;
    CHECK(ended == count);
    CHECK(store.faults_noted().empty());
}

TEST_CASE("An upstream that is not there is passed on as a reset", "[faults]")
{
    Proxied store;
    store.upstream.close();
    auto client = store.connect();
    CHECK(client.receive_all() == "RST");
    CHECK(store.faults_noted().empty());
}

TEST_CASE("An upstream that vanishes ends what is open, and refuses what comes", "[faults]")
{
    Proxied store;
    auto before = store.connect();
    auto server = store.upstream.accept();
    before.send("not read by the dependency before it died");
    server.receive(1);
    server.close(); // with bytes that were not read: a reset, as when its process is killed
    store.upstream.close();
    CHECK(before.receive_all() == "RST");
    auto after = store.connect();
    CHECK(after.receive_all() == "RST");
}

TEST_CASE("Stopping resets what is open on both sides, and nobody listens any more", "[faults]")
{
    Proxied store;
    auto client = store.connect();
    auto server = store.upstream.accept();
    client.send("x");
    server.receive(1);
    store.proxies.stop();
    CHECK(client.receive_all() == "RST");
    CHECK(server.receive_all() == "RST");
    CHECK_THROWS_WITH(store.connect(), "connection refused");
    store.proxies.stop();
    CHECK(store.faults_noted().empty());
}

TEST_CASE("A proxy says where it is, and what stands for that", "[faults]")
{
    Proxied store;
    const auto& address = store.proxies.address("store");
    CHECK_THAT(address, Catch::StartsWith("127.0.0.1:"));
    CHECK(store.proxies.placeholders() ==
          std::vector<std::pair<std::string, std::string>>{
              {"{dependency.store}", address}, {"{upstream.store}", std::to_string(store.upstream.port())}});
    CHECK_THROWS_WITH(store.proxies.address("stor"), Catch::Contains("stor"));
}

TEST_CASE("An upstream that cannot be found is named before anything starts", "[faults]")
{
    TemporaryFolder folder;
    DependencySetup setup;
    setup.dependencies = {{.name = "auth", .upstream = "127.0.0.1:nonsense"}};
    CHECK_THROWS_WITH((DependencyProxies{setup, HistoryWriter{folder.path() / "history.1", RunInfo{}}}),
                      Catch::Contains("dependency auth: 127.0.0.1:nonsense cannot be resolved"));
    setup.dependencies = {{.name = "auth", .upstream = {}}};
    CHECK_THROWS_WITH((DependencyProxies{setup, HistoryWriter{folder.path() / "history.2", RunInfo{}}}),
                      Catch::Contains("dependency auth: neither an upstream nor a port"));
}
