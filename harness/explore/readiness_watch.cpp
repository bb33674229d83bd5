#include "explore/readiness_watch.hpp"

#include "net/http_client.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>

namespace wsrace {

namespace {

constexpr auto first_interval = std::chrono::milliseconds{20};
constexpr auto longest_interval = std::chrono::milliseconds{250};
constexpr auto answer_limit = std::chrono::seconds{1};

// One GET; true for 200.
bool answers_ready(std::uint16_t port, const std::string& path)
{
    asio::io_context io{1};
    DeadlineQueue deadlines{io.get_executor()};
    TargetUrl url;
    url.host = "127.0.0.1";
    url.port = port;
    HttpClient http{deadlines, url, {asio::ip::make_address("127.0.0.1"), port}, nullptr};
    HttpCall call;
    call.method = "GET";
    call.path = path;
    bool ready = false;
    const auto ask = [&]() -> Task<void> {
        const auto answer = co_await http.call(call, Clock::now() + answer_limit);
        ready = answer.outcome == Outcome::ok && answer.status == 200;
        deadlines.shut_down();
    };
    asio::co_spawn(io, ask, [](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
    });
    io.run();
    return ready;
}

} // namespace

ReadinessWatch::ReadinessWatch(std::uint16_t port, std::string path)
    : thread_{[this, port, path = std::move(path)](const std::stop_token& stop) {
          std::mutex mutex;
          std::condition_variable_any stopped;
          Duration interval = first_interval;
          while (!stop.stop_requested()) {
              if (answers_ready(port, path)) {
                  ready_ = Clock::now();
                  return;
              }
              std::unique_lock lock{mutex};
              stopped.wait_for(lock, stop, interval, [] { return false; });
              interval = std::min<Duration>(interval + interval / 8, longest_interval);
          }
      }}
{}

ReadinessWatch::~ReadinessWatch() = default;

std::optional<Clock::time_point> ReadinessWatch::finish()
{
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    return ready_;
}

} // namespace wsrace
