// A supervised target: one process that the harness starts, listens to, and ends.
#pragma once

#include "target/output_reader.hpp"
#include "target/reaper.hpp"
#include "target/spawn.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <optional>
#include <string>

namespace wsrace {

// How a process ended.
struct ServerExit {
    int status = 0;
    int signal = 0; // not 0: killed by it
};
std::string to_string(const ServerExit& exit);

// Runs in a process group of its own. Used on the io_context's thread only; must live until the io_context
// has run out of work.
class ServerProcess {
public:
    struct Observer {
        LineSplitter::Sink out, err; // a line of its output
        std::function<void(const ServerExit&)>
            ended; // after the last line; never from within a call of this class
    };

    // Throws std::system_error that names the command when it cannot be started. The reaper outlives it.
    ServerProcess(boost::asio::io_context& io, const ServerCommand& command, const Reaper& reaper,
                  Observer observer);
    ~ServerProcess(); // kills the group and waits for the process, if that has not ended yet
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    pid_t pid() const { return process_; }
    const std::optional<ServerExit>& exit() const { return exit_; } // set before `ended` is called

    void signal(int number) const;       // to the process; nothing when it has ended
    void signal_group(int number) const; // to whatever is left of its group, also after its end
    bool group_lives() const;
    void release(); // its group has been killed: the id may be somebody else's from now on

private:
    void await_end();
    void reap(int status);

    const Reaper& reaper_;
    Observer observer_;
    pid_t process_ = -1;
    bool released_ = false;
    std::optional<OutputReader> out_, err_;
    boost::asio::posix::stream_descriptor end_; // a pidfd
    std::optional<ServerExit> exit_;
};

} // namespace wsrace
