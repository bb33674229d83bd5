#include "target/server_process.hpp"

#include <fmt/format.h>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

namespace wsrace {

std::string to_string(const ServerExit& exit)
{
    if (exit.signal != 0)
        return fmt::format("killed by signal {} ({})", exit.signal, ::strsignal(exit.signal));
    return fmt::format("exit status {}", exit.status);
}

ServerProcess::ServerProcess(boost::asio::io_context& io, const ServerCommand& command, const Reaper& reaper,
                             Observer observer)
    : reaper_{reaper}, observer_{std::move(observer)}, end_{io}
{
    const auto spawned = spawn(command, reaper.registration());
    process_ = spawned.pid;
    out_.emplace(io, spawned.out, observer_.out);
    err_.emplace(io, spawned.err, observer_.err);
    end_.assign(static_cast<int>(::syscall(SYS_pidfd_open, process_, 0)));
    await_end();
}

ServerProcess::~ServerProcess()
{
    if (released_) return;
    signal_group(SIGKILL);
    if (!exit_) ::waitpid(process_, nullptr, 0);
    release();
}

void ServerProcess::await_end()
{
    end_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [this](const boost::system::error_code& error) {
                        int status = 0;
                        if (error == boost::asio::error::operation_aborted) return; // may be destroyed
                        const auto reaped = ::waitpid(process_, &status, WNOHANG);
                        if (reaped == 0) return await_end();
                        reap(reaped == process_ ? status : 0); // else somebody else has reaped it
                    });
}

void ServerProcess::reap(int status)
{
    exit_ = WIFSIGNALED(status) ? ServerExit{.status = 0, .signal = WTERMSIG(status)}
                                : ServerExit{.status = WEXITSTATUS(status), .signal = 0};
    end_.close();
    out_->drain();
    err_->drain();
    observer_.ended(*exit_);
}

void ServerProcess::signal(int number) const
{
    if (!exit_) ::kill(process_, number);
}

void ServerProcess::signal_group(int number) const
{
    if (!released_) ::kill(-process_, number);
}

bool ServerProcess::group_lives() const { return !released_ && ::kill(-process_, 0) == 0; }

void ServerProcess::release()
{
    if (!released_) reaper_.forget(process_);
    released_ = true;
}

} // namespace wsrace
