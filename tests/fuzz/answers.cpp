// What a target answers to HTTP: to logins, to questions for its counters, to upgrades, with what comes
// behind those. A real server socket gives the answer, real clients read it.
//
// Input: one byte that chooses who asks, then everything that the server sends on a connection before it ends
// its side. "{accept}" stands for the right Sec-WebSocket-Accept.
#include "fuzz/target.hpp"

#include "checks/retry_delay.hpp"
#include "net/connection.hpp"
#include "net/http_client.hpp"
#include "run/forgery.hpp"
#include "run/login.hpp"
#include "run/retry_after.hpp"
#include "run/target_http.hpp"
#include "run/token.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

using namespace wsrace;
using namespace wsrace::fuzz;
using asio::ip::tcp;

namespace {

using Socket = asio::basic_stream_socket<tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

constexpr auto limit = std::chrono::seconds{10}; // never reached: the server ends its side at once

std::string accept_for(std::string_view request)
{
    constexpr std::string_view name = "Sec-WebSocket-Key: ";
    const auto begin = std::min(request.find(name), request.size() - name.size()) + name.size();
    const auto key = request.substr(begin, request.find('\r', begin) - begin);
    const auto text = std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, section 1.3
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    std::array<unsigned char, 32> encoded{};
    EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
    return reinterpret_cast<const char*>(encoded.data());
}

// Answers every connection with the same bytes, and keeps it open for the client to end.
struct Server {
    asio::io_context io{1};
    Acceptor acceptor{io.get_executor(), tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    std::string_view answer;
    std::vector<Socket> connections;

    tcp::endpoint endpoint() const { return acceptor.local_endpoint(); }
};

std::string answer_to(const std::string& request, std::string_view answer)
{
    constexpr std::string_view mark = "{accept}";
    std::string out{answer};
    const auto at = out.find(mark);
    if (at != std::string::npos) out.replace(at, mark.size(), accept_for(request));
    return out;
}

Task<void> serve(Server& server)
{
    for (;;) {
        auto [failed, socket] = co_await server.acceptor.async_accept(as_result);
        if (failed) co_return;
        std::string request;
        auto buffer = asio::dynamic_buffer(request);
        co_await asio::async_read_until(socket, buffer, "\r\n\r\n", as_result);
        const auto answer = answer_to(request, server.answer);
        const auto bytes = asio::buffer(answer);
        co_await asio::async_write(socket, bytes, as_result); // a client that has gone does not want it
        boost::system::error_code ignored;
        socket.shutdown(Socket::shutdown_send, ignored);
        server.connections.push_back(std::move(socket));
    }
}

bool can_be_carried(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

void look_at_login(const LoginResult& result)
{
    require(result.outcome != Outcome::timeout, "nobody waits for an answer that has ended");
    const auto ok = result.outcome == Outcome::ok;
    require(!ok || result.status == 200, "a login that went well was answered with 200");
    require(ok != result.token.empty(), "a login that went well has a token, and no other has", result.error);
    require(ok == result.error.empty(), "a login that failed says why");
    require(can_be_carried(result.token), "a token fits a header", result.token);
    const auto seconds = parse_retry_after(result.retry_after);
    require(!seconds || retry_delay(result.retry_after) == seconds,
            "what is waited for is what a check expects", result.retry_after);
}

Task<void> log_in_and_use(Server& server, DeadlineQueue& deadlines)
{
    static const Profile profile;
    CookieJar cookies{"wsrace_instance"};
    TargetUrl url;
    url.host = "localhost";
    url.port = server.endpoint().port();
    HttpClient http{deadlines, url, server.endpoint(), nullptr};
    http.keep_cookies_in(cookies);
    const LoginRequest request{.profile = profile, .run = RunId{99}, .user = UserId{3}};
    const auto deadline = Clock::now() + limit;
    const auto login = co_await log_in(request, http, deadline);
    look_at_login(login);
    const auto ticket = co_await fetch_ticket(request, http, login.token, deadline);
    look_at_login(ticket);
    require(cookies.header().empty() || cookies.header().starts_with("wsrace_instance="),
            "only the cookie that is asked for is kept", cookies.header());
    for (const auto kind : {Credential::malformed, Credential::expired, Credential::wrong_key,
                            Credential::alg_none, Credential::other_audience}) {
        const auto forged = forge_token(kind, login.token, "secret", {});
        require(!forged.empty(), "a forged token is there");
        require(can_be_carried(forged), "a forged token fits a header", forged);
    }
}

Task<void> ask_for_counters(Server& server, DeadlineQueue& deadlines)
{
    const auto port = server.endpoint().port();
    const auto ready = co_await says_ready(deadlines, port, "/health/ready");
    const auto counters = co_await fetch_counters(deadlines, port, "/ws/stats");
    require(counters.empty() || ready, "counters come with a 200");
}

// Holds what is told to what may be told.
class Watch final : public ConnectionObserver {
public:
    void on_step(const StepReport& report) override
    {
        require(!failed_ && !upgraded_, "after a step that failed, and after the last one, there is none");
        require(report.outcome != Outcome::timeout, "nobody waits for an answer that has ended");
        failed_ = report.outcome != Outcome::ok;
        upgraded_ = !failed_ && report.step == StepKind::upgrade_answered;
        require(!upgraded_ || report.value == 101, "an upgrade is answered with 101");
    }
    void on_frame(std::string_view, bool) override
    {
        require(upgraded_ && !ended_, "frames come between the upgrade and the end");
    }
    void on_end(const EndReport& report) override
    {
        require(upgraded_ && !ended_, "a connection that was opened ends once");
        // Beast lets codes beyond 4999 pass, which nobody may send: `close_codes` is told as it is.
        require(report.code == 0 || (report.code >= 1000 && report.code <= 0xFFFF), "a close code is one",
                fmt::format("{}", report.code));
        ended_ = true;
    }
    void on_late_frame(const Connection&, std::string_view, bool) override
    {
        broken("nobody has left, so that no frame is late", {});
    }
    void on_held(StepKind) override { broken("nothing was to be held", {}); }
    void on_reading_resumed() override { broken("reading was never stopped", {}); }

    bool upgraded() const { return upgraded_; }
    bool ended() const { return ended_; }

private:
    bool failed_ = false;
    bool upgraded_ = false;
    bool ended_ = false;
};

struct Visit {
    Watch watch;
    std::shared_ptr<Connection> connection;
    bool over = false;
};

Task<void> open_connection(Server& server, Visit& visit)
{
    OpenRequest request;
    request.endpoint = server.endpoint();
    request.host = "localhost";
    request.target = "/ws";
    request.subprotocols = "jwt-auth, jwt.abc";
    request.connect_within = request.handshake_within = request.close_within = limit;
    const auto opened = co_await visit.connection->open(request);
    require(opened == visit.watch.upgraded(), "who is told that it is open was told of the upgrade");
    if (!opened) visit.over = true;
}

void expect_none(const std::exception_ptr& failure, std::string_view property)
{
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        broken(property, error.what());
    }
}

void wait_for(Server& server, Visit& visit, Task<void> task)
{
    asio::co_spawn(server.io, std::move(task), [&](const std::exception_ptr& failure) {
        expect_none(failure, "no answer makes a client throw");
        if (!visit.connection) visit.over = true;
    });
    asio::co_spawn(server.io, serve(server), [](const std::exception_ptr& failure) {
        expect_none(failure, "the target's server goes on");
    });
    const auto until = Clock::now() + limit;
    while (!visit.over && !visit.watch.ended() && server.io.run_one_until(until) > 0) {
    }
    require(visit.over || visit.watch.ended(), "every answer has an end");
}

} // namespace

void wsrace::fuzz::look_at(std::string_view input)
{
    if (input.empty()) return;
    static Server server;
    server.answer = input.substr(1);
    {
        DeadlineQueue deadlines{server.io.get_executor()};
        Visit visit;
        const auto who = static_cast<unsigned char>(input.front()) % 3;
        if (who == 0) wait_for(server, visit, log_in_and_use(server, deadlines));
        if (who == 1) wait_for(server, visit, ask_for_counters(server, deadlines));
        if (who == 2) {
            visit.connection = make_connection(deadlines, visit.watch, nullptr);
            wait_for(server, visit, open_connection(server, visit));
            visit.connection->cut(true);
        }
        deadlines.shut_down();
        server.acceptor.cancel();
        server.connections.clear();
        server.io.run();
        server.io.restart();
    }
}
