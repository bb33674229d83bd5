#include "target/reaper.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <system_error>

namespace wsrace {

namespace {

constexpr std::size_t most_groups = 1024;

// Everything but standard streams and the pipe: what the harness holds open must be able to close.
void close_others(int kept)
{
    const auto first = static_cast<unsigned>(kept) + 1;
    if (kept > 3) ::syscall(SYS_close_range, 3U, first - 2, 0U);
    if (::syscall(SYS_close_range, first, ~0U, 0U) != 0) { // Linux before 5.9
        const auto most = static_cast<int>(::sysconf(_SC_OPEN_MAX));
        for (int file = 3; file < most; ++file)
            if (file != kept) ::close(file);
    }
    const auto null = ::open("/dev/null", O_RDWR);
    for (const auto stream : {0, 1, 2}) ::dup2(null, stream);
    if (null != kept && null > 2) ::close(null);
}

// Where standard streams are closed a pipe may get their numbers.
int above_streams(int file)
{
    if (file > 2) return file;
    const auto moved = ::fcntl(file, F_DUPFD_CLOEXEC, 3);
    ::close(file);
    return moved;
}

void remove_folders(const std::vector<std::string>& folders)
{
    constexpr timespec patience{.tv_sec = 0,
                                .tv_nsec = 10'000'000}; // killed processes leave a cgroup with a delay
    for (const auto& folder : folders)
        for (int attempt = 0; attempt < 100 && ::rmdir(folder.c_str()) != 0 && errno == EBUSY; ++attempt)
            ::nanosleep(&patience, nullptr);
}

// In the child: only async-signal-safe calls, since the harness may have threads.
[[noreturn]] void watch(int pipe, const std::vector<std::string>& folders)
{
    ::setsid(); // signals to the harness's group are not for it
    for (const auto signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) ::signal(signal, SIG_IGN);
    close_others(pipe);
    std::array<pid_t, most_groups> groups{};
    std::size_t count = 0;
    for (;;) {
        pid_t told = 0;
        const auto size = ::read(pipe, &told, sizeof told);
        if (size < 0 && errno == EINTR) continue;
        if (size != sizeof told) break;
        if (told > 0 && count < groups.size()) groups[count++] = told;
        for (std::size_t i = 0; told < 0 && i < count; ++i)
            if (groups[i] == -told) groups[i] = groups[--count];
    }
    for (std::size_t i = 0; i < count; ++i) ::kill(-groups[i], SIGKILL);
    remove_folders(folders);
    ::_exit(0);
}

} // namespace

Reaper::Reaper(std::vector<std::string> folders)
{
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error{errno, std::generic_category(), "pipe"};
    for (auto& end : ends) end = above_streams(end);
    process_ = ::fork();
    if (process_ == 0) {
        ::close(ends[1]);
        watch(ends[0], folders);
    }
    ::close(ends[0]);
    pipe_ = ends[1];
    if (process_ < 0) {
        const auto reason = errno;
        ::close(pipe_);
        throw std::system_error{reason, std::generic_category(), "fork"};
    }
}

Reaper::~Reaper()
{
    ::close(pipe_);
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void Reaper::forget(pid_t group) const
{
    const pid_t told = -group;
    [[maybe_unused]] const auto written = ::write(pipe_, &told, sizeof told);
}

} // namespace wsrace
