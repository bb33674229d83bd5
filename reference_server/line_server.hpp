// A small TCP service: each line of JSON that it reads is answered by one. `line_client.hpp` asks.
#pragma once

#include "reference_server/call_queue.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <functional>

namespace wsrace::reference {

// On its io_context's one thread. Must outlive the io_context's handlers.
class LineServer {
public:
    using Handler = std::function<boost::json::object(const boost::json::object& question)>;

    struct Pace {
        std::chrono::milliseconds delay{0};    // what a call takes
        std::size_t workers{0};                // calls at a time; 0: all
        std::chrono::milliseconds patience{0}; // a call that cannot be answered by then is hung up on
    };

    // Listens on the loopback interface; port 0: a free one. Throws when the port cannot be had. "ping" is
    // answered here, everything else by the handler.
    LineServer(boost::asio::io_context& io, std::uint16_t port, const Pace& pace, Handler handler);

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);
    boost::json::object answer(const boost::json::object& question) const;

    boost::asio::ip::tcp::acceptor acceptor_;
    CallQueue queue_;
    const std::chrono::milliseconds patience_;
    const Handler handler_;
};

} // namespace wsrace::reference
