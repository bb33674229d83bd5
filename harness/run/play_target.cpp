#include "run/play_target.hpp"

#include "net/executor.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>

namespace wsrace {

namespace {

constexpr auto patience = std::chrono::seconds{5};

} // namespace

std::string unreachable(const PlayTarget& target)
{
    const auto& address = target.instances.front();
    asio::io_context io{1};
    asio::ip::tcp::socket socket{io};
    boost::system::error_code error = asio::error::timed_out;
    socket.async_connect(address.endpoint,
                         [&error](const boost::system::error_code& result) { error = result; });
    io.run_for(patience);
    if (!error) return {};
    return fmt::format("the target {} cannot be reached: {}", address.url.text(), error.message());
}

} // namespace wsrace
