// Asks a dependency over TCP: one connection per call, one line of JSON there and one back.
//
//     {"call":"load","user_id":"u-7k2f-1","thread_id":"plans"}
//     {"messages":3}
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <stdexcept>
#include <string>

namespace wsrace::reference {

// A dependency did not answer: it refused, went away, or took longer than it may.
class DependencyFailure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// "HOST:PORT", "[::1]:PORT". Throws std::runtime_error when it is malformed or the name is not known.
boost::asio::ip::tcp::endpoint resolve_address(const std::string& address);

inline constexpr std::size_t longest_line = 1'048'576; // bytes, both ways

// Any thread; the call runs on its coroutine's executor.
class LineClient {
public:
    LineClient(std::string name, boost::asio::ip::tcp::endpoint endpoint, std::chrono::milliseconds limit)
        : name_{std::move(name)}, endpoint_{endpoint}, limit_{limit}
    {}

    // Connects, asks and reads the answer, all of it within the limit. Throws DependencyFailure.
    boost::asio::awaitable<boost::json::object> call(boost::json::object question) const;

    // Whether it answers a "ping".
    boost::asio::awaitable<bool> reached() const;

private:
    const std::string name_;
    const boost::asio::ip::tcp::endpoint endpoint_;
    const std::chrono::milliseconds limit_;
};

} // namespace wsrace::reference
