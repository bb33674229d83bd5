// One accepted WebSocket, as the rest of the server sees it.
#pragma once

#include "reference_server/identity.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace wsrace::reference {

struct Run;

enum class CloseCode : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    unsupported = 1003,
    policy = 1008,
    internal_error = 1011,
    try_again_later = 1013,
};

// A frame on its way out. `run` is 0 for frames that belong to no run.
struct Outgoing {
    std::uint64_t run{0};
    std::uint32_t sequence{0}; // within the run
    std::string text;
    bool recovered{false}; // kept while its connection was lost
};

// Lives on its worker's thread. `deliver` and `close` may be called from any thread; everything else only
// from its own.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    virtual ~Connection() = default;

    // Queues a frame; frames from one thread keep their order. Frames after `close` are dropped.
    virtual void deliver(Outgoing frame) = 0;

    // Sends what is queued, then the close frame; bounded.
    virtual void close(CloseCode code, std::string reason) = 0;

    // Whether its peer is slow to read what has been sent already; own thread only.
    virtual bool congested() const = 0;

    // Calls back, on its thread, as soon as it is certain whether the connection is still there: at once as a
    // rule, and after it has been seen off when its peer has left already.
    virtual void answer_roll_call(std::function<void()> answered) = 0;

    // Set before the connection is registered, constant afterwards.
    std::string id;
    Identity identity;
    std::string handshake_id; // what it was called before it was admitted
    int descriptor{-1};       // of its socket

    // Own thread only.
    bool open{false};                       // accepted, and neither closing nor closed
    bool entered{false};                    // known to the registry and all that hangs on it
    std::vector<std::shared_ptr<Run>> runs; // started here and still going on
    std::vector<std::uint64_t> routes;      // runs whose events come here; may name some that have ended
    std::chrono::steady_clock::time_point next_heartbeat{};
    bool answered_by_stub{false}; // see emergency_stub
};

} // namespace wsrace::reference
