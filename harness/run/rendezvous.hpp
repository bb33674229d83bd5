// One connection's part in gates and constraints: it waits where the plan says so, and tells of what others
// wait for.
#pragma once

#include "net/connection.hpp"
#include "run/meetings.hpp"
#include "run/worker_context.hpp"

#include <optional>
#include <vector>

namespace wsrace {

// Owned by its tab; used on the worker's thread only. One wait at a time. What is held by its last byte is
// released from here, in the same turn in which the gate opens or the constraint is due; everything else when
// pass() returns.
class Rendezvous final : Deadline, Gate::Seat, StepBoard::Listener {
public:
    Rendezvous(WorkerContext& context, const Meetings::Part& part);
    ~Rendezvous();
    Rendezvous(const Rendezvous&) = delete;
    Rendezvous& operator=(const Rendezvous&) = delete;

    // Whether the connection must still wait at this moment of its journey.
    bool waits_at(std::size_t step, const Moment& moment) const;

    // A step without bytes to hold: returns when it may be begun. False: nothing to wait for, or abandoned.
    Task<bool> pass(std::size_t step, Moment moment, ConnectionId who);

    // All but the last byte of it is on the wire; it is released when the time has come.
    void hold(std::size_t step, const Moment& moment, ConnectionId who,
              std::shared_ptr<Connection> connection);
    Task<bool> released(); // false: abandoned, or the connection was gone

    bool is_releasing() const { return state_ == State::let_go; } // its last byte is being written
    void abandon(); // what waits now waits no more: the connection has ended, or the run is interrupted

    // Of the latest wait: when the step was due, and when it was done.
    Clock::time_point due() const { return due_; }
    Clock::time_point done() const { return done_; }

    // What others may wait for. `at` is when it happened.
    void connecting(std::size_t step) { connect_step_ = step; } // what follows belongs to this connect
    void asked(std::size_t step)
    {
        requests_.push_back({.step = step, .events = 0});
    } // the next request's number
    void did(std::size_t step, Action action, Clock::time_point at);
    void connection_got(Moment::Kind kind, Clock::time_point at);
    void run_event(std::size_t request, bool is_terminal, Clock::time_point at);

    // The journey goes on at `next` without having done the steps from `step` on: nobody waits for them.
    void skipped(std::size_t step, std::size_t next, ConnectionId who);

private:
    enum class State { idle, for_others, until_due, at_gate, let_go, gone };

    void on_deadline() override;
    void told() override;
    void go(Clock::time_point opened) override;
    void gone() override;

    void begin(std::size_t step, const Moment& moment, ConnectionId who);
    void come_to_gate(Gate& gate);
    void look_at_board();
    void release(Clock::time_point due);
    void settle();
    void record();
    void record_gate(const Gate& gate, GateStep step);
    void record_constraint(std::uint32_t number);
    void stop_listening();
    void post_after_this(std::uint32_t watch, Clock::time_point at);

    struct Request {
        std::size_t step = 0;
        std::uint16_t events = 0;
    };

    WorkerContext& context_;
    Meetings::Part part_; // what is done is taken out
    Waker waker_;
    std::shared_ptr<Connection> held_;
    std::vector<std::uint32_t> constraints_; // that the step at hand waits for
    Gate* gate_ = nullptr;                   // that it waits at
    std::vector<Request> requests_;
    Clock::time_point limit_{};
    Clock::time_point due_{};
    Clock::time_point done_{};
    ConnectionId who_;
    std::size_t connect_step_ = 0;
    State state_ = State::idle;
    bool in_time_ = true;  // what it waited for came, or cannot come any more
    bool late_ = false;    // the gate was open already
    bool is_lost_ = false; // the connection was gone when it was to be released
};

} // namespace wsrace
