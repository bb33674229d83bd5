#include "target/server_process.hpp"

#include <catch2/catch.hpp>

#include <sys/resource.h>

#include <csignal>
#include <vector>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

// A process and what it said, on an io_context that runs only while something is waited for.
struct Supervised {
    explicit Supervised(ServerCommand command)
        : process{io,
                  command,
                  reaper,
                  {.out = [this](std::string_view line) { lines.push_back("out " + std::string{line}); },
                   .err = [this](std::string_view line) { lines.push_back("err " + std::string{line}); },
                   .ended = [this](const ServerExit&) { ended = true; }}}
    {}
    explicit Supervised(std::string script)
        : Supervised{ServerCommand{.arguments = {"/bin/sh", "-c", std::move(script)},
                                   .environment = {{"GREETING", "hello"}},
                                   .working_directory = "/"}}
    {}

    template <typename Condition>
    void run_until(const Condition& condition)
    {
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (!condition() && std::chrono::steady_clock::now() < deadline) io.run_for(1ms);
        REQUIRE(condition());
    }
    ServerExit wait()
    {
        run_until([this] { return ended; });
        return *process.exit();
    }
    bool said(std::string_view line) const
    {
        return std::find(lines.begin(), lines.end(), line) != lines.end();
    }

    Reaper reaper;
    boost::asio::io_context io;
    std::vector<std::string> lines;
    bool ended = false;
    ServerProcess process;
};

} // namespace

TEST_CASE("A server's lines of both streams have arrived when its end is told")
{
    Supervised server{"echo $GREETING from $(pwd); echo oops >&2; printf unfinished; exit 3"};
    const auto exit = server.wait();
    CHECK(exit.status == 3);
    CHECK(to_string(exit) == "exit status 3");
    CHECK(server.said("out hello from /"));
    CHECK(server.said("err oops"));
    CHECK(server.said("out unfinished"));
    CHECK(server.lines.size() == 3);
}

TEST_CASE("All of a long output arrives, although the server ends right behind it")
{
    Supervised server{"i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done"};
    server.wait();
    CHECK(server.lines.size() == 20000);
    CHECK(server.lines.back() == "out line 19999");
}

TEST_CASE("A server that ends by a signal is told apart from one that exits")
{
    Supervised server{std::string{"kill -SEGV $$"}};
    CHECK(server.wait().signal == SIGSEGV);
}

TEST_CASE("A signal to the process is not one to its group")
{
    Supervised server{"trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.01; done"};
    server.run_until([&] { return server.said("out up"); });
    server.process.signal(SIGTERM);
    CHECK(server.wait().status == 0);
    CHECK(server.said("out bye"));
}

TEST_CASE("What a server leaves in its group is killed with it, also when it holds the pipes open")
{
    pid_t group = 0;
    {
        Supervised server{"sleep 1000 & echo up; exit 0"};
        CHECK(server.wait().status == 0);
        CHECK(server.said("out up"));
        group = server.process.pid();
        CHECK(::kill(-group, 0) == 0);
    }
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (::kill(-group, 0) == 0 && std::chrono::steady_clock::now() < deadline) {
    }
    CHECK(::kill(-group, 0) != 0);
}

TEST_CASE("A command that cannot be started is named")
{
    CHECK_THROWS_WITH(Supervised{ServerCommand{.arguments = {"/no/such/server"}}},
                      Catch::Contains("/no/such/server"));
}

TEST_CASE("Limits hold for the server, not for the harness")
{
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    Supervised server{ServerCommand{.arguments = {"/bin/sh", "-c", "ulimit -n; ulimit -v"},
                                    .open_files = 77,
                                    .memory = std::uint64_t{512} << 20U}};
    server.wait();
    CHECK(server.lines == std::vector<std::string>{"out 77", "out 524288"});
    rlimit after{};
    ::getrlimit(RLIMIT_NOFILE, &after);
    CHECK(before.rlim_cur == after.rlim_cur);
}
