// What happens to a connection on its way through a relay: the relay moves bytes, its conditions say when,
// how many, and whether at all.
#pragma once

#include "core/time.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace wsrace::faults {

using TimePoint = std::chrono::steady_clock::time_point;

enum class Direction : std::uint8_t { up, down }; // from the client to the upstream, and back

// A part of the stream on its way, in its place.
struct Chunk {
    static constexpr int no_act = -1;

    std::string bytes;
    TimePoint due{};             // not passed on before
    std::uint32_t slice = 0;     // how many bytes are written at once; 0: as many as there are
    std::uint64_t bandwidth = 0; // bytes per second; 0: as fast as it goes
    int act = no_act;            // no bytes: something happens when everything before it has been passed on
};

enum class Act : std::uint8_t {
    nothing,
    reset,         // both sides
    drop_client,   // this side is reset, and the other one never hears of it
    drop_upstream, //
};

// Of one connection; called on its relay's thread. What is not overridden changes nothing.
class Conditions {
public:
    Conditions() = default;
    virtual ~Conditions() = default;
    Conditions(const Conditions&) = delete;
    Conditions& operator=(const Conditions&) = delete;

    // Whether bytes may be passed on as they come, without take(), now and for ever.
    virtual bool never_act() const { return false; }

    // Until when nothing may be passed on that way, nor, for `up`, the upstream be connected to; it is asked
    // again then. Nothing: it may.
    virtual std::optional<TimePoint> held_until(Direction way, TimePoint now) = 0;

    // Bytes have come: what is to be passed on of them is appended to `out`.
    virtual void take(Direction way, std::string_view bytes, TimePoint now, std::deque<Chunk>& out) = 0;

    virtual void passed(Direction) {} // something was passed on that way

    // The end of sending, or a reset, has come: when it may be passed on. Nothing: it is swallowed. `out`
    // takes what take() had held back.
    virtual std::optional<TimePoint> take_end(Direction, TimePoint now, std::deque<Chunk>&) { return now; }

    // It is the turn of a chunk with this act.
    virtual Act reached(int, TimePoint) { return Act::nothing; }

    // When act() is to be called, whatever comes. TimePoint::max(): not known before wake(); nothing: never.
    virtual std::optional<TimePoint> next_act() { return std::nullopt; }
    virtual Act act(TimePoint) { return Act::nothing; }
};

} // namespace wsrace::faults
