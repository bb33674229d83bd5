// A point of a journey that a starting gate or a constraint names: more than a step, since a handshake and a
// run have an inside.
#pragma once

#include "core/step_spec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wsrace {

struct Moment {
    enum class Kind : std::uint8_t {
        step,         // held: it is about to be done; observed: it was done (connected, sent, logged in)
        upgrade_sent, // of a connect: held by its last byte; observed: that byte was sent
        answered,     // of a connect: 101 received
        welcome,      // of a connect: the welcome received
        event,        // of a request: its k-th event received
        completed,    // of a request: its terminal event received
        ended,        // of a connect: the connection ended, by whoever
    };
    Kind kind = Kind::step;
    Action action = Action::connect; // whose occurrences count: connect or request for what is inside of them
    std::uint16_t event = 0;         // event: from 1
    bool operator==(const Moment&) const = default;

    // Everything but its last byte can be on the wire while it waits.
    bool is_held_by_bytes() const
    {
        return kind == Kind::upgrade_sent || (kind == Kind::step && action == Action::request);
    }
    // A connection gets to a moment only when it has got to those of its journey with a lower rank: `step` is
    // the place of its action in the journey.
    static constexpr std::uint32_t rank(std::uint32_t step, Kind kind)
    {
        return 2 * step + (kind == Kind::step ? 0U : 1U);
    }
};

// As scenarios write it: "connect", "upgrade_sent", "event:3", "completed", ...
std::string to_string(const Moment& moment);

// Every word that the two below know; "event:3" stands for all events.
std::vector<std::string_view> held_words();
std::vector<std::string_view> observed_words();

// What a connection can be held at: every step but a pause, and "upgrade_sent".
std::optional<Moment> held_moment(std::string_view word);

// What can be waited for: "login", "connect", "request", "ping", "stop", "drop", "close", "upgrade_sent",
// "answered", "welcome", "first_event", "event:K" (1 to 9999), "completed", "ended".
std::optional<Moment> observed_moment(std::string_view word);

} // namespace wsrace
