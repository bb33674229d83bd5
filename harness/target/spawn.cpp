#include "target/spawn.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace wsrace {

namespace {

std::vector<char*> pointers(std::vector<std::string>& strings)
{
    std::vector<char*> out;
    out.reserve(strings.size() + 1);
    for (auto& string : strings) out.push_back(string.data());
    out.push_back(nullptr);
    return out;
}

std::vector<std::string> full_environment(const ServerCommand& command)
{
    std::vector<std::string> out;
    const auto overridden = [&](std::string_view entry) {
        for (const auto& [name, value] : command.environment)
            if (entry.starts_with(name + "=")) return true;
        return false;
    };
    for (char** entry = environ; *entry != nullptr; ++entry)
        if (!overridden(*entry)) out.emplace_back(*entry);
    for (const auto& [name, value] : command.environment) out.push_back(name + "=" + value);
    return out;
}

struct Pipe {
    std::array<int, 2> ends{-1, -1};
    Pipe()
    {
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
            throw std::system_error{errno, std::generic_category(), "pipe"};
    }
    ~Pipe()
    {
        for (const auto end : ends)
            if (end >= 0) ::close(end);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    int take_reader() { return std::exchange(ends[0], -1); }
    int writer() const { return ends[1]; }
};

// What the child needs, allocated before the fork.
struct Child {
    char* const* arguments;
    char* const* environment;
    const char* directory; // or null
    int out, err;
    int report; // where the reason goes if it cannot become the server
    int registration;
    rlim_t open_files, memory; // 0: as they are
};

bool lower(__rlimit_resource resource, rlim_t limit)
{
    const rlimit wanted{.rlim_cur = limit, .rlim_max = limit};
    return limit == 0 || ::setrlimit(resource, &wanted) == 0;
}

// In the child: only async-signal-safe calls.
[[noreturn]] void become(const Child& child)
{
    ::setpgid(0, 0);
    const auto self = ::getpid();
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const auto dev_null = ::open("/dev/null", O_RDONLY);
    const auto ready = ::write(child.registration, &self, sizeof self) == sizeof self &&
                       ::dup2(dev_null, 0) >= 0 && ::dup2(child.out, 1) >= 0 && ::dup2(child.err, 2) >= 0 &&
                       (child.directory == nullptr || ::chdir(child.directory) == 0) &&
                       lower(RLIMIT_NOFILE, child.open_files) && lower(RLIMIT_AS, child.memory);
    if (ready) ::execvpe(child.arguments[0], child.arguments, child.environment);
    const int reason = errno;
    [[maybe_unused]] const auto written = ::write(child.report, &reason, sizeof reason);
    ::_exit(127);
}

} // namespace

SpawnedProcess spawn(const ServerCommand& command, int registration)
{
    auto arguments = command.arguments;
    auto environment = full_environment(command);
    const auto argument_pointers = pointers(arguments);
    const auto environment_pointers = pointers(environment);
    const auto* const directory =
        command.working_directory.empty() ? nullptr : command.working_directory.c_str();
    Pipe out, err, report;
    const Child child{.arguments = argument_pointers.data(),
                      .environment = environment_pointers.data(),
                      .directory = directory,
                      .out = out.writer(),
                      .err = err.writer(),
                      .report = report.writer(),
                      .registration = registration,
                      .open_files = command.open_files,
                      .memory = command.memory};
    const auto pid = ::fork();
    if (pid < 0) throw std::system_error{errno, std::generic_category(), "fork"};
    if (pid == 0) become(child);

    ::setpgid(pid, pid); // the child does so too; whoever is first
    ::close(std::exchange(report.ends[1], -1));
    int reason = 0;
    if (::read(report.ends[0], &reason, sizeof reason) == sizeof reason) {
        ::waitpid(pid, nullptr, 0);
        const pid_t forgotten = -pid;
        [[maybe_unused]] const auto written = ::write(registration, &forgotten, sizeof forgotten);
        throw std::system_error{
            reason, std::generic_category(),
            fmt::format("the server's command \"{}\" cannot be started", command.arguments[0])};
    }
    return {.pid = pid, .out = out.take_reader(), .err = err.take_reader()};
}

} // namespace wsrace
