// Lets time pass without holding up the thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>

namespace wsrace::reference {

// With 0 it does not suspend.
boost::asio::awaitable<void> pause(std::chrono::microseconds time);

} // namespace wsrace::reference
