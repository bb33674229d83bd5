// A supervised target: a process that the harness starts, listens to, and stops.
#pragma once

#include "core/history_file.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wsrace {

struct ServerCommand {
    std::vector<std::string> arguments;                           // argv, complete
    std::vector<std::pair<std::string, std::string>> environment; // added to the harness's own
    std::string working_directory;                                // empty: the harness's own
    Duration stop_within{}; // SIGTERM, then SIGKILL for the whole process group
};

// How a process ended.
struct ServerExit {
    int status = 0;
    int signal = 0; // not 0: killed by it
};
std::string to_string(const ServerExit& exit);

// Runs in a process group of its own; dies with the thread that started it (which must therefore be the main
// thread). Its output goes to `log_file`, each line with its arrival time, and to the history, secrets
// redacted. Used on one thread only.
class ServerProcess {
public:
    // Throws std::system_error that names the command when it cannot be started.
    ServerProcess(const ServerCommand& command, HistoryWriter history, const std::filesystem::path& log_file,
                  std::chrono::steady_clock::time_point start);
    ~ServerProcess(); // stops it
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    int pid() const;
    std::optional<ServerExit> exited(); // without waiting
    void note(LifeCycle what);          // port_open, ready: whoever finds out says so

    // SIGTERM, grace, SIGKILL to the group; then the rest of its output. Safe to call again.
    ServerExit stop();

    std::string last_output() const; // the last few lines, for messages

private:
    struct State;
    std::unique_ptr<State> state_;
};

// True once something accepts TCP connections on 127.0.0.1:`port`.
bool is_port_open(std::uint16_t port);

} // namespace wsrace
