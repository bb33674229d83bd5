#include "fast_server.hpp"

#include "agent_text.hpp"
#include "ws_frames.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bench {

namespace {

[[noreturn]] void fail(const char* doing)
{
    std::fprintf(stderr, "fast_server: %s: %s\n", doing, std::strerror(errno));
    std::exit(1);
}

} // namespace

void Server::listen()
{
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener_ < 0) fail("socket");
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(listener_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); // accepted sockets inherit it
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("bind");
    if (::listen(listener_, 65535) != 0) fail("listen");
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) fail("epoll_create1");
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
    std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
}

void Server::watch(int operation, int fd, std::uint32_t events)
{
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    if (epoll_ctl(epoll_, operation, fd, &event) != 0) fail("epoll_ctl");
}

void Server::serve()
{
    std::array<epoll_event, 512> ready{};
    for (;;) {
        const int count = wait(ready);
        for (const auto& event : std::span(ready).first(static_cast<std::size_t>(count))) {
            if (event.data.fd == listener_) {
                accept_all();
                continue;
            }
            auto& connection = *connections_[static_cast<std::size_t>(event.data.fd)];
            if (!connection.ending && (event.events & ~EPOLLOUT) != 0)
                readable(connection);
            else if (connection.ending && (event.events & (EPOLLHUP | EPOLLERR)) != 0)
                drop(connection);
            else
                flush(connection);
        }
        play_due();
    }
}

// Waits for sockets, and no longer than until the next event is due.
int Server::wait(std::span<epoll_event> ready)
{
    timespec limit{};
    const bool limited = !runs_.empty();
    if (limited) {
        using namespace std::chrono;
        const auto left = std::max(runs_.begin()->first - Clock::now(), Clock::duration::zero());
        const auto whole = duration_cast<seconds>(left);
        limit = {static_cast<time_t>(whole.count()), static_cast<long>(nanoseconds(left - whole).count())};
    }
    const int count = epoll_pwait2(epoll_, ready.data(), static_cast<int>(ready.size()),
                                   limited ? &limit : nullptr, nullptr);
    if (count < 0 && errno != EINTR) fail("epoll_pwait2");
    return std::max(count, 0);
}

void Server::accept_all()
{
    for (;;) {
        const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EAGAIN) return;
            if (errno == ECONNABORTED || errno == EINTR) continue;
            fail("accept4");
        }
        const auto slot = static_cast<std::size_t>(fd);
        if (slot >= connections_.size()) connections_.resize(slot + 1024);
        connections_[slot] = std::make_unique<Connection>();
        connections_[slot]->fd = fd;
        connections_[slot]->serial = ++serials_;
        watch(EPOLL_CTL_ADD, fd, connections_[slot]->watched);
    }
}

void Server::readable(Connection& connection)
{
    const auto size = recv(connection.fd, buffer_.data(), buffer_.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) {
        drop(connection);
        return;
    }
    auto fresh = std::span(buffer_).first(static_cast<std::size_t>(size));
    if (connection.in.empty()) {
        const auto rest = fresh.subspan(consume(connection, fresh));
        connection.in.assign(rest.begin(), rest.end());
    } else {
        connection.in.append(fresh.begin(), fresh.end());
        connection.in.erase(0, consume(connection, connection.in));
        if (connection.in.empty()) connection.in.shrink_to_fit();
    }
    if (!connection.upgraded && connection.in.size() > max_request_bytes) connection.ending = true;
    flush(connection);
}

// Takes every complete request or frame; returns how many bytes they were.
std::size_t Server::consume(Connection& connection, std::span<char> data)
{
    std::size_t used = 0;
    while (!connection.ending && used < data.size()) {
        const auto rest = data.subspan(used);
        const auto taken = connection.upgraded ? consume_frame(connection, rest)
                                               : consume_request(connection, {rest.data(), rest.size()});
        if (taken == 0) break;
        used += taken;
    }
    return used;
}

std::size_t Server::consume_request(Connection& connection, std::string_view data)
{
    Request request;
    if (!take_request(data, request)) return 0;
    const bool is_endpoint = request.path == "/ws" || request.path == "/api/v1/websocket";
    const auto key = header(request.headers, "Sec-WebSocket-Key");
    if (is_endpoint && !key.empty())
        upgrade(connection, request);
    else
        answer_http(connection, request);
    return request.bytes;
}

void Server::answer_http(Connection& connection, const Request& request)
{
    const char* status = "200 OK";
    std::string body;
    if (request.path == "/health" || request.path == "/health/ready") {
        body = R"({"status":"healthy"})";
    } else if (request.path == "/ws/stats" || request.path == "/ws/health") {
        body = counters();
    } else if (request.path == "/auth/register" || request.path == "/auth/login") {
        const auto user = "u-" + std::to_string(++accounts_);
        const auto token = make_token(user);
        const auto email = std::string(find_string(request.body, "email", Depth::top));
        body = R"({"access_token":")" + token + R"(","refresh_token":")" + token +
               R"(","token_type":"Bearer","expires_in":900,"user":{"id":")" + user + R"(","email":")" +
               email + "\"}}";
    } else {
        status = "404 Not Found";
        body = R"({"error":"not_found"})";
    }
    connection.out += std::string("HTTP/1.1 ") + status +
                      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                      "\r\n\r\n" + body;
    connection.ending = offers(header(request.headers, "Connection"), "close");
}

void Server::upgrade(Connection& connection, const Request& request)
{
    connection.out += "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: " +
                      accept_key(header(request.headers, "Sec-WebSocket-Key")) + "\r\n";
    if (offers(header(request.headers, "Sec-WebSocket-Protocol"), "jwt-auth")) {
        connection.out += "Sec-WebSocket-Protocol: jwt-auth\r\n";
    }
    connection.out += "\r\n";
    const auto number = std::to_string(++numbers_);
    connection.user = subject_of(header(request.headers, "Authorization"));
    if (connection.user.empty()) connection.user = "u-" + number;
    connection.upgraded = true;
    ++open_;
    if (welcomed_++ == 0) first_upgrade_ = Clock::now();
    text_.clear();
    append_welcome(text_, "c-" + number, connection.user);
    send_text(connection, text_);
    last_welcome_ = Clock::now();
}

std::size_t Server::consume_frame(Connection& connection, std::span<char> data)
{
    Frame frame;
    switch (take_frame(data, frame)) {
    case Scan::incomplete: return 0;
    case Scan::protocol_error: end_with(connection, 1002); return data.size();
    case Scan::too_large: end_with(connection, 1009); return data.size();
    case Scan::complete: break;
    }
    if (frame.opcode == Opcode::close) {
        append_frame(connection.out, Opcode::close, frame.payload);
        connection.ending = true;
    } else if (frame.opcode == Opcode::ping) {
        append_frame(connection.out, Opcode::pong, frame.payload);
    } else if (frame.opcode != Opcode::pong && frame.final && connection.message.empty()) {
        take_message(connection, frame.payload);
    } else if (frame.opcode != Opcode::pong) {
        connection.message += frame.payload;
        if (connection.message.size() > max_message_bytes) {
            end_with(connection, 1009);
        } else if (frame.final) {
            const auto message = std::exchange(connection.message, std::string());
            take_message(connection, message);
        }
    }
    return frame.bytes;
}

void Server::take_message(Connection& connection, std::string_view message)
{
    const auto type = find_string(message, "type", Depth::top);
    if (type == "start_agent") {
        start_run(connection, message, find_string(message, "user_request", Depth::any));
    } else if (type == "user_message" || type == "chat") {
        start_run(connection, message, find_string(message, "content", Depth::any));
    } else if (type == "ping") {
        const auto echoed = std::string(find_value(message, "timestamp", Depth::any));
        text_ = R"({"type":"pong","data":{"timestamp":)" + (echoed.empty() ? "null" : echoed) +
                R"(,"user_id":")" + connection.user + "\"}}";
        send_text(connection, text_);
    } else {
        text_ = R"({"type":"error_message","error_code":"unknown_type","error_message":"unknown type",)"
                R"("details":{},"timestamp":")" +
                timestamp() + "\"}";
        send_text(connection, text_);
    }
}

void Server::start_run(Connection& connection, std::string_view message, std::string_view text)
{
    const auto number = std::to_string(++numbers_);
    const auto thread = find_string(message, "thread_id", Depth::any);
    Run run{.fd = connection.fd,
            .serial = connection.serial,
            .step = 0,
            .id = "r-" + number,
            .thread = thread.empty() ? "t-" + number : std::string(thread),
            .text = std::string(text)};
    if (options_.event_gap.count() > 0) {
        // Runs that begin together do not beat together, else their events would queue behind each other.
        constexpr unsigned stride = 7919;
        const auto phase = std::chrono::microseconds(numbers_ * stride % options_.event_gap.count());
        runs_.emplace(Clock::now() + phase, std::move(run));
        return;
    }
    for (; run.step < step_count(options_.thinking); ++run.step) send_event(connection, run);
}

void Server::send_event(Connection& connection, const Run& run)
{
    text_.clear();
    append_event(text_, {run.id, connection.user, run.thread}, run.step, options_.thinking, run.text);
    send_text(connection, text_);
    if (run.step + 1 == step_count(options_.thinking)) ++completed_runs_;
}

void Server::send_text(Connection& connection, std::string_view text)
{
    append_frame(connection.out, Opcode::text, text);
}

void Server::end_with(Connection& connection, std::uint16_t code)
{
    const std::array<char, 2> payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    append_frame(connection.out, Opcode::close, {payload.data(), payload.size()});
    connection.ending = true;
}

// Sends what is due. The next event is due on the run's own grid, however late this one was.
void Server::play_due()
{
    const auto now = Clock::now();
    while (!runs_.empty() && runs_.begin()->first <= now) {
        auto node = runs_.extract(runs_.begin());
        auto& run = node.mapped();
        auto* connection = connections_[static_cast<std::size_t>(run.fd)].get();
        if (connection == nullptr || connection->serial != run.serial || connection->ending) continue;
        send_event(*connection, run);
        flush(*connection);
        if (++run.step == step_count(options_.thinking)) continue;
        node.key() += options_.event_gap;
        runs_.insert(std::move(node));
    }
}

void Server::flush(Connection& connection)
{
    if (!connection.out.empty()) {
        const auto sent = send(connection.fd, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            drop(connection);
            return;
        }
        connection.out.erase(0, static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    }
    if (connection.out.empty() && connection.ending) {
        drop(connection);
        return;
    }
    if (connection.out.empty()) connection.out.shrink_to_fit(); // an idle connection keeps no buffer
    const std::uint32_t reading = connection.ending ? 0u : EPOLLIN;
    const std::uint32_t writing = connection.out.empty() ? 0u : EPOLLOUT;
    if (connection.watched != (reading | writing)) {
        connection.watched = reading | writing;
        watch(EPOLL_CTL_MOD, connection.fd, connection.watched);
    }
}

void Server::drop(Connection& connection)
{
    if (connection.upgraded) --open_;
    close(connection.fd);
    connections_[static_cast<std::size_t>(connection.fd)].reset();
}

std::string Server::counters() const
{
    const std::chrono::duration<double> welcoming = last_welcome_ - first_upgrade_;
    return R"({"status":"healthy","active_connections":)" + std::to_string(open_) +
           R"(,"total_connections":)" + std::to_string(welcomed_) + R"(,"active_runs":)" +
           std::to_string(runs_.size()) + R"(,"managers":)" + std::to_string(open_) +
           R"(,"completed_runs":)" + std::to_string(completed_runs_) + R"(,"welcoming_seconds":)" +
           std::to_string(welcoming.count()) + "}";
}

} // namespace bench
