#include "faults/relay.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

namespace wsrace::faults {

namespace {

constexpr std::size_t most_buffered = std::size_t{256} * 1024; // of each way

} // namespace

Relay::Way::Way(Socket& source, Socket& sink)
    : from{source}, to{sink}, more{source.get_executor()}, less{source.get_executor()},
      pause{source.get_executor()}
{}

Relay::Relay(Socket client, std::uint32_t connection, RelayContext& context)
    : client_{std::move(client)}, upstream_{client_.get_executor()}, context_{context},
      faults_{context.schedule, connection}, request_{client_, upstream_}, answer_{upstream_, client_}
{}

// The client is read from the start, so that its end is noticed while a fault still holds it.
void Relay::start()
{
    spawn(read(shared_from_this(), request_));
    spawn(watch(shared_from_this(), request_));
    spawn(connect(shared_from_this()));
}

void Relay::spawn(Task<void> task)
{
    asio::co_spawn(client_.get_executor(), std::move(task),
                   [self = shared_from_this()](const std::exception_ptr& failure) {
                       if (!failure) return;
                       self->context_.failed(failure);
                       self->reset();
                   });
}

// Not before the faults let the connection through: while it hangs, the dependency does not hear of it.
Task<void> Relay::connect(Self self)
{
    auto held = self->faults_.held_until(Clock::now());
    while (held && !self->ended_) {
        self->request_.pause.expires_at(*held);
        co_await self->request_.pause.async_wait(as_result);
        held = self->faults_.held_until(Clock::now());
    }
    for (std::size_t i = 0; i < self->context_.upstream.size(); ++i) {
        if (self->ended_) co_return;
        const tcp::endpoint endpoint = self->context_.upstream[i];
        self->upstream_ = open_for(endpoint, self->client_.get_executor());
        const auto [error] = co_await self->upstream_.async_connect(endpoint, as_result);
        if (self->ended_) co_return;
        if (error) continue;
        self->connected_ = true;
        self->spawn(write(self, self->request_));
        self->spawn(read(self, self->answer_));
        self->spawn(watch(self, self->answer_));
        self->spawn(write(self, self->answer_));
        co_return;
    }
    self->reset();
}

Task<void> Relay::read(Self self, Way& way)
{
    while (!self->ended_) {
        while (way.buffered >= most_buffered && !way.reset && !self->ended_) co_await way.less.wait();
        if (self->ended_) co_return;
        boost::system::error_code error;
        const auto size = way.from.read_some(asio::buffer(self->context_.scratch), error);
        if (error == asio::error::would_block) {
            co_await way.from.async_wait(Socket::wait_read, as_result);
        } else if (error == asio::error::eof && !way.reset) {
            way.ended = true;
            way.more.notify();
            co_return;
        } else if (error) {
            co_await reset_after(self, way);
            co_return;
        } else {
            self->take(way, size);
        }
    }
}

// Notices a reset while the reader does not read, since the buffer is full.
Task<void> Relay::watch(Self self, Way& way)
{
    co_await way.from.async_wait(Socket::wait_error, as_result);
    if (self->ended_ || way.buffered < most_buffered) co_return;
    int failure = 0; // none: both sides have ended in good order, and the rest is still to be read
    socklen_t length = sizeof failure;
    ::getsockopt(way.from.native_handle(), SOL_SOCKET, SO_ERROR, &failure, &length);
    if (failure != 0) co_await reset_after(self, way);
}

void Relay::take(Way& way, std::size_t size)
{
    if (way.broken) return;
    const auto now = Clock::now();
    auto due = now;
    if (&way == &answer_) {
        if (asked_) ++answers_;
        asked_ = false;
        due += faults_.answer_delay(now, answers_ - 1);
    }
    way.last_due = std::max(way.last_due, due);
    way.chunks.push_back({.bytes = {context_.scratch.data(), size}, .due = way.last_due});
    way.buffered += size;
    way.more.notify();
}

Task<void> Relay::write(Self self, Way& way)
{
    while (!self->ended_ && !way.done) {
        while (way.chunks.empty() && !way.ended && !self->ended_) co_await way.more.wait();
        if (self->ended_) co_return;
        const auto now = Clock::now();
        const auto resume = self->resume_at(way, now);
        if (resume > now) {
            way.pause.expires_at(resume);
            co_await way.pause.async_wait(as_result);
            continue;
        }
        if (way.chunks.empty()) {
            self->pass_end(way);
            co_return;
        }
        if (way.chunks.front().bytes.empty()) {
            self->reset();
            co_return;
        }
        boost::system::error_code error;
        if (self->write_some(way, error)) continue;
        if (error) {
            self->discard(way);
            co_await reset_after(self, self->opposite(way));
            co_return;
        }
        way.stalled = true;
        way.less.notify();
        co_await way.to.async_wait(Socket::wait_write, as_result);
        way.stalled = false;
    }
}

// When the first chunk may be passed on, or what follows the last one.
TimePoint Relay::resume_at(const Way& way, TimePoint now)
{
    const auto due = way.chunks.empty() ? way.last_due : way.chunks.front().due;
    return std::max(due, faults_.held_until(now).value_or(due));
}

// False: nothing could be written; the socket is full if there is no error.
bool Relay::write_some(Way& way, boost::system::error_code& error)
{
    const auto& bytes = way.chunks.front().bytes;
    const auto rest = asio::buffer(bytes) + way.passed;
    const auto written = way.to.write_some(rest, error);
    if (error == asio::error::would_block) error = {};
    if (written == 0) return false;
    way.passed += written;
    way.buffered -= written;
    if (&way == &request_) asked_ = true;
    if (way.passed == bytes.size()) {
        way.chunks.pop_front();
        way.passed = 0;
    }
    way.less.notify();
    return true;
}

void Relay::discard(Way& way)
{
    way.chunks.clear();
    way.buffered = 0;
    way.broken = true;
    way.less.notify();
}

void Relay::pass_end(Way& way)
{
    boost::system::error_code ignored;
    way.to.shutdown(Socket::shutdown_send, ignored);
    way.done = true;
    if (opposite(way).done) end(false);
}

// The peer of `from` has reset the connection. What it had sent before goes first, also where a fault holds
// it back; but where the other side does not read, it is lost, as it would be without a proxy.
Task<void> Relay::reset_after(Self self, Way& way)
{
    way.reset = true;
    way.chunks.push_back({.bytes = {}, .due = way.last_due});
    way.more.notify();
    way.less.notify();
    while (self->is_writing(way) && !way.stalled) co_await way.less.wait();
    self->reset();
}

bool Relay::is_writing(const Way& way) const { return connected_ && !ended_ && !way.done && !way.broken; }

void Relay::reset() { end(true); }

void Relay::wake()
{
    request_.pause.cancel();
    answer_.pause.cancel();
}

void Relay::end(bool by_reset)
{
    if (ended_) return;
    ended_ = true;
    for (Socket* socket : {&client_, &upstream_}) {
        boost::system::error_code ignored;
        if (by_reset)
            close_with_reset(*socket);
        else
            socket->close(ignored);
    }
    for (Way* way : {&request_, &answer_}) {
        way->more.notify();
        way->less.notify();
        way->pause.cancel();
    }
    context_.ended(faults_.connection());
}

} // namespace wsrace::faults
