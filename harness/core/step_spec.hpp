// What one step of a journey does, as scenarios declare it and plans fix it.
#pragma once

#include "core/credential.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wsrace {

// How long something takes: drawn once per user and step, by Boost.Random, when the plan is made.
struct Distribution {
    enum class Kind { fixed, uniform, log_uniform, exponential, normal, log_normal };
    Kind kind = Kind::fixed;
    Duration low{};  // the value; exponential, normal: the mean; log_normal: the median; else the lower bound
    Duration high{}; // uniform, log_uniform: the upper bound; normal: the standard deviation; log_normal: the
                     // 95th percentile
    bool operator==(const Distribution&) const = default;
};

enum class Action : std::uint8_t {
    login,
    connect, // tcp, tls, upgrade; also reconnect, when the slot has been open before
    await_welcome,
    request,           // send a message that starts an agent; does not wait
    await_events,      // until every run of this connection that is still open has ended
    await_first_event, // until the newest request has got its first event
    ping,              // send a ping frame of the protocol and await its pong, while events go on arriving
    pause,
    stop, // send stop_agent for the newest open run and await its end
    drop, // cut the connection without a close frame
    close,
};
std::string_view name(Action action);

// One step, concrete but for the user: `{canary}`, `{user}`, `{connection}`, `{request}` in text and thread,
// and `{other_user}` in thread, are filled in at play time.
struct StepSpec {
    Action action = Action::pause;
    std::string text;          // request: what is asked
    std::string thread;        // request: the thread's name; empty: none, the target makes one
    std::string message;       // request: start_agent, user_message or chat; empty: the profile's default
    std::string settings;      // request: JSON object text for `settings`, or empty
    Distribution duration;     // pause
    bool reset = false;        // drop: RST instead of FIN
    std::uint16_t code = 1000; // close
    Credential credential = Credential::own; // connect
    bool operator==(const StepSpec&) const = default;
};

} // namespace wsrace
