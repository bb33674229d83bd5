// One WebSocket to the target, opened step by step. Everything it sees goes to its observer; it judges
// nothing.
#pragma once

#include "core/event.hpp"
#include "core/step_spec.hpp"
#include "net/cookie_jar.hpp"
#include "net/deadline_queue.hpp"
#include "net/tls.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wsrace {

// How one step of opening went.
struct StepReport {
    StepKind step = StepKind::tcp_connect;
    Outcome outcome = Outcome::ok;
    int value = 0;         // HTTP status of the answer to the upgrade; aborted: the AbortStage
    std::string_view text; // selected subprotocol, Retry-After, or what was wrong; valid during the call
    bool unoffered = false;
    std::optional<Clock::time_point> planned = {}; // upgrade_sent, when it was delayed or trickled on purpose
};

// How a connection that had been upgraded ended.
struct EndReport {
    EndKind kind = EndKind::eof;
    int code = 0;          // close code of the peer; 1005: a close frame without one; 0: no close frame
    std::string_view text; // reason or error; valid during the call
    bool provoked = false; // pongs were withheld, or reading was withheld less than a second ago
};

class Connection;

// Called on the worker's thread. Must outlive the connection's last call, which is on_end().
class ConnectionObserver {
public:
    virtual void on_step(const StepReport& report) = 0;
    virtual void on_frame(std::string_view payload, bool is_text) = 0; // the payload is valid during the call
    virtual void on_end(const EndReport& report) = 0;                  // exactly once if open() gave true
    // A frame that came after leave(). Not called any more after forget().
    virtual void on_late_frame(const Connection& connection, std::string_view payload, bool is_text) = 0;
    // All but the last byte is on the wire: of the upgrade (upgrade_sent), or of a message (request_sent).
    // It waits for Connection::release(), which may be called from here.
    virtual void on_held(StepKind step) = 0;
    virtual void on_reading_resumed() = 0; // after read_slowly(), unless the connection has ended

protected:
    ~ConnectionObserver() = default;
};

struct OpenRequest {
    asio::ip::tcp::endpoint endpoint;
    std::string host; // Host header; for TLS also the name to verify
    std::string server_name;
    std::string target;       // path and query
    std::string subprotocols; // Sec-WebSocket-Protocol, or empty
    std::vector<std::pair<std::string, std::string>> headers;
    CookieJar* cookies = nullptr; // may be null; takes what the answer to the upgrade sets
    Duration connect_within{};    // TCP and TLS
    Duration handshake_within{};  // upgrade sent to 101
    Duration close_within{};      // our close frame to the end
    bool hold_upgrade = false;    // its last byte waits for release(); upgrade_sent is reported then
    ConnectSpec spec;             // an abort after `answered` or `welcome` is for the caller to do
    Duration tls_delay{};         // before the TLS handshake
    Duration upgrade_delay{};     // before the upgrade
    std::string early; // a message that leaves in one segment with the upgrade's last byte; not sent if empty
};

// Made and used on one worker's thread. Shared with its own reader, which ends after on_end().
class Connection {
public:
    virtual ~Connection() = default;

    // TCP, TLS, upgrade, each reported. True: upgraded, and frames are being read. False: a step failed, or
    // `aborted` was reported.
    virtual Task<bool> open(const OpenRequest& request) = 0;

    // One text frame. One call at a time; `text` must stay until it is done. False: the connection is gone.
    virtual Task<bool> send(std::string_view text) = 0;

    // The same up to the last byte, which waits for release(); true: all but that one is on the wire. What is
    // written meanwhile, pongs included, waits behind it.
    virtual Task<bool> send_held(std::string_view text) = 0;

    // Writes the byte that is held back, at once if the socket takes it. False: nothing is held, or the
    // connection has gone. As long as something is held no deadline runs: whoever holds releases or cuts.
    virtual bool release() = 0;

    // The closing handshake; when it returns, on_end() has been called or is about to be.
    virtual Task<void> close(std::uint16_t code) = 0;

    // Ends TCP at once, with a FIN or an RST, without a close frame. Also ends an open() that is under way.
    virtual void cut(bool reset) = 0;

    // The same as a peer sees it that does not look at what TCP says: half_close reads on, for as long as a
    // close may take; silence does nothing any more, and closes when the connection is destroyed.
    virtual void cut(Ending how) = 0;

    // Reads only that many bytes per second until then, or none at all. With TLS whole records are read.
    virtual void read_slowly(std::size_t rate, Clock::time_point until) = 0;

    // A pong without a ping. False: the connection is gone.
    virtual Task<bool> send_pong() = 0;

    // Ends our side by a FIN without a close frame, and calls on_end() before it returns. What the target had
    // on its way before it could know is still read, for `limit` at most: nobody can blame it for that.
    virtual void leave(Duration limit) = 0;
    virtual void forget() = 0; // after leave(): closes what is left

    virtual std::size_t unread() const = 0; // bytes that have arrived and wait to be read
};

// `tls` may be null: plain TCP.
std::shared_ptr<Connection> make_connection(DeadlineQueue& deadlines, ConnectionObserver& observer,
                                            asio::ssl::context* tls);

} // namespace wsrace
