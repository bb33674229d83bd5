// A stream that first hands out bytes which were read too early, then those of the stream below it. An
// upgrade and the first frame may share a segment: the HTTP reader takes both, and the WebSocket must still
// see its part.
#pragma once

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <string>
#include <utility>

namespace wsrace::reference {

template <class Next>
class PrereadStream {
public:
    using next_layer_type = Next;
    using executor_type = typename Next::executor_type;

    explicit PrereadStream(Next next) : next_{std::move(next)} {}

    executor_type get_executor() noexcept { return next_.get_executor(); }
    Next& next_layer() noexcept { return next_; }
    const Next& next_layer() const noexcept { return next_; }

    // Before the first read.
    void put_back(std::string bytes) { preread_ = std::move(bytes); }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token)
    {
        using Signature = void(boost::system::error_code, std::size_t);
        const auto start = [this](auto handler, const Buffers& targets) {
            if (preread_.empty()) {
                next_.async_read_some(targets, std::move(handler));
                return;
            }
            const auto size = boost::asio::buffer_copy(targets, boost::asio::buffer(preread_));
            preread_.erase(0, size);
            if (preread_.empty()) preread_.shrink_to_fit();
            boost::asio::post(get_executor(), boost::beast::bind_front_handler(
                                                  std::move(handler), boost::system::error_code{}, size));
        };
        return boost::asio::async_initiate<Token, Signature>(start, token, buffers);
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token)
    {
        return next_.async_write_some(buffers, std::forward<Token>(token));
    }

private:
    Next next_;
    std::string preread_;
};

// Found by Beast when it ends a WebSocket.
template <class Next, class Handler>
void async_teardown(boost::beast::role_type role, PrereadStream<Next>& stream, Handler&& handler)
{
    using boost::beast::websocket::async_teardown;
    async_teardown(role, stream.next_layer(), std::forward<Handler>(handler));
}

template <class Next>
void teardown(boost::beast::role_type role, PrereadStream<Next>& stream, boost::system::error_code& error)
{
    using boost::beast::websocket::teardown;
    teardown(role, stream.next_layer(), error);
}

} // namespace wsrace::reference
