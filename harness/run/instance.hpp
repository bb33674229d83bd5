// One instance of a supervised target, from its start to its end, through restarts.
#pragma once

#include "core/history.hpp"
#include "ingress/ingress.hpp"
#include "run/instance_board.hpp"
#include "run/naps.hpp"
#include "scenario/scenario.hpp"
#include "target/cpu_share.hpp"
#include "target/journal.hpp"
#include "target/port.hpp"
#include "target/report_files.hpp"
#include "target/server_process.hpp"
#include "target/usage.hpp"

#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <vector>

namespace wsrace {

// What the instances of a target share. Lives on the supervising thread, as long as they do.
struct Supervisees {
    asio::io_context& io;
    DeadlineQueue& deadlines;
    Naps& naps; // ends when the run does
    TargetJournal& journal;
    const Reaper& reaper;
    InstanceBoard& board;
    const Scenario& scenario;
    Ingress* ingress = nullptr; // null: there is none
};

// Used on the supervising thread only; must live until its io_context has run out of work.
class Instance {
public:
    // `command`: with this instance's placeholders filled in.
    Instance(Supervisees& shared, std::uint16_t number, ServerCommand command, std::uint16_t port,
             std::filesystem::path report_prefix, std::string cgroup);

    // Spawns the process and waits for its port and its readiness. Empty, or why it did not come up.
    Task<std::string> start();
    std::string spawn(); // the first part of it: empty, or why it could not be started

    // SIGTERM, for its group too where its leader leaves something, and SIGKILL when the time for its end is
    // up.
    Task<void> terminate();
    Task<void> terminate_within(Duration grace); // instead of stop_within
    Task<void> end_for_good();                   // the same as a fault: it stays down
    Task<void> end_for_good(Duration grace);     // with this time for its end

    // terminate() or SIGKILL, then start() again: down on the board all the while.
    Task<std::string> restart(bool gracefully);

    void pause();
    void resume();
    void limit_cpu(double share); // 1: as the scenario has it from the start
    bool is_ended_for_good() const { return ended_for_good_; }
    bool is_opening_its_port() const; // spawned, not there yet, and within its time for that
    bool is_running() const { return process_ && !process_->exit(); }
    std::uint16_t number() const { return number_; }
    std::uint16_t port() const { return port_; }
    pid_t process() const { return process_ ? process_->pid() : -1; }
    std::optional<Usage> usage(Descriptors descriptors) const;
    void poll_reports() { reports_.poll(); }
    void finish_reports() { reports_.finish(); }

    struct Milestones {
        std::optional<Clock::time_point> spawned, port_open, ready;
    };
    const Milestones& milestones() const { return milestones_; } // of the latest start

private:
    void may_serve(bool open); // what the ingress is told
    void said(LogStream stream, std::string_view line);
    void ended(const ServerExit& exit);
    Duration port_limit() const;
    Task<std::string> await_port(Clock::time_point deadline);
    Task<std::string> await_ready(Clock::time_point deadline);
    Task<void> await_end(Clock::time_point deadline);
    Task<void> await_group_end(Clock::time_point deadline);
    Task<void> kill();
    Task<bool> take_turn(); // false: the run is over
    std::string why_not(std::string_view what, Duration limit, std::string_view field) const;

    Supervisees& shared_;
    const ServerSpec& spec_;
    std::uint16_t number_;
    ServerCommand command_;
    std::uint16_t port_;
    ReportFiles reports_;
    CpuShare cpu_;
    std::vector<std::unique_ptr<ServerProcess>> former_;
    std::unique_ptr<ServerProcess> process_;
    Milestones milestones_;
    std::optional<std::regex> ready_log_;
    bool said_ready_ = false;
    unsigned life_ = 0;   // counts starts and ends: who waits for an earlier one finds out
    bool ending_ = false; // by the harness, now
    bool busy_ = false;   // with a fault
    bool ended_for_good_ = false;
    bool paused_ = false;
};

} // namespace wsrace
