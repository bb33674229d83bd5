// How a connection is opened: TCP, TLS, upgrade, each within its limit, delayed, shaped or given up as asked.
// And how it is cut, which may happen at any time.
#pragma once

#include "core/tcp_reset.hpp"
#include "net/connection.hpp"
#include "net/silent_socket.hpp"
#include "net/stream_errors.hpp"
#include "net/wire_shaper.ipp"

#include <boost/asio/ssl/stream_base.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <array>
#include <memory>
#include <type_traits>

namespace wsrace {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

// A message of the target beyond this is a protocol error (1009), not a reason to run out of memory.
inline constexpr std::size_t longest_message = std::size_t{4} * 1024 * 1024;
inline constexpr std::size_t write_buffer = 1024;

// The half of a BeastConnection that lasts until it is open.
template <typename Stream>
class Opening : public Connection, protected Deadline, protected WireWatcher {
    static constexpr bool is_tls = !std::is_same_v<Stream, TcpSocket>;

public:
    template <typename... Arguments>
    Opening(DeadlineQueue& deadlines, ConnectionObserver& observer, Arguments&&... arguments)
        : deadlines_{deadlines}, observer_{observer}, websocket_{std::forward<Arguments>(arguments)...}
    {}

    ~Opening() override { deadlines_.disarm(*this); }

    void cut(bool reset) override { cut(reset ? Ending::reset : Ending::fin); }

    void cut(Ending how) override
    {
        boost::system::error_code ignored;
        cut_ = true;
        if (how == Ending::half_close) return half_close();
        if (how == Ending::silence) silent_.take(socket());
        if (how == Ending::reset && socket().is_open()) send_reset(socket().native_handle());
        // At once, even if another process is being spawned and holds the descriptor, too.
        if (how == Ending::fin) socket().shutdown(asio::socket_base::shutdown_both, ignored);
        if (how != Ending::silence) silent_.close();
        close_socket();
    }

protected:
    // Deflate compiled out: less memory per connection.
    using WebSocket = websocket::stream<WireShaper<Stream>, false>;

    Task<bool> open_stream(const OpenRequest& request)
    {
        opening_ = &request;
        close_within_ = request.close_within;
        const auto connected = co_await connect_tcp(request);
        if (!connected) co_return false;
        if constexpr (is_tls) {
            const auto secured = co_await handshake_tls(request);
            if (!secured) co_return false;
        }
        deadlines_.disarm(*this);
        const auto upgraded = co_await upgrade(request);
        deadlines_.disarm(*this);
        if (!upgraded && !aborted_) cut(false);
        co_return upgraded;
    }

    TcpSocket& socket() { return beast::get_lowest_layer(websocket_); }

    void close_socket()
    {
        boost::system::error_code ignored;
        socket().close(ignored);
        websocket_.next_layer().abandon();
        if (pausing_ != nullptr) pausing_->notify();
    }

    void on_deadline() override
    {
        expired_ = true;
        close_socket();
    }

    void on_wire(WirePoint point) override
    {
        switch (point) {
        case WirePoint::upgrade_begins: return upgrade_begins();
        case WirePoint::upgrade_ends: return upgrade_ends();
        case WirePoint::upgrade_written:
            if (gives_up_after(AbortStage::upgrade_sent)) give_up();
            return;
        case WirePoint::half_written: return give_up();
        case WirePoint::held:
            if (opening_ != nullptr) deadlines_.disarm(*this);
            observer_.on_held(opening_ != nullptr ? StepKind::upgrade_sent : StepKind::request_sent);
            return;
        case WirePoint::reading_resumed: return observer_.on_reading_resumed();
        }
    }

    void upgrade_ends()
    {
        deadlines_.arm(*this, Clock::now() + opening_->handshake_within);
        observer_.on_step({.step = StepKind::upgrade_sent, .text = {}, .planned = upgrade_planned_});
    }

    // The rest of the upgrade, which was held, is on the wire.
    void upgrade_released()
    {
        upgrade_ends();
        if (gives_up_after(AbortStage::upgrade_sent)) give_up();
    }

    DeadlineQueue& deadlines_;
    ConnectionObserver& observer_;
    WebSocket websocket_;
    const OpenRequest* opening_ = nullptr; // while it lasts
    Duration close_within_{};
    bool expired_ = false;
    bool cut_ = false;
    bool half_closed_ = false;

private:
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

    bool gives_up_after(AbortStage stage) const { return opening_->spec.abort_after == stage; }

    // What is left of the attempt then, if anything, is for await_end().
    void give_up()
    {
        const auto& spec = opening_->spec;
        aborted_ = true;
        deadlines_.disarm(*this);
        report(StepKind::aborted, Outcome::ok, static_cast<int>(spec.abort_after), name(spec.abort_by));
        cut(spec.abort_by);
    }

    // Of a half-closed attempt: until the target ends it, or a close has had its time.
    Task<void> await_end()
    {
        std::array<char, 512> ignored{};
        auto& stream = socket();
        while (half_closed_ && stream.is_open()) {
            const auto [error, bytes] = co_await stream.async_read_some(asio::buffer(ignored), as_result);
            if (error) close_socket();
        }
        deadlines_.disarm(*this);
    }

    void half_close()
    {
        boost::system::error_code ignored;
        half_closed_ = true;
        websocket_.next_layer().shape_writing(*this).mute();
        socket().shutdown(asio::socket_base::shutdown_send, ignored);
        deadlines_.arm(*this, Clock::now() + close_within_);
    }

    // Only a cut makes it shorter.
    Task<void> pause(Duration length)
    {
        Waker waker{deadlines_};
        pausing_ = &waker;
        deadlines_.disarm(*this);
        const auto until = Clock::now() + length;
        auto in_time = true;
        while (in_time && !cut_) in_time = co_await waker.wait(until);
        pausing_ = nullptr;
    }

    Task<bool> connect_tcp(const OpenRequest& request)
    {
        deadlines_.arm(*this, Clock::now() + request.connect_within);
        auto& stream = socket();
        boost::system::error_code ignored;
        if (request.spec.receive_buffer > 0) { // before the window is told to the peer
            stream.open(request.endpoint.protocol(), ignored);
            stream.set_option(asio::socket_base::receive_buffer_size{request.spec.receive_buffer}, ignored);
        }
        const auto [error] = co_await stream.async_connect(request.endpoint, as_result);
        if (!step_done(StepKind::tcp_connect, error)) co_return false;
        stream.set_option(asio::ip::tcp::no_delay{true}, ignored);
        report(StepKind::tcp_connect, Outcome::ok);
        if (!gives_up_after(AbortStage::tcp_connect) && (is_tls || !gives_up_after(AbortStage::tls)))
            co_return true;
        give_up();
        co_await await_end();
        co_return false;
    }

    Task<bool> handshake_tls(const OpenRequest& request)
    {
        if (request.tls_delay > Duration{}) {
            co_await pause(request.tls_delay);
            deadlines_.arm(*this, Clock::now() + request.connect_within);
        }
        auto& stream = websocket_.next_layer().next_layer();
        prepare_tls(stream.native_handle(), request.server_name);
        const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::client, as_result);
        if (!step_done(StepKind::tls, error)) co_return false;
        report(StepKind::tls, Outcome::ok);
        if (!gives_up_after(AbortStage::tls)) co_return true;
        give_up();
        co_await await_end();
        co_return false;
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
        const auto& spec = request.spec;
        auto& layer = websocket_.next_layer();
        if (spec.withholds_pongs)
            layer.shape_writing(*this).delay_pongs(std::nullopt);
        else if (spec.pong_delay > Duration{})
            layer.shape_writing(*this).delay_pongs(spec.pong_delay);
        UpgradeShape shape{.gap = spec.trickle,
                           .hold = request.hold_upgrade,
                           .half = gives_up_after(AbortStage::upgrade_part)};
        if (!request.early.empty()) shape.early = client_frame(Opcode::text, request.early, early_mask);
        const auto plain = shape.gap == Duration{} && !shape.hold && !shape.half && shape.early.empty();
        if (plain && !layer.write_shape() && !gives_up_after(AbortStage::upgrade_sent)) return false;
        layer.shape_writing(*this).shape_upgrade(std::move(shape));
        return true;
    }

    void upgrade_begins()
    {
        const auto& request = *opening_;
        const auto bytes = static_cast<std::int64_t>(websocket_.next_layer().write_shape()->size());
        const auto trickling = request.spec.trickle * bytes;
        if (request.spec.trickle > Duration{})
            upgrade_planned_ = upgrade_planned_.value_or(Clock::now()) + trickling;
        deadlines_.arm(*this, Clock::now() + request.handshake_within + trickling);
    }

    Task<bool> upgrade(const OpenRequest& request)
    {
        if (request.upgrade_delay > Duration{}) {
            upgrade_planned_ = Clock::now() + request.upgrade_delay;
            co_await pause(request.upgrade_delay);
            if (!step_done(StepKind::upgrade_sent, {})) co_return false;
        }
        websocket_.secure_prng(false); // masks protect proxies from scripts in browsers; there are none here
        websocket_.auto_fragment(false);
        websocket_.write_buffer_bytes(write_buffer);
        websocket_.read_message_max(longest_message);
        decorate(request);
        if (!shape_upgrade(request)) upgrade_ends();
        auto answer = std::make_unique<websocket::response_type>();
        const auto [error] =
            co_await websocket_.async_handshake(*answer, request.host, request.target, as_result);
        websocket_.set_option(
            websocket::stream_base::decorator([](websocket::request_type&) {})); // frees the first
        if (!aborted_) co_return report_answer(request, *answer, error);
        co_await await_end();
        co_return false;
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

    static constexpr std::uint32_t early_mask = 0x77737261; // any would do

    std::optional<Clock::time_point> upgrade_planned_; // when it was delayed or is trickled
    Waker* pausing_ = nullptr;
    SilentSocket silent_;
    bool aborted_ = false;
};

} // namespace wsrace
