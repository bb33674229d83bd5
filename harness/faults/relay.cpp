#include "faults/relay.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

namespace wsrace::faults {

namespace {

constexpr std::size_t most_buffered = std::size_t{256} * 1024; // of each way
constexpr int peer_reset = -2;                                 // an act of the relay itself
constexpr std::uint64_t writes_per_second = 100;               // at a bandwidth, at least

Duration time_for(std::size_t bytes, std::uint64_t bandwidth)
{
    using Seconds = std::chrono::duration<double>;
    return std::chrono::duration_cast<Duration>(
        Seconds{static_cast<double>(bytes) / static_cast<double>(bandwidth)});
}

// How much of a chunk is written at once.
std::size_t portion(const Chunk& chunk, std::size_t rest)
{
    if (chunk.slice > 0) rest = std::min<std::size_t>(rest, chunk.slice);
    if (chunk.bandwidth > 0)
        rest = std::min<std::size_t>(rest, std::max<std::uint64_t>(chunk.bandwidth / writes_per_second, 1));
    return rest;
}

} // namespace

Relay::Way::Way(Direction way, Socket& source, Socket& sink)
    : direction{way}, from{source}, to{sink}, more{source.get_executor()}, less{source.get_executor()},
      pause{source.get_executor()}
{}

Relay::Relay(Socket client, std::uint32_t connection, RelayContext& context,
             std::unique_ptr<Conditions> conditions)
    : client_{std::move(client)}, upstream_{client_.get_executor()}, context_{context},
      connection_{connection}, conditions_{std::move(conditions)}, request_{Direction::up, client_,
                                                                            upstream_},
      answer_{Direction::down, upstream_, client_}, next_act_{client_.get_executor()}
{}

// The client is read from the start, so that its end is noticed while a fault still holds it.
void Relay::start()
{
    if (const auto first = conditions_->next_act()) spawn(act_in_time(shared_from_this(), *first));
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

// Not before the conditions let the connection through: while it hangs, the upstream does not hear of it.
Task<void> Relay::connect(Self self)
{
    auto held = self->conditions_->held_until(Direction::up, Clock::now());
    const bool was_held = held.has_value();
    while (held && !self->ended_) {
        self->request_.pause.expires_at(*held);
        co_await self->request_.pause.async_wait(as_result);
        held = self->conditions_->held_until(Direction::up, Clock::now());
    }
    // Who gave up meanwhile is gone, also if that has not been read yet.
    if (was_held && !self->ended_ && was_reset(self->client_)) co_return self->reset();
    for (std::size_t i = 0; i < self->context_.upstream.size(); ++i) {
        if (self->ended_ || self->dropped_) co_return;
        const tcp::endpoint endpoint = self->context_.upstream[i];
        self->upstream_ = open_for(endpoint, self->client_.get_executor());
        const auto [error] = co_await self->upstream_.async_connect(endpoint, as_result);
        if (self->ended_ || (error && self->dropped_)) co_return;
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
        if (self->ended_ || (self->dropped_ && way.done)) co_return;
        boost::system::error_code error;
        const auto size = way.from.read_some(asio::buffer(self->context_.scratch), error);
        if (error == asio::error::would_block) {
            co_await way.from.async_wait(Socket::wait_read, as_result);
        } else if (error && self->dropped_) {
            if (!way.done) self->end(error != asio::error::eof);
            co_return;
        } else if (error && !self->take_end(way)) {
            co_return;
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
    if (self->ended_ || self->dropped_ || way.buffered < most_buffered) co_return;
    int failure = 0; // none: both sides have ended in good order, and the rest is still to be read
    socklen_t length = sizeof failure;
    ::getsockopt(way.from.native_handle(), SOL_SOCKET, SO_ERROR, &failure, &length);
    if (failure == 0 || !self->take_end(way)) co_return;
    co_await reset_after(self, way);
}

void Relay::take(Way& way, std::size_t size)
{
    if (way.broken) return;
    const auto before = way.chunks.size();
    const char* bytes = context_.scratch.data();
    if (conditions_->never_act()) {
        pass_at_once(way, bytes, size);
        if (size == 0) return;
        auto& chunk = way.chunks.emplace_back();
        chunk.bytes.assign(bytes, size);
    } else {
        conditions_->take(way.direction, {bytes, size}, Clock::now(), way.chunks);
    }
    settle(way, before);
}

// What needs not wait for anything does not go through the queue: that saves a turn of the event loop.
void Relay::pass_at_once(Way& way, const char*& bytes, std::size_t& size)
{
    if (!connected_ || !way.chunks.empty() || way.stalled) return;
    boost::system::error_code error;
    const auto written = way.to.write_some(asio::buffer(bytes, size), error);
    bytes += written; // an error comes again when the writer meets it
    size -= written;
}

// Nothing overtakes what came before it.
void Relay::settle(Way& way, std::size_t chunks_before)
{
    for (auto i = chunks_before; i < way.chunks.size(); ++i) {
        auto& chunk = way.chunks[i];
        way.last_due = std::max(way.last_due, chunk.due);
        chunk.due = way.last_due;
        way.buffered += chunk.bytes.size();
    }
    way.more.notify();
}

// The end of `from` has come. False: it is not passed on.
bool Relay::take_end(Way& way)
{
    const auto before = way.chunks.size();
    const auto due = conditions_->take_end(way.direction, Clock::now(), way.chunks);
    settle(way, before);
    if (due) {
        way.last_due = std::max(way.last_due, *due);
        return true;
    }
    way.swallowed = true;
    auto& back = opposite(way);
    if (back.swallowed || back.done) end(true);
    return false;
}

Task<void> Relay::write(Self self, Way& way)
{
    while (!self->ended_ && !way.done) {
        while (way.chunks.empty() && !way.ended && !way.done && !self->ended_) co_await way.more.wait();
        if (self->ended_ || way.done) co_return;
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
        if (way.chunks.front().act != Chunk::no_act) {
            self->reach(way);
            continue;
        }
        boost::system::error_code error;
        if (self->write_some(way, error)) continue;
        if (error) {
            self->discard(way);
            auto& back = self->opposite(way);
            const auto told = !back.swallowed && self->take_end(back);
            if (told) co_await reset_after(self, back);
            continue;
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
    auto due = way.chunks.empty() ? way.last_due : way.chunks.front().due;
    if (!way.chunks.empty() && way.chunks.front().bandwidth > 0) due = std::max(due, way.room_at);
    return std::max(due, conditions_->held_until(way.direction, now).value_or(due));
}

// False: nothing could be written; the socket is full if there is no error.
bool Relay::write_some(Way& way, boost::system::error_code& error)
{
    const auto& chunk = way.chunks.front();
    const auto most = portion(chunk, chunk.bytes.size() - way.passed);
    const auto written = way.to.write_some(asio::buffer(chunk.bytes.data() + way.passed, most), error);
    if (error == asio::error::would_block) error = {};
    if (written == 0) return false;
    if (chunk.bandwidth > 0)
        way.room_at = std::max(way.room_at, Clock::now()) + time_for(written, chunk.bandwidth);
    way.passed += written;
    way.buffered -= written;
    conditions_->passed(way.direction);
    if (way.passed == chunk.bytes.size()) {
        way.chunks.pop_front();
        way.passed = 0;
    }
    way.less.notify();
    return true;
}

void Relay::reach(Way& way)
{
    const auto act = way.chunks.front().act;
    way.chunks.pop_front();
    if (act == peer_reset) return reset();
    perform(conditions_->reached(act, Clock::now()));
}

Task<void> Relay::act_in_time(Self self, TimePoint first)
{
    std::optional<TimePoint> next = first;
    while (next && !self->ended_) {
        self->next_act_.expires_at(*next);
        co_await self->next_act_.async_wait(as_result);
        if (self->ended_) co_return;
        self->perform(self->conditions_->act(Clock::now()));
        next = self->conditions_->next_act();
    }
}

void Relay::perform(Act act)
{
    if (ended_ || dropped_) return;
    if (act == Act::reset) reset();
    if (act == Act::drop_client) drop(request_, answer_);
    if (act == Act::drop_upstream) drop(answer_, request_);
}

// One side goes; what the other one sends is read and thrown away until it ends, too.
void Relay::drop(Way& from_it, Way& to_it)
{
    dropped_ = true;
    discard(from_it);
    from_it.done = true;
    from_it.more.notify();
    from_it.pause.cancel();
    discard(to_it);
    close_with_reset(from_it.from);
    if (to_it.ended || to_it.reset || to_it.swallowed) end(true); // it had ended before
}

void Relay::discard(Way& way)
{
    way.chunks.clear();
    way.buffered = 0;
    way.passed = 0;
    way.broken = true;
    way.less.notify();
}

void Relay::pass_end(Way& way)
{
    boost::system::error_code ignored;
    way.to.shutdown(Socket::shutdown_send, ignored);
    way.done = true;
    const auto& back = opposite(way);
    if (back.done || back.swallowed) end(false);
}

// The peer of `from` has reset the connection. What it had sent before goes first, also where a fault holds
// it back; but where the other side does not read, it is lost, as it would be without a proxy.
Task<void> Relay::reset_after(Self self, Way& way)
{
    way.reset = true;
    auto& last = way.chunks.emplace_back();
    last.due = way.last_due;
    last.act = peer_reset;
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
    next_act_.cancel();
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
    next_act_.cancel();
    context_.ended(connection_);
}

} // namespace wsrace::faults
