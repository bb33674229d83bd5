// One group of a starting gate, as all workers share it: connections wait, the last one to come lets all of
// them go.
#pragma once

#include "net/deadline_queue.hpp"
#include "plan/plan.hpp"
#include "run/recorder.hpp"

#include <boost/intrusive/list.hpp>

#include <atomic>
#include <memory>
#include <vector>

namespace wsrace {

// The only thing that threads share is who is still to come. Each worker has a side of its own, with the
// seats of its own connections, and lets them go in one tight loop when it is told that the gate is open.
class Gate {
public:
    // A connection that waits. Leaves the gate when it is destroyed.
    class Seat : public boost::intrusive::list_base_hook<
                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    public:
        // First all are let go, one after the other: nothing but what must be done then.
        virtual void go(Clock::time_point opened) = 0;
        // Then each is told so, to do what can wait.
        virtual void gone() = 0;

    protected:
        ~Seat() = default;
    };

    Gate(const PlannedGate& planned, std::size_t workers);
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    // Before the workers run.
    void attach(std::size_t worker, DeadlineQueue& deadlines, Recorder& recorder);

    // On the worker's own thread. False: it is open already.
    bool arrive(Seat& seat, std::size_t worker);
    void leave(std::size_t worker);   // one that had not arrived never will: the others do not wait for it
    Clock::time_point opened() const; // once it is open: when

    // An event that tells of this gate.
    Event event(Recorder& recorder, GateStep step, const ConnectionId& connection,
                Clock::time_point at) const;

private:
    struct Side;

    void one_less(std::size_t worker);
    void open(std::size_t worker);

    const PlannedGate& planned_;
    std::vector<std::unique_ptr<Side>> sides_;
    std::atomic<std::uint32_t> outstanding_;     // members who have neither come nor left
    std::atomic<Clock::time_point::rep> first_;  // when the first one came; 0: none has
    std::atomic<Clock::time_point::rep> opened_; // 0: it is closed
};

} // namespace wsrace
