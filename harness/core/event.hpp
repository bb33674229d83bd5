// What one line of the history says. An execution is nothing but a sequence of these.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace wsrace {

// An interned string: an index into the history's table; `no_symbol` stands for "none".
enum class Symbol : std::uint32_t {};
inline constexpr Symbol no_symbol{0};

enum class EventKind : std::uint8_t {
    step,    // a step of a journey was done, or failed: type is a StepKind, outcome says how, value an HTTP
             // status
    frame,   // a frame arrived: type is a FrameType, value its size in bytes
    canary,  // a frame carried a canary that is not of this connection's requests: text the canary, item the
             // field
    mention, // an id-like token was seen on this connection for the first time: text the token, item the
             // field
    schema,  // a frame lacked a required field, or it was of the wrong type: item the field, text what was
             // found
    end,     // a connection that had been upgraded ended: type is an EndKind, value the close code
    log,     // the target wrote a line: text the line, value a LogStream; slot the instance, no user
    life_cycle, // something happened to the target: type is a LifeCycle, value a process id, exit status or
                // signal; slot the instance, no user
    fault,  // a fault was activated: text says which; type: an IngressAct (core/ingress_act.hpp) or 0; of a
            // link: user and slot are the connection's, value is its number at the proxy
    sample, // the target was measured: type is a SampleKind, value the figure, text a counter's name; slot
            // the instance, no user
    gate,   // something happened at a starting gate: type is a GateStep, request the gate's number, item its
            // group where it has several
    constraint, // a step was done that had to wait for another one: outcome ok (at is when it was done, stamp
                // when it was due), timeout (the other one did not come), skipped (it cannot come any more);
                // request the constraint's number, item what it waited for, value the gap in microseconds
};

// The points of a journey at which timing is observed and can be controlled (product.md, "step").
enum class StepKind : std::uint8_t {
    login,            // text: the user's id as the target names it, or what was wrong; item: the Retry-After
    tcp_connect,      // value: how late it was begun, in microseconds
    tls,              //
    upgrade_sent,     //
    upgrade_answered, // 101 received: text the selected subprotocol; else value the HTTP status, text the
                      // Retry-After
    welcome,          // awaited: outcome ok or timeout or what ended the connection first
    request_sent,     // request: its number; text: a thread id named by the client; run: unused
    events_awaited,   // the journey went on: ok when every awaited run had ended, timeout when not
    ping_sent,        // value: the ping's ordinal within the connection's incarnation, from 0
    pong_awaited,     //
    stop_sent,        // request: whose run is to be stopped
    pause,            //
    drop,             // the harness cut the connection itself: value an Ending
    close_sent,       // value: the code sent
    journey_done,     // the last step of this connection's chain: ok, or why it was given up
    aborted,          // the harness gave up connecting on purpose: value an AbortStage, text how
    event_awaited,    // the newest request had got `value` events, or not in time
    reading_stopped,  // the harness reads no more, or only `value` bytes per second
    reading_resumed,  //
    pong_sent,        // one that nobody asked for
};

// How a step went. Kept apart because each is a different finding.
enum class Outcome : std::uint8_t {
    ok,
    refused,        // ECONNREFUSED
    unreachable,    // name not resolved, no route, no local port left
    reset,          // RST
    eof,            // FIN without what was awaited
    timeout,        // the deadline passed
    http_status,    // an HTTP answer other than the one that was needed; value says which
    tls_failed,     //
    protocol_error, // not HTTP, not a WebSocket, a malformed frame: text says what
    closed,         // the target closed the connection while something else was awaited
    cancelled,      // the run was interrupted
    skipped,        // an earlier step of the chain failed
};

enum class FrameType : std::uint8_t {
    unknown, // JSON with a type that the profile does not know: text the type
    welcome,
    agent_started,
    agent_thinking,
    tool_executing,
    tool_completed,
    agent_completed,
    agent_error, // terminal event of a failed run (also agent_death)
    error_message,
    acknowledgement,
    ping,
    pong,
    heartbeat, // also handshake_validation
    not_json,  // a text frame that is not JSON: text the beginning of it
    no_type,   // JSON without a type anywhere the profile looks
    binary,    // a binary frame
};

enum class EndKind : std::uint8_t {
    peer_closed,    // the target sent a close frame first: value its code (1005: none given), text its reason
    we_closed,      // the harness sent a close frame first and the target answered: value the target's code
    we_dropped,     // the harness cut the connection on purpose
    eof,            // FIN without a close frame (1006)
    reset,          // RST (1006)
    timeout,        // our close was not answered within the deadline
    protocol_error, // the target violated RFC 6455: text says how
    cancelled,      // the run was interrupted
};

enum class LifeCycle : std::uint8_t {
    spawned,     // value: its process id
    port_open,   // something listens on its port
    ready,       // it said so itself
    terminating, // the harness asked it to end: value the signal
    exited,      // value: its exit status
    killed,      // value: the signal that ended it
    paused,      // the harness stopped it (SIGSTOP)
    resumed,     //
    slowed,      // the harness took processor time away: value the share that is left, in per cent
    restored,    //
};

// Where a line of the target came from.
enum class LogStream : std::int32_t {
    out = 1,
    err = 2,
    report = 3, // a file to which a sanitizer wrote (log_path)
    cut = 4,    // the harness's own remark, in the text: what the target writes from here on is not kept
};

// What a `sample` event measured of the target.
enum class SampleKind : std::uint8_t {
    cpu,     // used since it was spawned, in milliseconds
    memory,  // resident, in KiB
    threads, //
    sockets, // open sockets of the process
    files,   // open descriptors, sockets included
    counter, // a number out of the target's own statistics; text: its name
};

enum class GateStep : std::uint8_t {
    opened,   // value: how many had not come although they could have; no user
    released, // at: when its last byte was written, or its step begun; stamp: when the gate opened
    late,     // it came when the gate had opened
    left,     // its journey ended before it came
};

// Bits of Event::flags.
enum class Flag : std::uint16_t {
    own_canary = 1,       // frame: carries the canary of `request` of this connection
    other_canary = 2,     // frame: carries a canary that is not of this connection; a `canary` event follows
    recovered = 4,        // frame: marked as a replay
    bad_timestamp = 8,    // frame: has a timestamp that does not parse; text has the payload
    item_is_tool = 16,    // frame: item is the tool's name, since there was no execution id
    after_end = 32,       // frame: arrived after the harness had sent its close frame, or its FIN (drop)
    reset = 64,           // drop, aborted: by RST
    unoffered = 128,      // upgrade_answered: the target selected a subprotocol that was not offered
    corrupt_canary = 256, // canary: prefix and form are a canary's, its check digits are not
    encoded = 512,        // canary: found inside base64
    payload_kept = 1024,  // frame: text is (the beginning of) the payload
    failed_status = 2048, // frame: agent_completed with a status that says failed or stopped
    link_lost = 4096,     // fault: the link has ended this connection, or swallows what would end it
    provoked = 8192,      // end: the harness had withheld pongs, or had not been reading, shortly before
};

inline constexpr std::uint16_t no_request = std::numeric_limits<std::uint16_t>::max();
inline constexpr std::uint32_t no_user = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::int64_t no_stamp = std::numeric_limits<std::int64_t>::min();

// 48 bytes, trivially copyable, written to disk as it is (little endian). What each field means depends on
// the kind, see there.
struct Event {
    Instant at{};                  // when it happened
    std::int64_t stamp = no_stamp; // step, gate, constraint: when it was planned, ns since start; frame: the
                                   // target's timestamp, us since the epoch
    std::uint32_t user = no_user;  //
    std::uint16_t slot = 0;        //
    std::uint16_t incarnation = 0; //
    std::uint16_t request = no_request;
    EventKind kind = EventKind::step;
    std::uint8_t type = 0;         // StepKind, FrameType, EndKind, LifeCycle, SampleKind or IngressAct
    Outcome outcome = Outcome::ok; // step
    std::uint8_t reserved = 0;
    std::uint16_t flags = 0;
    std::int32_t value = 0;
    Symbol run = no_symbol;  // frame: the run's id as the target names it
    Symbol item = no_symbol; // frame: execution id or tool name or step number; see the kinds for others
    Symbol text = no_symbol;

    ConnectionId connection() const { return {UserId{user}, SlotId{slot}, incarnation}; }
    bool has(Flag flag) const { return (flags & static_cast<std::uint16_t>(flag)) != 0; }
    void set(Flag flag) { flags = static_cast<std::uint16_t>(flags | static_cast<std::uint16_t>(flag)); }
    bool is_step(StepKind step) const
    {
        return kind == EventKind::step && type == static_cast<std::uint8_t>(step);
    }
    bool is_frame(FrameType frame) const
    {
        return kind == EventKind::frame && type == static_cast<std::uint8_t>(frame);
    }
    StepKind step() const { return static_cast<StepKind>(type); }
    FrameType frame() const { return static_cast<FrameType>(type); }
    EndKind end() const { return static_cast<EndKind>(type); }
    LifeCycle life_cycle() const { return static_cast<LifeCycle>(type); }
    SampleKind sample() const { return static_cast<SampleKind>(type); }
    GateStep gate() const { return static_cast<GateStep>(type); }
    std::optional<Instant> planned() const
    {
        if (stamp == no_stamp) return std::nullopt;
        return Instant{stamp};
    }
};
static_assert(sizeof(Event) == 48);

// The five events of a run, in their order.
inline constexpr std::array<FrameType, 5> five_events{FrameType::agent_started, FrameType::agent_thinking,
                                                      FrameType::tool_executing, FrameType::tool_completed,
                                                      FrameType::agent_completed};

bool is_run_event(FrameType type);      // one of the five, or agent_error
bool is_terminal_event(FrameType type); // agent_completed or agent_error

// The names that reports and exports use: "agent_started", "upgrade_sent", "http_status", ...
std::string_view name(EventKind kind);
std::string_view name(StepKind step);
std::string_view name(Outcome outcome);
std::string_view name(FrameType type);
std::string_view name(EndKind end);
std::string_view name(LifeCycle what);
std::string_view name(SampleKind kind);
std::string_view log_stream_name(std::int32_t value); // of a `log` event: "stdout", "stderr", "report", "cut"
std::string_view name(GateStep step);

} // namespace wsrace
