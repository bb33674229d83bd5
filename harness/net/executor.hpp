// The coroutine vocabulary of the harness: concrete executor types keep frames and sockets small.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace wsrace {

namespace asio = boost::asio;

using Executor = asio::io_context::executor_type;
using Clock = std::chrono::steady_clock;

template <typename T>
using Task = asio::awaitable<T, Executor>;

// co_await x(..., as_result) gives a tuple that begins with the error code; nothing throws.
inline constexpr asio::use_awaitable_t<Executor> use_task{};
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> as_result{use_task};

} // namespace wsrace
