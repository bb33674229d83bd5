// The faults of a link as conditions of one connection through it.
#pragma once

#include "core/ids.hpp"
#include "faults/conditions.hpp"
#include "faults/event_scan.hpp"
#include "faults/frame_follower.hpp"
#include "faults/handshake_head.hpp"
#include "scenario/link_fault.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace wsrace::faults {

// One connection of the users, as the proxy knows it.
struct LinkConnection {
    std::uint32_t number = 0;     // in the order in which the proxy accepted them
    std::optional<UserId> user{}; // whose it is; `wsrace proxy` does not know
    SlotId slot{};                //
    std::uint16_t opened = 0;     // how many the same slot had opened before
};

struct LinkActivation {
    const LinkConnection& connection;
    std::size_t fault; // position in LinkSchedule::faults
    TimePoint at;
};

// What all connections of a proxy share. It outlives them.
struct LinkSchedule {
    std::vector<LinkFault> faults;
    std::uint64_t seed = 0;
    TimePoint start{};      // of what counts since the start
    bool plain_text = true; // false: TLS, bytes only
    EventScan scan{};
    std::function<void(const LinkActivation&)>
        note{}; // once for each fault and connection, when it first acts
};

// Draws depend on seed, fault, connection (user, slot and how many it had before; or its number), direction
// and piece: the handshake is piece 0, each frame is one. Of what passes through TLS each read is a piece.
class LinkConditions final : public Conditions {
public:
    LinkConditions(const LinkSchedule& schedule, const LinkConnection& connection, TimePoint accepted);

    bool never_act() const override { return concerned_ == 0; }
    std::optional<TimePoint> held_until(Direction way, TimePoint now) override;
    void take(Direction way, std::string_view bytes, TimePoint now, std::deque<Chunk>& out) override;
    std::optional<TimePoint> take_end(Direction way, TimePoint now, std::deque<Chunk>& out) override;
    Act reached(int act, TimePoint now) override;
    std::optional<TimePoint> next_act() override;
    Act act(TimePoint now) override;

private:
    enum class Phase : std::uint8_t { handshake, frames, opaque };

    struct Side {
        Phase phase = Phase::handshake;
        HandshakeHead head;
        FrameFollower frames;
        std::string held; // until it is known what it is
        FrameType type = FrameType::unknown;
        bool told = false; // the type of the message at hand is known
        std::uint32_t pieces = 0;
        Duration delay{}; // of the piece at hand
    };

    struct State {
        bool concerns = false;
        bool noted = false;
        std::uint32_t seen = 0;            // frames of the type that the fault begins with
        std::optional<TimePoint> begun{};  // by its trigger
        std::optional<TimePoint> passes{}; // when a triggered stall ends
    };

    // Where the pieces of one read go.
    struct Output {
        std::deque<Chunk>& chunks;
        std::size_t before; // chunks of earlier reads
        TimePoint now;
    };

    bool concerns(std::size_t fault) const;
    TimePoint begin_of(const LinkFault& fault) const;
    TimePoint end_of(const LinkFault& fault) const;
    bool acts(std::size_t fault, Direction way, TimePoint now) const;
    bool is_once(const LinkFault& fault) const
    {
        return fault.reset || fault.half_open != LinkFault::Side::neither;
    }
    void note(std::size_t fault, TimePoint at);
    std::uint64_t key() const;

    std::size_t take_head(Direction way, std::string_view bytes, const Output& out);
    void finish_head(Direction way, const Output& out);
    std::size_t take_frames(Direction way, std::string_view bytes, const Output& out);
    void message_told(const Output& out);
    void message_ended(const Output& out);
    void begin_upgrade(const Output& out);
    void trigger(std::size_t fault, const Output& out);
    void begin_piece(Direction way, TimePoint now);
    void pass(Direction way, std::string_view bytes, const Output& out);
    void release(Direction way, const Output& out);
    bool swallows(Direction way, TimePoint now);
    bool awaits_type() const;
    Side& side(Direction way) { return sides_[static_cast<std::size_t>(way)]; }

    const LinkSchedule& schedule_;
    LinkConnection connection_;
    TimePoint accepted_;
    std::array<Side, 2> sides_; // by Direction
    std::vector<State> states_; // by fault
    std::size_t concerned_ = 0; // by so many faults
    std::uint32_t events_ = 0;  // of runs, that have passed
    bool corrupts_ = false;     // a header of the handshake
    bool upgrade_begun_ = false;
    bool upgrade_over_ = false;
};

} // namespace wsrace::faults
