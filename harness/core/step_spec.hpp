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
    await_event,  // until the newest request has got that many events
    stop_reading, // the journey goes on at once; what the target sends waits in TCP's buffers
    read_slowly,  // the same at a rate
    pong,         // one that nobody asked for
};
std::string_view name(Action action);

// How a connection is ended without a close frame.
enum class Ending : std::uint8_t {
    fin,
    reset,
    half_close, // we send no more, and read on until the target ends it
    silence,    // nothing is sent or read any more, and nothing closed until the journey ends
};
std::string_view name(Ending ending);

// Where an attempt to connect is given up on purpose.
enum class AbortStage : std::uint8_t {
    none,
    tcp_connect,
    tls,          // of a target without TLS: tcp_connect
    upgrade_part, // the first half of the upgrade has been sent
    upgrade_sent,
    answered, // 101 received
    welcome,
};
std::string_view name(AbortStage stage);

// How one connection is opened, and how it answers pings of WebSocket itself.
struct ConnectSpec {
    Duration trickle{}; // between the bytes of the upgrade; zero: it is sent whole
    AbortStage abort_after = AbortStage::none;
    Ending abort_by = Ending::fin;
    std::int32_t receive_buffer = 0; // SO_RCVBUF in bytes; 0: the system's
    bool withholds_pongs = false;    //
    Duration pong_delay{};           // before each pong, if they are not withheld
    bool operator==(const ConnectSpec&) const = default;
};

// One step, concrete but for the user: `{canary}`, `{user}`, `{connection}`, `{request}` in text and thread,
// and `{other_user}` in thread, are filled in at play time.
struct StepSpec {
    Action action = Action::pause;
    std::string text;            // request: what is asked
    std::string thread;          // request: the thread's name; empty: none, the target makes one
    std::string message;         // request: start_agent, user_message or chat; empty: the profile's default
    std::string settings;        // request: JSON object text for `settings`, or empty
    bool early = false;          // request: leaves in one segment with the end of the upgrade
    ConnectSpec connect;         // connect
    Distribution duration;       // pause
    Duration lasting{};          // stop_reading, read_slowly
    std::uint32_t rate = 0;      // read_slowly: bytes per second
    std::uint16_t events = 0;    // await_event: how many
    Ending ending = Ending::fin; // drop
    std::uint16_t code = 1000;   // close
    Credential credential = Credential::own; // connect
    bool operator==(const StepSpec&) const = default;
};

} // namespace wsrace
