#include "ingress/passage.hpp"

#include "ingress/names.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sys/socket.h>

#include <algorithm>

namespace wsrace::ingress {

namespace {

namespace asio = boost::asio;
using faults::as_result;
using faults::Clock;

constexpr std::size_t buffer_size = std::size_t{32} * 1024; // of each way
constexpr auto head_within = std::chrono::seconds{60};      // as nginx's client_header_timeout
constexpr auto linger_for = std::chrono::seconds{2}; // for the other side to have read what it was sent

int pending_error(Socket& socket)
{
    int failure = 0;
    socklen_t length = sizeof failure;
    ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_ERROR, &failure, &length);
    return failure;
}

std::string address_of(const Caller& caller)
{
    const auto number = caller.user.value + 1;
    return fmt::format("10.{}.{}.{}", number >> 16U & 0xFFU, number >> 8U & 0xFFU, number & 0xFFU);
}

} // namespace

Passage::Passage(Socket client, std::uint32_t number, PassageContext& context)
    : context_{context}, number_{number}, client_{std::move(client)}, upstream_{client_.get_executor()},
      request_{client_, upstream_}, answer_{upstream_, client_}, turn_{client_.get_executor()},
      limit_{client_.get_executor()}, idle_{client_.get_executor()}
{}

void Passage::start() { spawn(serve(shared_from_this())); }

void Passage::spawn(Task<void> task)
{
    asio::co_spawn(client_.get_executor(), std::move(task),
                   [self = shared_from_this()](const std::exception_ptr& failure) {
                       if (!failure) return;
                       self->context_.failed(failure);
                       self->reset();
                   });
}

void Passage::note(IngressAct act, std::int32_t value, const std::string& text)
{
    context_.note(act, place_->wish.caller, value, text);
}

Task<void> Passage::serve(Self self)
{
    co_await read_head(self);
    if (self->ended_ || self->refused_) co_return;
    self->place_->go_on = [passage = std::weak_ptr{self}] {
        if (const auto waiting = passage.lock()) waiting->turn_.cancel();
    };
    self->settle(self->context_.admission.enter(self->place_));
    while (!self->connected_ && !self->ended_ && !self->refused_) {
        if (self->waiting_) co_await await_place(self);
        if (self->ended_ || self->refused_) co_return;
        co_await connect(self);
    }
    if (self->ended_ || self->refused_) co_return;
    co_await pass_request_head(self);
    if (!self->ended_) self->pass_both_ways();
}

Task<void> Passage::read_head(Self self)
{
    self->arm(self->limit_, head_within, &Passage::head_is_late);
    self->request_.buffer.resize(buffer_size);
    while (!self->ended_ && !self->refused_) {
        const auto buffer = asio::buffer(self->request_.buffer);
        const auto [error, size] = co_await self->client_.async_read_some(buffer, as_result);
        if (self->ended_ || self->refused_) co_return;
        if (error) {
            self->end(error != asio::error::eof);
            co_return;
        }
        self->received_.append(self->request_.buffer.data(), size);
        const auto length = head_length(self->received_);
        if (length && self->take_head(*length)) co_return;
        if (!length && self->received_.size() > longest_head)
            self->refuse(431, "Request Header Fields Too Large");
    }
}

// False: it is none.
bool Passage::take_head(std::size_t length)
{
    auto head = parse_request_head(std::string_view{received_}.substr(0, length));
    if (!head) {
        refuse(400, "Bad Request");
        return false;
    }
    limit_.cancel();
    head_ = std::move(*head);
    received_.erase(0, length);
    const auto caller = read_caller(head_.find(caller_header), number_);
    head_.remove(caller_header);
    place_->wish = context_.choice.wish(caller, head_);
    return true;
}

void Passage::head_is_late()
{
    if (head_.method.empty()) refuse(408, "Request Timeout");
}

// Goes on as the admission has it.
void Passage::settle(Admission::Entry entry)
{
    using Entry = Admission::Entry;
    waiting_ = entry == Entry::queued;
    if (waiting_) note(IngressAct::queued, 0, "ingress: queued");
    if (entry == Entry::refused) {
        note(IngressAct::refused, 503,
             "ingress: refused with 503, no instance is there and no place to wait");
        refuse(503, "Service Unavailable");
    }
    if (entry == Entry::hopeless) {
        note(IngressAct::unanswered, 502, "ingress: refused with 502, no instance takes connections");
        refuse(502, "Bad Gateway");
    }
}

Task<void> Passage::await_place(Self self)
{
    self->spawn(notice_leaving(self));
    while (!self->place_->instance && !self->ended_) {
        self->turn_.expires_at(TimePoint::max());
        co_await self->turn_.async_wait(as_result);
    }
    self->waiting_ = false;
    boost::system::error_code ignored;
    if (!self->ended_) self->client_.cancel(ignored); // notice_leaving
}

// Who goes away while it waits gives its place up. What it sends meanwhile is left for the instance.
Task<void> Passage::notice_leaving(Self self)
{
    const auto [error] = co_await self->client_.async_wait(Socket::wait_read, as_result);
    if (error || self->ended_ || !self->waiting_) co_return;
    char byte = 0;
    const auto got = ::recv(self->client_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got <= 0) self->end(got < 0);
}

Task<void> Passage::connect(Self self)
{
    const auto instance = self->place_->instance.value();
    const faults::tcp::endpoint endpoint{asio::ip::address_v4::loopback(), self->context_.ports[instance]};
    self->upstream_ = faults::open_for(endpoint, self->client_.get_executor());
    const auto [error] = co_await self->upstream_.async_connect(endpoint, as_result);
    if (self->ended_) co_return;
    if (error) {
        self->settle(self->context_.admission.enter_again(self->place_));
        co_return;
    }
    self->connected_ = true;
    self->note(IngressAct::routed, instance, fmt::format("ingress: to instance {}", instance));
}

std::string Passage::rewritten_head()
{
    const auto& spec = context_.spec;
    const auto instance = place_->instance.value();
    answer_head_ = AnswerHead{context_.choice.cookie_line(place_->wish, head_, instance)};
    std::vector<std::string> stripped;
    for (const auto& name : spec.strip_headers) {
        if (!head_.upgrades() || !head_.has(name)) continue;
        head_.remove(name);
        stripped.push_back(name);
    }
    if (!stripped.empty())
        note(IngressAct::stripped, 0, fmt::format("ingress: stripped {}", fmt::join(stripped, ", ")));
    const auto& caller = place_->wish.caller;
    boost::system::error_code ignored;
    if (spec.forwarded_for == ForwardedFor::per_user && caller.known)
        head_.append("X-Forwarded-For", address_of(caller));
    else if (spec.forwarded_for != ForwardedFor::none)
        head_.append("X-Forwarded-For", client_.remote_endpoint(ignored).address().to_string());
    for (const auto& header : spec.add_headers) head_.fields.push_back(header);
    return head_.text();
}

Task<void> Passage::pass_request_head(Self self)
{
    auto text = self->rewritten_head();
    text += std::exchange(self->received_, {});
    const auto buffer = asio::buffer(text);
    co_await asio::async_write(self->upstream_, buffer, as_result); // an error is found by those who read
}

void Passage::pass_both_ways()
{
    last_passed_ = Clock::now();
    const auto& spec = context_.spec;
    if (spec.idle_cut) arm(idle_, spec.idle_cut->after, &Passage::look_whether_idle);
    if (spec.request_limit) arm(limit_, spec.request_limit->after, &Passage::limit_is_reached);
    answer_.buffer.resize(buffer_size);
    for (Way* way : {&request_, &answer_}) {
        spawn(carry(shared_from_this(), *way));
        spawn(watch(shared_from_this(), *way));
    }
}

Task<void> Passage::carry(Self self, Way& way)
{
    while (!self->ended_) {
        const auto room = asio::buffer(way.buffer);
        const auto [error, size] = co_await way.from.async_read_some(room, as_result);
        if (self->ended_) co_return;
        if (error && (error != asio::error::eof || way.reset)) {
            self->end(true);
            co_return;
        }
        self->last_passed_ = Clock::now();
        const std::string_view bytes{way.buffer.data(), size};
        const bool is_answer = &way == &self->answer_;
        std::string text{bytes};
        if (is_answer) text = error ? self->answer_head_.rest() : self->answer_head_.pass(bytes);
        const auto rest = asio::buffer(text);
        way.stalled = true;
        const auto [broken, written] = co_await asio::async_write(way.to, rest, as_result);
        way.stalled = false;
        if (self->ended_) co_return;
        if (!error && !broken) continue;
        // Where `to` takes no more, the other way finds out how it has ended.
        boost::system::error_code ignored;
        way.to.shutdown(Socket::shutdown_send, ignored);
        way.done = true;
        if (self->opposite(way).done) self->end(static_cast<bool>(broken));
        co_return;
    }
}

// Notices a reset while nothing is read, since the other side does not read.
Task<void> Passage::watch(Self self, Way& way)
{
    const auto [error] = co_await way.from.async_wait(Socket::wait_error, as_result);
    if (error || self->ended_ || pending_error(way.from) == 0) co_return;
    way.reset = true; // the kernel tells it once only
    if (way.stalled) self->end(true);
}

void Passage::arm(Timer& timer, Clock::duration after, void (Passage::*due)())
{
    timer.expires_after(after);
    timer.async_wait([passage = weak_from_this(), due](const boost::system::error_code& cancelled) {
        const auto self = passage.lock();
        if (self && !cancelled && !self->ended_ && !self->refused_) (self.get()->*due)();
    });
}

void Passage::look_whether_idle()
{
    const auto& how = *context_.spec.idle_cut;
    const auto idle = Clock::now() - last_passed_;
    if (idle < how.after) return arm(idle_, how.after - idle, &Passage::look_whether_idle);
    cut(IngressAct::idle_cut, how);
}

void Passage::limit_is_reached() { cut(IngressAct::limit_cut, *context_.spec.request_limit); }

void Passage::cut(IngressAct act, const IngressCut& how)
{
    note(act, 0,
         fmt::format("ingress: {} after {}, by {}", act == IngressAct::idle_cut ? "idle cut" : "ended",
                     format_duration(how.after), how.by_reset ? "RST" : "FIN"));
    if (how.by_reset) return end(true);
    release();
    boost::system::error_code ignored;
    for (Socket* socket : {&client_, &upstream_}) {
        socket->cancel(ignored);
        spawn(linger(shared_from_this(), *socket));
    }
}

// Answers in the target's place.
void Passage::refuse(int status, std::string_view reason)
{
    refused_ = true;
    limit_.cancel();
    boost::system::error_code ignored;
    client_.cancel(ignored);
    const auto* const retry = status == 503 ? "Retry-After: 1\r\n" : "";
    spawn(answer(shared_from_this(),
                 fmt::format("HTTP/1.1 {} {}\r\nContent-Length: 0\r\n{}Connection: close\r\n\r\n", status,
                             reason, retry)));
}

Task<void> Passage::answer(Self self, std::string text)
{
    const auto buffer = asio::buffer(text);
    co_await asio::async_write(self->client_, buffer, as_result);
    self->release();
    co_await linger(self, self->client_);
}

// FIN, and what comes meanwhile is thrown away: closing with something unread would send RST, and that would
// overtake what was sent last.
Task<void> Passage::linger(Self self, Socket& socket)
{
    boost::system::error_code ignored;
    socket.shutdown(Socket::shutdown_send, ignored);
    Timer patience{socket.get_executor(), linger_for};
    patience.async_wait([self, &socket](const boost::system::error_code& cancelled) {
        boost::system::error_code nothing;
        if (!cancelled) socket.close(nothing);
    });
    std::vector<char> unread(buffer_size);
    boost::system::error_code error;
    while (!error) {
        const auto buffer = asio::buffer(unread);
        const auto [failed, size] = co_await socket.async_read_some(buffer, as_result);
        error = failed;
    }
    socket.close(ignored);
}

void Passage::reset() { end(true); }

void Passage::end(bool by_reset)
{
    boost::system::error_code ignored;
    for (Socket* socket : {&client_, &upstream_}) {
        if (by_reset)
            faults::close_with_reset(*socket);
        else
            socket->close(ignored);
    }
    release();
}

// Its place is free; what is left are sockets.
void Passage::release()
{
    ended_ = true;
    if (std::exchange(released_, true)) return;
    turn_.cancel();
    limit_.cancel();
    idle_.cancel();
    context_.admission.leave(place_);
    context_.ended(number_);
}

} // namespace wsrace::ingress
