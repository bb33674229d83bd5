// One thread, one io_context, and the users that live on it. run() returning is the join.
#pragma once

#include "run/user.hpp"
#include "run/worker_context.hpp"

#include <cstddef>
#include <exception>
#include <memory>
#include <vector>

namespace wsrace {

// What all workers of a run share; constant while they run, but for the progress.
struct RunSetup {
    const Scenario& scenario;
    const Plan& plan;
    const PlayTarget& target;
    const RunInfo& info;
    Progress& progress;
    Clock::time_point start;  // time zero of the history
    Clock::time_point anchor; // time zero of arrivals
};

class Worker {
public:
    // Takes the users index, index + count, index + 2 count, ...
    Worker(const RunSetup& setup, HistoryWriter writer, Meetings& meetings, std::size_t index,
           std::size_t count);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void run();                            // on the worker's own thread, until all its users are done
    void interrupt();                      // from any thread: all users end now
    void halt();                           // from any thread: stop even if users do not end; the last resort
    std::error_code history_error() const; // after run(): the first write that failed

private:
    struct Arrivals;
    struct Flush;

    void start_user(User& user);
    void tab_done(const std::exception_ptr& failure);

    asio::io_context io_{1};
    DeadlineQueue deadlines_;
    Recorder recorder_;
    FrameScanner scanner_;
    WorkerContext context_;
    std::vector<std::unique_ptr<User>> users_;
    std::unique_ptr<Arrivals> arrivals_;
    std::unique_ptr<Flush> flush_;
    std::size_t tabs_left_ = 0;
    bool interrupted_ = false;
};

} // namespace wsrace
