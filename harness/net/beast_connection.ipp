// The WebSocket itself, over a plain or a TLS stream. Included only by plain_connection.cpp and
// tls_connection.cpp, since every file that includes Beast takes half a minute to compile.
#pragma once

#include "net/opening.ipp"

#include <boost/beast/core/flat_buffer.hpp>

#include <memory>

namespace wsrace {

// What an idle connection holds ready for the next frame; agent events are about 250 bytes.
inline constexpr std::size_t read_chunk = 512;

template <typename Stream>
class BeastConnection final : public Opening<Stream>,
                              public std::enable_shared_from_this<BeastConnection<Stream>> {
    using Base = Opening<Stream>;
    using Base::close_within_, Base::cut_, Base::deadlines_, Base::expired_, Base::half_closed_,
        Base::observer_, Base::websocket_;

public:
    using Base::Base;

    Task<bool> open(const OpenRequest& request) override
    {
        const auto opened = co_await this->open_stream(request);
        this->opening_ = nullptr;
        if (opened) read_more();
        co_return opened;
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
        if (released && this->opening_ != nullptr) this->upgrade_released();
        return released;
    }

    Task<bool> send_pong() override
    {
        if (ended_ || closing_) co_return false;
        const auto self = this->shared_from_this();
        auto& layer = websocket_.next_layer();
        if (layer.write_shape() != nullptr) { // Beast's would be delayed or withheld
            layer.write_shape()->add_pong(Clock::now(), client_frame(Opcode::pong, {}, 0));
            layer.write_pongs();
            co_return true;
        }
        const websocket::ping_data nothing{};
        const auto [error] = co_await websocket_.async_pong(nothing, as_result);
        co_return !error;
    }

    void read_slowly(std::size_t rate, Clock::time_point until) override
    {
        if (!ended_ && !closing_) websocket_.next_layer().pace_reading(*this).slow_down(rate, until);
    }

    // Whoever closes reads again: the answer to the close frame stands behind everything else.
    Task<void> close(std::uint16_t code) override
    {
        if (ended_ || closing_) co_return;
        closing_ = true;
        if (auto* const pace = websocket_.next_layer().read_pace(); pace != nullptr) pace->resume();
        deadlines_.arm(*this, Clock::now() + close_within_); // also if a write that never ends is in the way
        const auto self = this->shared_from_this();
        const websocket::close_reason reason{static_cast<websocket::close_code>(code)};
        const auto [error] = co_await websocket_.async_close(reason, as_result);
        deadlines_.disarm(*this);
        close_error_ = error;
        close_done_ = true;
        finish_closing();
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
        this->close_socket();
        deadlines_.disarm(*this);
    }

    std::size_t unread() const override
    {
        boost::system::error_code ignored;
        return beast::get_lowest_layer(websocket_).available(ignored);
    }

private:
    std::shared_ptr<void> keep_alive() override { return this->shared_from_this(); }

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
        end.provoked = is_provoked();
        const std::string text =
            end.code != 0 ? std::string{reason.reason.data(), reason.reason.size()} : error.message();
        end.text = text;
        this->close_socket();
        deadlines_.disarm(*this);
        observer_.on_end(end);
    }

    bool is_provoked()
    {
        auto* const shape = websocket_.next_layer().write_shape();
        auto* const pace = websocket_.next_layer().read_pace();
        return (shape != nullptr && shape->misses_pongs()) ||
               (pace != nullptr && pace->was_slow(Clock::now()));
    }

    // The peer's close frame came first if reading ended by it and ours was not sent any more.
    EndReport describe_end(const boost::system::error_code& error, std::uint16_t code) const
    {
        const auto peer_was_first = read_error_ == websocket::error::closed && (!closing_ || close_error_);
        const auto known = code != websocket::close_code::none;
        const auto peer_code = known ? static_cast<int>(code) : 1005;
        if (half_closed_) return {.kind = EndKind::we_dropped, .code = known ? peer_code : 0, .text = {}};
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

    beast::flat_buffer buffer_;
    boost::system::error_code read_error_;
    boost::system::error_code close_error_;
    bool closing_ = false;
    bool close_done_ = false;
    bool read_done_ = false;
    bool ended_ = false;
    bool left_ = false;
    bool forgotten_ = false;
};

} // namespace wsrace
