#include "target/reaper.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

using namespace wsrace;

namespace {

// A group of one process that waits until it is killed; it has registered itself, as a server does, on
// return.
pid_t start_group(const Reaper& reaper)
{
    std::array<int, 2> registered{};
    REQUIRE(::pipe(registered.data()) == 0);
    const auto process = ::fork();
    if (process == 0) {
        ::setpgid(0, 0);
        const auto self = ::getpid();
        if (::write(reaper.registration(), &self, sizeof self) != sizeof self) ::_exit(1);
        ::close(reaper.registration());
        for (const auto end : registered) ::close(end);
        for (;;) ::pause();
    }
    ::close(registered[1]);
    char end_of_file = 0;
    CHECK(::read(registered[0], &end_of_file, 1) == 0);
    ::close(registered[0]);
    return process;
}

int end_of(pid_t process)
{
    int status = 0;
    ::waitpid(process, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

} // namespace

TEST_CASE("When its owner has gone the reaper kills what is registered, and nothing that was forgotten")
{
    const auto folder = "/tmp/wsrace-reaper-test-" + std::to_string(::getpid());
    REQUIRE(::mkdir(folder.c_str(), 0700) == 0);
    pid_t registered = 0, forgotten = 0;
    {
        const Reaper reaper{{folder}};
        registered = start_group(reaper);
        forgotten = start_group(reaper);
        reaper.forget(forgotten);
    }
    CHECK(end_of(registered) == SIGKILL);
    CHECK(::kill(forgotten, 0) == 0);
    ::kill(forgotten, SIGUSR1);
    CHECK(end_of(forgotten) == SIGUSR1);
    CHECK(::access(folder.c_str(), F_OK) != 0);
}
