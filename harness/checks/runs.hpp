// Requests and the frames that answer them, worked out once for all checks.
//
// A frame belongs to the request whose canary it carries. One without any canary belongs to the request that
// owns its run id; without that, to the only request that is open on its connection, or, when none is, to
// the last one that ended there.
#pragma once

#include "checks/findings.hpp"
#include "checks/id_owners.hpp"
#include "checks/outages.hpp"
#include "core/expectation.hpp"
#include "core/history.hpp"
#include "core/run_events.hpp"

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace wsrace {

// One request that was sent, and what became of it. All positions are in History::events; `nowhere` says
// that there is none.
struct Run {
    RequestId id;
    std::uint16_t incarnation = 0;    // of the connection that asked
    std::uint32_t sent = nowhere;     // request_sent
    std::uint32_t first = nowhere;    // first run event
    std::uint32_t terminal = nowhere; // first agent_completed or agent_error
    std::uint32_t accepted = nowhere; // acknowledgement or first run event
    std::uint32_t refusal = nowhere;  // error_message that came instead of a run
    std::uint32_t stop = nowhere;     // stop_sent, when the run was still going on
    std::uint32_t cut = nowhere; // drop, close, interruption, our own killing of the target or our ingress's
                                 // cut: before the terminal event
    std::uint32_t cut_before = nowhere; // the ingress's cut behind which its user was there again
    std::uint32_t lost = nowhere;       // the target ended the connection before the terminal event
    std::uint32_t given_up = nowhere;   // the journey had waited for its end for as long as it may
    Duration paused{};                  // the harness had stopped the target meanwhile: no time of the run's
    std::vector<std::uint32_t>
        drops;                // the harness cut its connection while it was going on, and opened another
    std::uint16_t holder = 0; // incarnation on which its events come: a later one once it was resumed
    bool squats = false;      // it named another user's thread, on purpose: a refusal is right
    std::vector<std::pair<Instant, Instant>> away; // from such a drop to the next 101: nobody could receive
    std::vector<std::uint32_t>
        frames; // run events on the asking slot, each delivered for the first time, in order of arrival
    std::vector<std::uint32_t> under_way; // came on a connection after the harness had dropped it: sent
                                          // before the target could know, received by nobody
    std::vector<FrameType> thrown_away;   // by a reset of ours, as far as anybody can know (reset_losses.hpp)
    bool return_unclear = false; // its rest may belong to another of the user's slots (unclear_return.hpp)
    std::vector<std::uint32_t> repeats; // further deliveries of the same
    std::vector<std::uint32_t> strays;  // run events that reached another slot, of whatever user

    ConnectionId connection() const { return {id.user, id.slot, incarnation}; }
    bool ended() const { return terminal != nowhere || refusal != nowhere; }
};

class RunTable {
public:
    // `expected`: which events a run has, for what a reset may have thrown away.
    RunTable(const History& history, const std::vector<ConnectionTrace>& connections,
             const RunEvents& expected = {});

    std::span<const Run> runs() const { return runs_; } // ordered by id
    const Run* find(RequestId id) const;
    bool has_requests(UserId user) const;
    bool has_requests(UserId user, SlotId slot) const;

    // The run to which the frame at `position` belongs; null: it is no answer to a request, or nobody can
    // tell to which.
    const Run* run_of(std::uint32_t position) const;

    const IdOwners& owners() const { return owners_; }
    const Pauses& pauses() const { return pauses_; }

private:
    void collect_requests(const History& history);

    IdOwners owners_;
    Pauses pauses_;
    std::vector<Run> runs_;
    std::vector<std::uint32_t> attribution_; // by position: index of a run
};

// How much of the time between the two nobody was connected to receive the run's events, by the harness's own
// doing.
Duration away(const Run& run, Instant from, Instant to);

// Whether two deliveries say the same: the same type, and the same step or execution id. A second start or
// end of a run is always one.
bool is_repeat(const Event& earlier, const Event& later);

// How long the run was watched: until its connection was cut or lost, else to the end of the history.
Instant watched_until(const History& history, const Run& run);

// Whether the run had its chance: false when the harness itself cut it off, or stopped watching, before the
// limit for a whole run.
bool had_its_time(const Expectations& expectations, const History& history, const Run& run);

// Whether the target said that it did not do what was asked: agent_error, a failed status, or an
// error_message instead of a run.
bool failed(const History& history, const Run& run);

bool was_thrown_away(const Run& run, FrameType type);

} // namespace wsrace
