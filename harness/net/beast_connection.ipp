// The WebSocket itself, over a plain or a TLS stream. Included only by plain_connection.cpp and
// tls_connection.cpp, since every file that includes Beast takes half a minute to compile.
#pragma once

#include "net/connection.hpp"
#include "net/stream_errors.hpp"
#include "net/wire_shaper.ipp"

#include <boost/asio/ssl/stream_base.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <memory>
#include <type_traits>

namespace wsrace {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

// A message of the target beyond this is a protocol error (1009), not a reason to run out of memory.
inline constexpr std::size_t longest_message = std::size_t{4} * 1024 * 1024;
// What an idle connection holds ready for the next frame; agent events are about 250 bytes.
inline constexpr std::size_t read_chunk = 512;
inline constexpr std::size_t write_buffer = 1024;

template <typename Stream>
class BeastConnection final : public Connection,
                              public std::enable_shared_from_this<BeastConnection<Stream>>,
                              private Deadline,
                              private WireWatcher {
    static constexpr bool is_tls = !std::is_same_v<Stream, TcpSocket>;
    // Deflate compiled out: less memory per connection.
    using WebSocket = websocket::stream<WireShaper<Stream>, false>;

public:
    template <typename... Arguments>
    BeastConnection(DeadlineQueue& deadlines, ConnectionObserver& observer, Arguments&&... arguments)
        : deadlines_{deadlines}, observer_{observer}, websocket_{std::forward<Arguments>(arguments)...}
    {}

    ~BeastConnection() override { deadlines_.disarm(*this); }

    Task<bool> open(const OpenRequest& request) override
    {
        const auto connected = co_await connect_tcp(request);
        if (!connected) co_return false;
        if constexpr (is_tls) {
            const auto secured = co_await handshake_tls(request);
            if (!secured) co_return false;
        }
        deadlines_.disarm(*this);
        const auto upgraded = co_await upgrade(request);
        deadlines_.disarm(*this);
        if (!upgraded) {
            cut(false);
            co_return false;
        }
        start_reading(request);
        co_return true;
    }

    Task<bool> send(std::string_view text) override
    {
        if (ended_ || closing_) co_return false;
        const auto self = this->shared_from_this();
        const auto buffer = asio::buffer(text.data(), text.size());
        const auto [error, bytes] = co_await websocket_.async_write(buffer, as_result);
        co_return !error;
    }

    Task<bool> send_held(std::string_view text) override
    {
        websocket_.next_layer().shape_writing(*this).hold_next_message();
        const auto sent = co_await send(text);
        co_return sent;
    }

    bool release() override
    {
        const auto released = websocket_.next_layer().release();
        if (released && opening_ != nullptr) on_wire(WirePoint::upgrade_ends);
        return released;
    }

    Task<void> close(std::uint16_t code) override
    {
        if (ended_ || closing_) co_return;
        closing_ = true;
        deadlines_.arm(*this, Clock::now() + close_within_); // also if a write that never ends is in the way
        const auto self = this->shared_from_this();
        const websocket::close_reason reason{static_cast<websocket::close_code>(code)};
        const auto [error] = co_await websocket_.async_close(reason, as_result);
        deadlines_.disarm(*this);
        close_error_ = error;
        close_done_ = true;
        finish_closing();
    }

    void cut(bool reset) override
    {
        cut_ = true;
        auto& socket = beast::get_lowest_layer(websocket_);
        boost::system::error_code ignored;
        if (reset) socket.set_option(asio::socket_base::linger{true, 0}, ignored);
        close_socket();
    }

    void leave(Duration limit) override
    {
        left_ = true;
        boost::system::error_code ignored;
        beast::get_lowest_layer(websocket_).shutdown(asio::socket_base::shutdown_send, ignored);
        deadlines_.arm(*this, Clock::now() + limit);
        ended_ = true;
        observer_.on_end({.kind = EndKind::we_dropped, .code = 0, .text = {}});
    }

    void forget() override
    {
        forgotten_ = true;
        deadlines_.disarm(*this);
        close_socket();
    }

    std::size_t unread() const override
    {
        boost::system::error_code ignored;
        return beast::get_lowest_layer(websocket_).available(ignored);
    }

private:
    void on_deadline() override
    {
        expired_ = true;
        close_socket();
    }

    void close_socket()
    {
        boost::system::error_code ignored;
        beast::get_lowest_layer(websocket_).close(ignored);
        if (auto* const shape = websocket_.next_layer().write_shape()) shape->abandon();
    }

    std::shared_ptr<void> keep_alive() override { return this->shared_from_this(); }

    void on_wire(WirePoint point) override
    {
        switch (point) {
        case WirePoint::upgrade_begins: break;
        case WirePoint::upgrade_ends:
            deadlines_.arm(*this, Clock::now() + opening_->handshake_within);
            report(StepKind::upgrade_sent, Outcome::ok);
            break;
        case WirePoint::held:
            if (opening_ != nullptr) deadlines_.disarm(*this);
            observer_.on_held(opening_ != nullptr ? StepKind::upgrade_sent : StepKind::request_sent);
            break;
        case WirePoint::upgrade_written:
        case WirePoint::half_written: break;
        }
    }

    Outcome outcome_of(const boost::system::error_code& error) const
    {
        if (expired_) return Outcome::timeout;
        if (cut_) return Outcome::cancelled;
        return classify(error);
    }

    void report(StepKind step, Outcome outcome, int value = 0, std::string_view text = {},
                bool unoffered = false)
    {
        const StepReport report{
            .step = step, .outcome = outcome, .value = value, .text = text, .unoffered = unoffered};
        observer_.on_step(report);
    }

    // False, and reported, if the step failed.
    bool step_done(StepKind step, const boost::system::error_code& error)
    {
        if (!error && !expired_ && !cut_) return true;
        const auto message = error.message();
        report(step, outcome_of(error), 0, message);
        cut(false);
        return false;
    }

    Task<bool> connect_tcp(const OpenRequest& request)
    {
        deadlines_.arm(*this, Clock::now() + request.connect_within);
        auto& socket = beast::get_lowest_layer(websocket_);
        const auto [error] = co_await socket.async_connect(request.endpoint, as_result);
        if (!step_done(StepKind::tcp_connect, error)) co_return false;
        boost::system::error_code ignored;
        socket.set_option(asio::ip::tcp::no_delay{true}, ignored);
        report(StepKind::tcp_connect, Outcome::ok);
        co_return true;
    }

    Task<bool> handshake_tls(const OpenRequest& request)
    {
        auto& stream = websocket_.next_layer().next_layer();
        prepare_tls(stream.native_handle(), request.server_name);
        const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::client, as_result);
        if (!step_done(StepKind::tls, error)) co_return false;
        report(StepKind::tls, Outcome::ok);
        co_return true;
    }

    void decorate(const OpenRequest& request)
    {
        websocket_.set_option(websocket::stream_base::decorator([&request](websocket::request_type& upgrade) {
            if (!request.subprotocols.empty())
                upgrade.set(beast::http::field::sec_websocket_protocol, request.subprotocols);
            for (const auto& [name, value] : request.headers) upgrade.set(name, value);
        }));
    }

    // False: it is simply written.
    bool shape_upgrade(const OpenRequest& request)
    {
        if (!request.hold_upgrade) return false;
        opening_ = &request;
        auto& shape = websocket_.next_layer().shape_writing(*this);
        shape.shape_upgrade({.hold = request.hold_upgrade});
        return true;
    }

    Task<bool> upgrade(const OpenRequest& request)
    {
        deadlines_.arm(*this, Clock::now() + request.handshake_within);
        websocket_.secure_prng(false); // masks protect proxies from scripts in browsers; there are none here
        websocket_.auto_fragment(false);
        websocket_.write_buffer_bytes(write_buffer);
        websocket_.read_message_max(longest_message);
        decorate(request);
        if (!shape_upgrade(request)) report(StepKind::upgrade_sent, Outcome::ok);
        auto answer = std::make_unique<websocket::response_type>();
        const auto [error] =
            co_await websocket_.async_handshake(*answer, request.host, request.target, as_result);
        websocket_.set_option(
            websocket::stream_base::decorator([](websocket::request_type&) {})); // frees the first
        opening_ = nullptr;
        co_return report_answer(request, *answer, error);
    }

    bool report_answer(const OpenRequest& request, const websocket::response_type& answer,
                       const boost::system::error_code& error)
    {
        constexpr auto step = StepKind::upgrade_answered;
        const auto status = static_cast<int>(answer.result_int());
        const auto declined = error && error.category() == declined_category() && !expired_ && !cut_;
        const auto cookies = answer.equal_range(beast::http::field::set_cookie);
        for (auto cookie = cookies.first; cookie != cookies.second && request.cookies != nullptr; ++cookie)
            request.cookies->take({cookie->value().data(), cookie->value().size()});
        if (declined && status != 101) {
            const auto retry_after = answer[beast::http::field::retry_after];
            report(step, Outcome::http_status, status, {retry_after.data(), retry_after.size()});
            return false;
        }
        if (!step_done(step, error)) return false;
        const auto selected = answer[beast::http::field::sec_websocket_protocol];
        const std::string_view protocol{selected.data(), selected.size()};
        report(step, Outcome::ok, status, protocol,
               !protocol.empty() && !offers(request.subprotocols, protocol));
        return true;
    }

    static const boost::system::error_category& declined_category()
    {
        static const auto& category = make_error_code(websocket::error::upgrade_declined).category();
        return category;
    }

    void start_reading(const OpenRequest& request)
    {
        close_within_ = request.close_within;
        read_more();
    }

    // Handlers instead of a coroutine: reading is what an idle connection does, and what is done most often.
    void read_more()
    {
        const auto room = buffer_.prepare(read_chunk);
        websocket_.async_read_some(
            room, [self = this->shared_from_this()](const boost::system::error_code& error,
                                                    std::size_t bytes) { self->on_read(error, bytes); });
    }

    void on_read(const boost::system::error_code& error, std::size_t bytes)
    {
        if (error && left_) return forget();
        if (error) {
            read_error_ = error;
            read_done_ = true;
            finish();
            return;
        }
        buffer_.commit(bytes);
        if (websocket_.is_message_done()) {
            const auto data = buffer_.data();
            tell({static_cast<const char*>(data.data()), data.size()});
            buffer_.consume(data.size());
            if (buffer_.capacity() > 8 * read_chunk) buffer_.shrink_to_fit();
        }
        read_more();
    }

    void tell(std::string_view payload)
    {
        if (forgotten_) return;
        if (left_)
            observer_.on_late_frame(*this, payload, websocket_.got_text());
        else
            observer_.on_frame(payload, websocket_.got_text());
    }

    // Both the reader and a closing handshake of ours have to be over before the end is known.
    void finish_closing()
    {
        if (read_done_) finish();
    }

    void finish()
    {
        if (ended_ || (closing_ && !close_done_)) return;
        ended_ = true;
        const auto error = closing_ && close_error_ ? close_error_ : read_error_;
        const auto reason = websocket_.reason();
        auto end = describe_end(error, reason.code);
        const std::string text =
            end.code != 0 ? std::string{reason.reason.data(), reason.reason.size()} : error.message();
        end.text = text;
        close_socket();
        observer_.on_end(end);
    }

    // The peer's close frame came first if reading ended by it and ours was not sent any more.
    EndReport describe_end(const boost::system::error_code& error, std::uint16_t code) const
    {
        const auto peer_was_first = read_error_ == websocket::error::closed && (!closing_ || close_error_);
        const auto known = code != websocket::close_code::none;
        const auto peer_code = known ? static_cast<int>(code) : 1005;
        if (peer_was_first) return {.kind = EndKind::peer_closed, .code = peer_code, .text = {}};
        if (closing_ && (known || !close_error_))
            return {.kind = EndKind::we_closed, .code = peer_code, .text = {}};
        if (expired_) return {.kind = EndKind::timeout, .code = 0, .text = {}};
        if (cut_) return {.kind = EndKind::we_dropped, .code = 0, .text = {}};
        switch (classify(error)) {
        case Outcome::reset: return {.kind = EndKind::reset, .code = 0, .text = {}};
        case Outcome::eof: return {.kind = EndKind::eof, .code = 0, .text = {}};
        case Outcome::timeout: return {.kind = EndKind::timeout, .code = 0, .text = {}};
        default: return {.kind = EndKind::protocol_error, .code = 0, .text = {}};
        }
    }

    DeadlineQueue& deadlines_;
    ConnectionObserver& observer_;
    WebSocket websocket_;
    beast::flat_buffer buffer_;
    boost::system::error_code read_error_;
    boost::system::error_code close_error_;
    const OpenRequest* opening_ = nullptr; // while a shaped upgrade is under way
    Duration close_within_{};
    bool expired_ = false;
    bool cut_ = false;
    bool left_ = false;
    bool forgotten_ = false;
    bool closing_ = false;
    bool close_done_ = false;
    bool read_done_ = false;
    bool ended_ = false;
};

} // namespace wsrace
