// Logins over one connection, for as long as it lasts.
#include "net/http_client.hpp"

#include "faults/blocking_sockets.hpp"

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include <thread>

using namespace wsrace;
using namespace wsrace::testing;

namespace {

// What two calls get, one after the other, when each connection is answered like this, and its sending ended.
std::vector<HttpAnswer> two_answers(const std::string& answer)
{
    const Listener listener;
    const std::jthread server{[&] {
        std::vector<BlockingSocket>
            open; // the harness has to see the end of sending, not a closed connection
        for (int i = 0; i < 2; ++i) {
            open.push_back(listener.accept());
            std::string head;
            while (!head.ends_with("\r\n\r\n{}")) head += open.back().receive(1);
            open.back().send(answer);
            open.back().end_of_sending();
        }
        for (auto& connection : open) connection.receive_all();
    }};
    asio::io_context io{1};
    DeadlineQueue deadlines{io.get_executor()};
    TargetUrl url;
    url.host = "127.0.0.1";
    url.port = listener.port();
    std::vector<HttpAnswer> answers;
    {
        HttpClient http{deadlines, url, {asio::ip::address_v4::loopback(), listener.port()}, nullptr};
        HttpCall call;
        call.path = "/auth/login";
        call.body = "{}";
        const auto ask = [&]() -> Task<void> {
            for (int i = 0; i < 2; ++i) {
                const auto deadline = Clock::now() + std::chrono::milliseconds{longest_wait_ms};
                auto got = co_await http.call(call, deadline);
                answers.push_back(std::move(got));
            }
            deadlines.shut_down();
        };
        std::exception_ptr failure;
        asio::co_spawn(io, ask(), [&](const std::exception_ptr& thrown) { failure = thrown; });
        io.run();
        if (failure) std::rethrow_exception(failure);
    }
    return answers;
}

} // namespace

TEST_CASE("After an answer that ends with its connection the next call makes another one", "[net]")
{
    const auto* const headers =
        GENERATE("", "Connection: close\r\nContent-Length: 4\r\n", "Connection: close\r\n");
    const auto answers = two_answers(std::string{"HTTP/1.1 200 OK\r\n"} + headers + "\r\nbody");
    REQUIRE(answers.size() == 2);
    for (const auto& answer : answers) {
        CHECK(answer.outcome == Outcome::ok);
        CHECK(answer.body == "body");
    }
}
