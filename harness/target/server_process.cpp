#include "target/server_process.hpp"

#include "core/redact.hpp"
#include "target/spawn.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <deque>
#include <fstream>
#include <mutex>
#include <thread>

namespace wsrace {

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t longest_line = 8192;
constexpr std::uint64_t largest_log = std::uint64_t{64} * 1024 * 1024;
constexpr std::size_t lines_remembered = 12;
constexpr auto poll_interval = std::chrono::milliseconds{2};

// Splits what a pipe gives into lines.
class LineReader {
public:
    LineReader(int descriptor, int stream) : descriptor_{descriptor}, stream_{stream} {}

    int descriptor() const { return descriptor_; }
    bool is_open() const { return descriptor_ >= 0; }

    template <typename Sink>
    void read(const Sink& sink)
    {
        std::array<char, 16384> chunk;
        const auto count = ::read(descriptor_, chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) return;
        if (count <= 0) return finish(sink);
        rest_.append(chunk.data(), static_cast<std::size_t>(count));
        std::size_t begin = 0;
        for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
            sink(std::string_view{rest_}.substr(begin, end - begin), stream_);
            begin = end + 1;
        }
        rest_.erase(0, begin);
        if (rest_.size() > longest_line) {
            sink(rest_, stream_);
            rest_.clear();
        }
    }

    template <typename Sink>
    void finish(const Sink& sink)
    {
        if (!rest_.empty()) sink(rest_, stream_);
        rest_.clear();
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }

private:
    int descriptor_;
    int stream_;
    std::string rest_;
};

} // namespace

std::string to_string(const ServerExit& exit)
{
    if (exit.signal != 0)
        return fmt::format("killed by signal {} ({})", exit.signal, ::strsignal(exit.signal));
    return fmt::format("exit status {}", exit.status);
}

struct ServerProcess::State {
    State(const ServerCommand& command_given, HistoryWriter history_given,
          const std::filesystem::path& log_file, Steady::time_point start_given)
        : command{command_given}, start{start_given}, history{std::move(history_given)}, log{log_file}
    {}

    ServerCommand command;
    Steady::time_point start;
    SpawnedProcess process;
    std::optional<ServerExit> exit;

    mutable std::mutex mutex; // guards what follows: the reading thread and the owner both write
    HistoryWriter history;
    std::ofstream log;
    std::uint64_t logged = 0;
    std::deque<std::string> tail;

    int stop_pipe = -1; // closing the write end makes the reading thread stop
    std::jthread reader;

    void note(LifeCycle what, int value)
    {
        const std::lock_guard lock{mutex};
        Event event;
        event.at = Steady::now() - start;
        event.kind = EventKind::life_cycle;
        event.type = static_cast<std::uint8_t>(what);
        event.value = value;
        history.append(event);
        history.flush();
    }

    void line(std::string_view text, int stream)
    {
        const auto safe = redact(text.substr(0, longest_line));
        const std::lock_guard lock{mutex};
        Event event;
        event.at = Steady::now() - start;
        event.kind = EventKind::log;
        event.value = stream;
        tail.push_back(safe);
        if (tail.size() > lines_remembered) tail.pop_front();
        logged += safe.size() + 20;
        if (logged > largest_log) return;
        event.text = history.intern(safe);
        history.append(event);
        log << fmt::format("{:12.6f} {} {}\n", std::chrono::duration<double>(event.at).count(),
                           stream == 2 ? "err" : "out", safe);
    }

    void read_output(int stopped)
    {
        LineReader out{process.out, 1}, err{process.err, 2};
        const auto sink = [this](std::string_view text, int stream) { line(text, stream); };
        auto stopping = false;
        while (out.is_open() || err.is_open()) {
            std::array<pollfd, 3> files{pollfd{out.descriptor(), POLLIN, 0},
                                        pollfd{err.descriptor(), POLLIN, 0},
                                        pollfd{stopping ? -1 : stopped, POLLIN, 0}};
            // Once told to stop, what is in the pipes is read, but nothing is waited for: a grandchild may
            // hold them open.
            const auto ready = ::poll(files.data(), files.size(), stopping ? 0 : -1);
            if (ready == 0 && stopping) break;
            if (files[0].revents != 0) out.read(sink);
            if (files[1].revents != 0) err.read(sink);
            if (files[2].revents != 0) stopping = true;
        }
        out.finish(sink);
        err.finish(sink);
        ::close(stopped);
        const std::lock_guard lock{mutex};
        log.flush();
        history.flush();
    }

    void reap(int status)
    {
        exit = WIFSIGNALED(status) ? ServerExit{.status = 0, .signal = WTERMSIG(status)}
                                   : ServerExit{.status = WEXITSTATUS(status), .signal = 0};
        note(exit->signal != 0 ? LifeCycle::killed : LifeCycle::exited,
             exit->signal != 0 ? exit->signal : exit->status);
    }

    bool poll_exit()
    {
        int status = 0;
        if (!exit && ::waitpid(process.pid, &status, WNOHANG) == process.pid) reap(status);
        return exit.has_value();
    }

    void wait_exit(Duration limit)
    {
        const auto deadline = Steady::now() + limit;
        while (!poll_exit() && Steady::now() < deadline) std::this_thread::sleep_for(poll_interval);
    }
};

ServerProcess::ServerProcess(const ServerCommand& command, HistoryWriter history,
                             const std::filesystem::path& log_file, Steady::time_point start)
    : state_{std::make_unique<State>(command, std::move(history), log_file, start)}
{
    std::array<int, 2> stop{-1, -1};
    if (::pipe2(stop.data(), O_CLOEXEC) != 0) throw std::system_error{errno, std::generic_category(), "pipe"};
    try {
        state_->process = spawn(command);
    } catch (...) {
        ::close(stop[0]);
        ::close(stop[1]);
        throw;
    }
    state_->note(LifeCycle::spawned, state_->process.pid);
    state_->stop_pipe = stop[1];
    state_->reader = std::jthread{[state = state_.get(), reader = stop[0]] { state->read_output(reader); }};
}

ServerProcess::~ServerProcess() { stop(); }

int ServerProcess::pid() const { return state_->process.pid; }

std::optional<ServerExit> ServerProcess::exited()
{
    state_->poll_exit();
    return state_->exit;
}

void ServerProcess::note(LifeCycle what) { state_->note(what, 0); }

ServerExit ServerProcess::stop()
{
    if (!state_->poll_exit()) {
        state_->note(LifeCycle::terminating, SIGTERM);
        ::kill(state_->process.pid, SIGTERM);
        state_->wait_exit(state_->command.stop_within);
    }
    ::kill(-state_->process.pid, SIGKILL); // the whole group: what the server has started, too
    if (!state_->exit) {
        int status = 0;
        ::waitpid(state_->process.pid, &status, 0);
        state_->reap(status);
    }
    if (state_->stop_pipe >= 0) ::close(std::exchange(state_->stop_pipe, -1));
    if (state_->reader.joinable()) {
        state_->reader.join();
        state_->history.complete();
    }
    return *state_->exit;
}

std::string ServerProcess::last_output() const
{
    const std::lock_guard lock{state_->mutex};
    std::string out;
    for (const auto& line : state_->tail) out += "    " + line + "\n";
    return out;
}

bool is_port_open(std::uint16_t port)
{
    const auto socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const auto connected =
        ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(socket);
    return connected;
}

} // namespace wsrace
