// One socket from its first byte to its last, templated on the stream below the WebSocket. Included by
// session_plain.cpp and session_tls.cpp only: it is slow to compile.
#pragma once

#include "reference_server/admission.hpp"
#include "reference_server/app.hpp"
#include "reference_server/as_result.hpp"
#include "reference_server/dispatch.hpp"
#include "reference_server/frames.hpp"
#include "reference_server/http_api.hpp"
#include "reference_server/log.hpp"
#include "reference_server/peer_socket.hpp"
#include "reference_server/preread_stream.hpp"
#include "reference_server/random_id.hpp"
#include "reference_server/reception.hpp"
#include "reference_server/session_http.hpp"
#include "reference_server/worker.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ssl/stream_base.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>
#include <fmt/format.h>
#include <list>

namespace wsrace::reference {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;

// Deadlines and limits that are nobody's business but the session's.
inline constexpr auto request_deadline = std::chrono::seconds{30};
inline constexpr auto close_deadline = std::chrono::seconds{2};
inline constexpr auto silence_deadline = std::chrono::seconds{300}; // pings are sent at half of it
inline constexpr std::size_t header_limit = 16'384;
inline constexpr std::size_t body_limit = 65'536;
inline constexpr std::size_t congestion_mark = 8'192; // bytes that wait to be sent
inline constexpr auto shortest_retry = std::chrono::microseconds{100};
inline constexpr std::size_t most_early_messages = 64;

// For what no session lets out: nothing but running out of memory.
inline void report_failure(std::exception_ptr failure)
{
    if (failure) log_error("session", "ended by an exception");
}

template <class Stream>
class Session final : public Connection, public Peer {
public:
    Session(App& app, Worker& worker, Stream stream)
        : app_{app}, worker_{worker}, ws_{PrereadStream<Stream>{std::move(stream)}}
    {}

    // Lives as long as the coroutine, and as the writes and the close that it leaves behind.
    static net::awaitable<void> live(std::shared_ptr<Session> self);

    void deliver(Outgoing frame) override
    {
        net::dispatch(worker_.io, [self = shared_self(), moved = std::move(frame)]() mutable {
            self->enqueue(std::move(moved));
        });
    }

    void close(CloseCode code, std::string reason) override
    {
        net::dispatch(worker_.io, [self = shared_self(), code, moved = std::move(reason)]() mutable {
            self->begin_close(code, std::move(moved));
        });
    }

    bool congested() const override { return queued_bytes_ > congestion_mark; }

    void answer_roll_call(std::function<void()> answered) override
    {
        net::post(worker_.io, [self = shared_self(), moved = std::move(answered)]() mutable {
            const bool leaving = !self->ended_ && (self->closing_ || peer_has_left(self->descriptor));
            if (!leaving) return moved();
            self->awaiting_end_.push_back(std::move(moved));
        });
    }

    void leave() override
    {
        if (open) return begin_close(CloseCode::going_away, "server is shutting down");
        if (!closing_) abort();
    }

    Connection& connection() override { return *this; }

private:
    using Websocket = websocket::stream<PrereadStream<Stream>, false>; // without compression: smaller
    static constexpr bool encrypted = !std::is_same_v<Stream, beast::tcp_stream>;

    std::shared_ptr<Session> shared_self() { return std::static_pointer_cast<Session>(shared_from_this()); }
    Stream& stream() { return ws_.next_layer().next_layer(); }
    beast::tcp_stream& tcp() { return beast::get_lowest_layer(ws_); }
    void abort() { tcp().close(); }

    std::string peer_address()
    {
        beast::error_code ignored;
        return tcp().socket().remote_endpoint(ignored).address().to_string();
    }

    net::awaitable<bool> secure();     // false: the handshake failed
    net::awaitable<bool> speak_http(); // true: a WebSocket has been accepted
    net::awaitable<void> linger();
    net::awaitable<bool> upgrade(BeastRequest& request, Admission admission, std::string preread);
    net::awaitable<void> converse();
    net::awaitable<void> handle(std::string text);

    void greet();
    void receive();
    net::awaitable<void> settle();
    void queue_up();
    void fail(const std::exception& error);
    void configure(std::string subprotocol);
    void enqueue(Outgoing frame);
    void cut_off();
    void retry_later(Outgoing frame);
    void write_next();
    void write_front();
    void written(beast::error_code error);
    void begin_close(CloseCode code, std::string reason);
    void send_close();
    void end(beast::error_code error);

    App& app_;
    Worker& worker_;
    Websocket ws_;
    std::deque<Outgoing> outbox_; // its front is being written while `writing_`
    std::size_t queued_bytes_{0};
    std::size_t live_bytes_{0}; // of those, what has not been kept for it: that much it can be slow
    bool writing_{false};
    bool closing_{false};
    bool ended_{false};
    bool cut_off_{false};             // for being slow
    std::vector<Outgoing> left_over_; // what is not sent any more because of that
    std::list<std::string> early_;    // messages that came before it was ready for them
    std::vector<std::function<void()>> awaiting_end_;
    websocket::close_reason close_reason_;
    std::unique_ptr<net::steady_timer> close_timer_;
    std::unique_ptr<Credentials> unconfirmed_; // see accept_before_ready
};

template <class Stream>
net::awaitable<void> Session<Stream>::live(std::shared_ptr<Session> self)
{
    const Presence presence{self->worker_, *self};
    const bool secured = co_await self->secure();
    bool upgraded = false;
    if (secured) upgraded = co_await self->speak_http();
    if (upgraded) co_await self->converse();
    if (!self->closing_) self->abort();
}

template <class Stream>
net::awaitable<bool> Session<Stream>::secure()
{
    if constexpr (encrypted) {
        tcp().expires_after(request_deadline);
        const auto [error] = co_await stream().async_handshake(net::ssl::stream_base::server, as_result);
        co_return !error;
    }
    co_return true;
}

template <class Stream>
net::awaitable<bool> Session<Stream>::speak_http()
{
    beast::flat_buffer buffer;
    bool keep_alive = true;
    while (keep_alive) {
        http::request_parser<http::string_body> parser;
        parser.header_limit(header_limit);
        parser.body_limit(body_limit);
        tcp().expires_after(request_deadline);
        const auto [error, size] = co_await http::async_read(stream(), buffer, parser, as_result);
        if (error && !worth_an_answer(error)) co_return false;
        HttpReply answered;
        const auto request = std::make_shared<HttpRequest>();
        auto& message = parser.get();
        keep_alive = !error && message.keep_alive();
        const bool is_upgrade = !error && websocket::is_upgrade(message);
        request->encrypted = encrypted;
        request->peer = peer_address();
        if (error || !read_request(message, *request)) {
            answered = error_reply(400, "bad_request", error ? error.message() : "the target is malformed");
            keep_alive = false;
        } else if (is_upgrade && is_websocket_path(request->path)) {
            auto admission = co_await admit(app_, request);
            if (admission.identity) {
                auto preread = beast::buffers_to_string(buffer.data());
                const bool accepted = co_await upgrade(message, std::move(admission), std::move(preread));
                if (!accepted) leave_place(app_);
                co_return accepted;
            }
            answered = std::move(admission.refusal);
            keep_alive = false;
        } else {
            answered = co_await answer(app_, request);
        }
        const auto response = make_response(std::move(answered), message.version(), keep_alive);
        const auto [write_error, written_size] = co_await http::async_write(stream(), response, as_result);
        if (write_error) co_return false;
    }
    co_await linger();
    co_return false;
}

// What the client sent behind a refused request must be read, or the system resets the connection and the
// refusal is lost on its way.
template <class Stream>
net::awaitable<void> Session<Stream>::linger()
{
    tcp().expires_after(close_deadline);
    beast::error_code ignored;
    if constexpr (!encrypted) tcp().socket().shutdown(net::ip::tcp::socket::shutdown_send, ignored);
    std::array<char, 512> discarded;
    for (bool more = true; more;) {
        const auto [error, size] = co_await stream().async_read_some(net::buffer(discarded), as_result);
        more = !error;
    }
}

template <class Stream>
net::awaitable<bool> Session<Stream>::upgrade(BeastRequest& request, Admission admission, std::string preread)
{
    tcp().expires_never(); // the WebSocket has its own deadlines
    ws_.next_layer().put_back(std::move(preread));
    configure(std::move(admission.subprotocol));
    identity = std::move(*admission.identity);
    if (admission.unconfirmed)
        unconfirmed_ = std::make_unique<Credentials>(std::move(*admission.unconfirmed));
    const auto number = app_.last_connection.fetch_add(1) + 1;
    handshake_id = numbered_id('h', number);
    id = numbered_id('c', number);
    descriptor = tcp().socket().native_handle();
    const auto [error] = co_await ws_.async_accept(request, as_result);
    co_return !error;
}

template <class Stream>
void Session<Stream>::configure(std::string subprotocol)
{
    websocket::stream_base::timeout limits{};
    limits.handshake_timeout = close_deadline;
    limits.idle_timeout = silence_deadline;
    limits.keep_alive_pings = true;
    ws_.set_option(limits);
    ws_.read_message_max(app_.options.max_message_size);
    ws_.set_option(websocket::stream_base::decorator{
        [selected = std::move(subprotocol)](websocket::response_type& response) {
            response.set(http::field::server, "wsrace-reference");
            if (!selected.empty()) response.set(http::field::sec_websocket_protocol, selected);
        }});
}

template <class Stream>
net::awaitable<void> Session<Stream>::converse()
{
    beast::error_code finding;
    greet();
    while (!finding) {
        beast::flat_buffer buffer;
        const auto [error, size] = co_await ws_.async_read(buffer, as_result);
        finding = error;
        if (error || closing_) continue;
        if (!ws_.got_text()) {
            begin_close(CloseCode::unsupported, "binary messages are not supported");
            continue;
        }
        auto text = beast::buffers_to_string(buffer.data());
        buffer = {};
        co_await handle(std::move(text));
    }
    end(finding);
}

template <class Stream>
void Session<Stream>::greet()
{
    open = true;
    next_heartbeat = std::chrono::steady_clock::now() + app_.options.heartbeat;
    if (app_.options.bugs.has(Bug::queue_then_drop) && !app_.services.ready()) return queue_up();
    receive();
}

// Bug: the list does not own the entry, which goes as soon as this function returns.
template <class Stream>
void Session<Stream>::queue_up()
{
    const auto entry = std::make_shared<WaitingList::Entry>(
        [self = shared_self()] { net::dispatch(self->worker_.io, [self] { self->receive(); }); });
    app_.services.call_when_ready(entry);
}

// Reading begins at once, so that pings are answered and leaving is noticed while the rest takes its time.
template <class Stream>
void Session<Stream>::receive()
{
    try {
        // Bug: accepted is taken for ready. Messages are read, and nobody has heard of this connection yet.
        if (!unconfirmed_) enter_connection(app_, shared_self());
        net::co_spawn(
            worker_.io, [self = shared_self()] { return self->settle(); }, report_failure);
    } catch (const std::exception& error) {
        fail(error);
    }
}

template <class Stream>
net::awaitable<void> Session<Stream>::settle()
{
    try {
        const auto self = shared_from_this();
        if (unconfirmed_) {
            auto credentials = std::move(*unconfirmed_);
            const bool confirmed = co_await confirm_connection(app_, self, std::move(credentials));
            if (!confirmed || !open) co_return;
            enter_connection(app_, self);
        }
        co_await receive_connection(app_, self);
        while (!early_.empty() && open) {
            auto text = early_.front();
            co_await dispatch_message(app_, worker_, self, std::move(text));
            early_.pop_front();
        }
    } catch (const std::exception& error) {
        fail(error);
    }
}

template <class Stream>
net::awaitable<void> Session<Stream>::handle(std::string text)
{
    try {
        const auto self = shared_from_this();
        if (!early_.empty() || app_.arrivals.arriving(id)) {
            early_.push_back(std::move(text));
            if (early_.size() > most_early_messages) begin_close(CloseCode::policy, "too many messages");
            co_return;
        }
        co_await dispatch_message(app_, worker_, self, std::move(text));
    } catch (const std::exception& error) {
        fail(error);
    }
}

// An exception that gets here is a mistake inside the server: the client is told so, with 1011.
template <class Stream>
void Session<Stream>::fail(const std::exception& error)
{
    log_error("session", fmt::format("{}: {}", id, error.what()));
    begin_close(CloseCode::internal_error, "internal error");
}

} // namespace wsrace::reference

#include "reference_server/session_sending.hpp"
