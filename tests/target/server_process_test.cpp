#include "target/server_process.hpp"

#include "support/temporary_folder.hpp"
#include "target/port.hpp"

#include <catch2/catch.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <thread>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

struct Supervised {
    explicit Supervised(std::vector<std::string> arguments, Duration stop_within = 5s)
        : process{{.arguments = std::move(arguments),
                   .environment = {{"GREETING", "hello"}},
                   .working_directory = "/",
                   .stop_within = stop_within},
                  HistoryWriter{folder.path() / "history.0", RunInfo{}},
                  folder.path() / "server.log",
                  std::chrono::steady_clock::now()}
    {}

    // Its lines, once it has been stopped.
    std::vector<std::string> lines() const
    {
        std::vector<std::string> out;
        const auto history = read_history(folder.path());
        for (const auto& event : history.events)
            if (event.kind == EventKind::log)
                out.emplace_back(std::to_string(event.value) + " " + std::string{history.text(event.text)});
        return out;
    }

    ServerExit wait()
    {
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (!process.exited() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        REQUIRE(process.exited());
        return *process.exited();
    }

    TemporaryFolder folder;
    ServerProcess process;
};

std::vector<std::string> shell(std::string script) { return {"/bin/sh", "-c", std::move(script)}; }

bool can_bind(std::uint16_t port, bool reuse)
{
    const auto socket = ::socket(AF_INET, SOCK_STREAM, 0);
    const int yes = reuse ? 1 : 0;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const auto bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                       ::listen(socket, 1) == 0;
    const auto open = bound && is_port_open(port);
    ::close(socket);
    return open;
}

} // namespace

TEST_CASE("A server's lines of both streams arrive in the history, secrets redacted, up to its end")
{
    Supervised server{shell("echo $GREETING from $(pwd); echo oops >&2; echo 'Authorization: Bearer "
                            "abc.def.ghi'; printf unfinished; exit 3")};
    const auto exit = server.wait();
    CHECK(exit.status == 3);
    CHECK(to_string(exit) == "exit status 3");
    server.process.stop();
    const auto lines = server.lines();
    CHECK(std::set<std::string>{lines.begin(), lines.end()} ==
          std::set<std::string>{"1 hello from /", "2 oops", "1 Authorization: Bearer [redacted]",
                                "1 unfinished"});
    CHECK_THAT(server.process.last_output(), Catch::Contains("unfinished"));
}

TEST_CASE("A server that ends by a signal is told apart from one that exits")
{
    Supervised server{shell("kill -SEGV $$")};
    CHECK(server.wait().signal == SIGSEGV);
    server.process.stop();
    const auto history = read_history(server.folder.path());
    CHECK(history.events.back().life_cycle() == LifeCycle::killed);
    CHECK(history.events.back().value == SIGSEGV);
}

TEST_CASE("Stopping is SIGTERM, then SIGKILL for the whole group")
{
    SECTION("one that goes by itself")
    {
        Supervised server{shell("trap 'echo bye; exit 0' TERM; echo up; while :; do :; done")};
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (server.process.last_output().empty() && std::chrono::steady_clock::now() < deadline)
            std::this_thread::yield();
        CHECK(server.process.stop().status == 0);
        CHECK_THAT(server.process.last_output(), Catch::Contains("bye"));
    }
    SECTION("one that does not, with a child that holds its pipes")
    {
        Supervised server{shell("trap '' TERM; sleep 1000 & echo up; wait; wait"), 50ms};
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (server.process.last_output().empty() && std::chrono::steady_clock::now() < deadline)
            std::this_thread::yield();
        const auto pid = server.process.pid();
        CHECK(server.process.stop().signal == SIGKILL);
        CHECK(server.process.stop().signal == SIGKILL);
        // The child is gone, too: the group is empty as soon as the kernel has buried it.
        while (::kill(-pid, 0) == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        CHECK(::kill(-pid, 0) != 0);
    }
}

TEST_CASE("A command that cannot be started is named")
{
    CHECK_THROWS_WITH(Supervised{{"/no/such/server"}}, Catch::Contains("/no/such/server"));
}

TEST_CASE("A reserved port is nobody else's, until a server binds it")
{
    std::set<std::uint16_t> numbers;
    {
        std::vector<std::unique_ptr<ReservedPort>> ports;
        for (int i = 0; i < 200; ++i) {
            ports.push_back(std::make_unique<ReservedPort>());
            numbers.insert(ports.back()->number());
        }
    }
    CHECK(numbers.size() == 200);
    const ReservedPort port;
    CHECK_FALSE(is_port_open(port.number()));
    CHECK_FALSE(can_bind(port.number(), false));
    CHECK(can_bind(port.number(), true));
}
