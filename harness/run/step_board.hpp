// When the moments happened that constraints wait for: posted by the worker of the one who got there, read by
// the workers of those who wait.
#pragma once

#include "net/executor.hpp"
#include "plan/plan.hpp"

#include <atomic>
#include <optional>
#include <vector>

namespace wsrace {

// Posting and looking up are an atomic operation each; nobody waits for anybody. Whoever waits is told on its
// own thread, by a message to its worker.
class StepBoard {
public:
    // Who waits for a moment that has not come yet.
    class Listener {
    public:
        virtual void told() = 0;

    protected:
        ~Listener() = default;
    };

    StepBoard(const Plan& plan, std::size_t workers);

    void attach(std::size_t worker, Executor executor); // before the workers run

    // A moment that somebody waits for. The first word counts: happened or never, and when.
    std::size_t watch_count() const { return watches_.size(); }
    const PlannedMoment& moment(std::size_t watch) const { return watches_[watch].moment; }
    void post(std::size_t watch, Clock::time_point at);
    void post_never(std::size_t watch);

    struct State {
        bool known = false;
        std::optional<Clock::time_point> at; // none: it never happens
    };
    State awaited_by(std::size_t constraint) const; // the constraint's number in the plan

    // On the thread of the waiting connection's worker. Null: nobody listens any more.
    void listen(std::size_t constraint, Listener* listener);

private:
    struct Watch {
        PlannedMoment moment;
        std::vector<std::uint32_t> constraints;
    };
    // Of one constraint.
    struct Wait {
        std::uint32_t watch = 0;
        std::uint32_t worker = 0;     // of the connection that waits
        Listener* listener = nullptr; // that worker's
    };
    using Rep = Clock::time_point::rep;

    void settle(std::size_t watch, Rep at);

    std::vector<Watch> watches_;
    std::vector<std::atomic<Rep>> times_; // by watch
    std::vector<Wait> waits_;
    std::vector<std::optional<Executor>> executors_; // by worker
};

} // namespace wsrace
