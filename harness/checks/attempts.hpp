// Every attempt to open a connection, from its first step to its end, as positions in History::events.
#pragma once

#include "checks/findings.hpp"
#include "checks/outages.hpp"
#include "core/history.hpp"

#include <cstdint>
#include <vector>

namespace wsrace {

struct Attempt {
    ConnectionId id;
    std::uint32_t tcp = nowhere;
    std::uint32_t tls = nowhere;
    std::uint32_t sent = nowhere;     // upgrade_sent
    std::uint32_t answered = nowhere; // upgrade_answered
    std::uint32_t welcome = nowhere;  // the first welcome frame
    std::uint32_t awaited = nowhere;  // the step that waited for it
    std::uint32_t failed = nowhere;   // the first of tcp, tls, sent, answered that was not ok
    std::uint32_t act = nowhere;      // the first drop, abort or close of the harness
    std::uint32_t end = nowhere;
    std::uint32_t forged = nowhere; // the fault that says that it brought a token that must be refused
    std::uint32_t shared = nowhere; // the fault that says which ticket it shared with others of its user
    bool upgraded = false;          // 101 received
    bool answers =
        false; // at least one event of a run arrived, which proves it open as well as a welcome does
    bool followed_up = false; // a later attempt of the same slot was upgraded

    bool welcomed() const { return welcome != nowhere || answers; }
};

// Ordered by id. Traces without any step of a handshake are left out.
std::vector<Attempt> attempts_of(const History& history, const std::vector<ConnectionTrace>& connections);

// Whether the attempt failed by no fault of the target: the run was interrupted, an earlier step had failed,
// the harness had cut the connection before, or the credentials were refused that had to be, or that another
// connection had used up (`credentials` judges those).
bool excused(const History& history, const Attempt& attempt);

// Whether a step, begun at `begun`, failed because the harness had taken the target down, or had only just
// started it; or because the harness's ingress did not let it get there, or cut it.
bool taken_down(const Outages& outages, const Event& step, Instant begun);
bool taken_down(const History& history, const Outages& outages, const Attempt& attempt);

// Whether the step at `position` of an attempt (or `nowhere`) ran into its deadline while the harness had the
// target stopped for a part of the attempt.
bool timed_out_in_pause(const History& history, const Pauses& pauses, const Attempt& attempt,
                        std::uint32_t position);

// An answer to an upgrade that says that its credentials are no good.
bool refuses_credentials(const Event& step);

// An answer with which a target may refuse an upgrade: it says whose fault it is, or when to come back.
bool fitting_refusal(int status, std::string_view retry_after);

// Whether the attempt was turned away in order, and a later one got in.
bool refused_then_admitted(const History& history, const Attempt& attempt);

} // namespace wsrace
