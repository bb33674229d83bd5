#include "net/deadline_queue.hpp"
#include "net/endpoint.hpp"
#include "net/stream_errors.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

struct Note final : Deadline {
    Note(std::vector<int>& out, int name) : log{out}, number{name} {}
    void on_deadline() override { log.push_back(number); }
    std::vector<int>& log;
    int number;
};

// Runs `body` to its end, which must come within the limit.
template <typename Body>
void run_to_completion(asio::io_context& io, const Body& body)
{
    bool ended = false;
    asio::co_spawn(io, body, [&ended](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
        ended = true;
    });
    io.run_for(20s);
    REQUIRE(ended);
}

} // namespace

TEST_CASE("Deadlines fire in the order of their times, disarmed ones never")
{
    asio::io_context io{1};
    DeadlineQueue queue{io.get_executor()};
    std::vector<int> log;
    Note first{log, 1}, second{log, 2}, third{log, 3}, never{log, 4};
    const auto now = Clock::now();
    queue.arm(third, now + 6ms);
    queue.arm(never, now + 1ms);
    queue.arm(second, now + 20ms);
    queue.arm(first, now + 2ms);
    queue.arm(second, now + 4ms); // moved
    queue.disarm(never);
    queue.disarm(never);
    io.run_for(20s);
    CHECK(log == std::vector<int>{1, 2, 3});
    CHECK(Clock::now() >= now + 6ms);
}

TEST_CASE("A waker tells a notification from a deadline")
{
    asio::io_context io{1};
    DeadlineQueue queue{io.get_executor()};
    Waker waker{queue};
    run_to_completion(io, [&]() -> Task<void> {
        const auto late = co_await waker.wait(Clock::now() + 1ms);
        CHECK_FALSE(late);
        asio::post(io, [&waker] { waker.notify(); });
        const auto notified = co_await waker.wait(Clock::now() + 10s);
        CHECK(notified);
        CHECK_FALSE(waker.waiting());
        queue.shut_down();
    });
}

TEST_CASE("Notifying a waker that nobody waits on does nothing, twice is once")
{
    asio::io_context io{1};
    DeadlineQueue queue{io.get_executor()};
    Waker waker{queue};
    waker.notify();
    int wakes = 0;
    run_to_completion(io, [&]() -> Task<void> {
        asio::post(io, [&waker] {
            waker.notify();
            waker.notify();
        });
        const auto notified = co_await waker.wait(Clock::now() + 10s);
        wakes += notified ? 1 : 0;
        const auto again = co_await waker.wait(Clock::now() + 5ms);
        wakes += again ? 1 : 0;
        queue.shut_down();
    });
    CHECK(wakes == 1);
}

TEST_CASE("A target's URL is taken apart, or refused with what was expected")
{
    const auto url = std::get<TargetUrl>(parse_target_url("wss://Example.com/api/ws?x=1"));
    CHECK(url.tls);
    CHECK(url.port == 443);
    CHECK(url.host == "Example.com");
    CHECK(url.path == "/api/ws");
    CHECK(url.query == "x=1");
    CHECK(url.host_header() == "Example.com");
    CHECK(std::get<TargetUrl>(parse_target_url("ws://[::1]:8080")).host_header() == "[::1]:8080");
    CHECK(std::get<TargetUrl>(parse_target_url("ws://h:81/")).path.empty());
    for (const auto* const text :
         {"", "localhost:8080", "ftp://h/", "ws://", "ws://user:secret@h/", "ws://h:0/", "ws://h:99999/"})
        CHECK(std::holds_alternative<std::string>(parse_target_url(text)));
    CHECK_THAT(std::get<std::string>(parse_target_url("ws://user:hunter2@h/")), !Catch::Contains("hunter2"));
}

TEST_CASE("A selected subprotocol is one of the offered, to the letter")
{
    CHECK(offers("jwt-auth, jwt.abc", "jwt.abc"));
    CHECK(offers("jwt-auth", "jwt-auth"));
    CHECK_FALSE(offers("jwt-auth, jwt.abc", "jwt"));
    CHECK_FALSE(offers("", "jwt"));
    CHECK_FALSE(offers("jwt-auth", "JWT-auth"));
}
