// What a link between the users and the target does to what passes, on the harness's proxy in front of the
// target.
#pragma once

#include "core/event.hpp"
#include "core/step_spec.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace wsrace {

// One condition of the link, or several that begin and end together.
struct LinkFault {
    enum class Direction { both, up, down }; // up: from the users to the target
    enum class Side { neither, client, target };
    enum class Since { start, connection };

    // What happens.
    Duration latency{};                 // everything comes so much later, in order
    std::optional<Distribution> jitter; // and so much on top, drawn for each frame
    std::uint64_t bandwidth = 0;        // bytes per second; 0: as fast as it goes
    std::uint32_t slice = 0;            // bytes that are written at once; 0: as many as there are
    Duration stall{};                   // nothing passes for so long, then everything flows
    bool black_hole = false;            // what comes from now on is swallowed, ends included
    Side half_open = Side::neither;     // this side is reset, and the other one never hears of it
    bool reset = false;                 // both sides are reset
    Duration slow_close{};              // the end of sending (FIN) is passed on so much later
    std::string corrupt_header;         // its value in the upgrade, or in the answer, gets another character

    // To which connections, and which way.
    Direction direction = Direction::both;
    double user_share = 1.0;            // drawn for each user
    double connection_share = 1.0;      // drawn for each connection
    std::uint32_t first_connection = 0; // in the order in which the proxy accepted them, counted from 0
    std::uint32_t last_connection = 0xFFFFFFFFU;

    // When: a span of time, `until` excluded, or what the protocol does.
    Since since = Since::start; // of the users' arrivals; of `wsrace proxy`
    Duration from{};
    Duration until = Duration::max();
    struct Trigger {
        enum class Kind {
            none,
            after_event,   // from the end of the number-th event of a run that the connection gets
            on_type,       // from the beginning of its number-th frame of `type`
            while_upgrade, // from the first byte of the upgrade to the last one of its answer
        } kind = Kind::none;
        std::uint32_t number = 1; // counted from 1
        FrameType type = FrameType::unknown;
        std::optional<std::uint32_t> user{}; // only for this user's connections
        bool operator==(const Trigger&) const = default;
    } trigger;
    Duration lasting = Duration::max(); // after_event, on_type: for so long

    // Whether it ends connections, or keeps them from ending: what the target cannot be blamed for.
    bool is_fatal() const { return black_hole || reset || half_open != Side::neither; }
    // Whether it can only act where the proxy can read what passes: not through TLS.
    bool needs_plain_text() const { return !corrupt_header.empty() || trigger.kind != Trigger::Kind::none; }
    bool operator==(const LinkFault&) const = default;
};

} // namespace wsrace
