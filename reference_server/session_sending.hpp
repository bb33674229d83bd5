// The second half of a session: what it sends, in order and one frame at a time, and how it ends. Part of
// session.hpp.
#pragma once

namespace wsrace::reference {

template <class Stream>
void Session<Stream>::enqueue(Outgoing frame)
{
    if (ended_ && frame.run != 0) {
        app_.routes.send(std::move(frame)); // its route has changed meanwhile
        return;
    }
    if (cut_off_ && frame.run != 0) left_over_.push_back(std::move(frame));
    if (closing_ || ended_) return;
    // Bug: this one failed and is tried again later, the next one may find room before.
    if (app_.options.bugs.has(Bug::retry_reorders) && congested()) return retry_later(std::move(frame));
    const bool full = live_bytes_ > app_.options.send_queue && !frame.recovered;
    queued_bytes_ += frame.text.size();
    if (!frame.recovered) live_bytes_ += frame.text.size();
    outbox_.push_back(std::move(frame));
    if (full) return cut_off();
    if (!writing_) write_next();
}

// The peer does not read what it asked for. It is told to come back; its runs go on, and what is not sent any
// more waits for its next connection.
template <class Stream>
void Session<Stream>::cut_off()
{
    log_warning("session", fmt::format("{} is too slow, cut off", id));
    cut_off_ = true;
    const auto first = outbox_.begin() + (writing_ ? 1 : 0);
    left_over_.assign(std::make_move_iterator(first), std::make_move_iterator(outbox_.end()));
    outbox_.erase(first, outbox_.end());
    begin_close(CloseCode::try_again_later, "too slow");
}

template <class Stream>
void Session<Stream>::retry_later(Outgoing frame)
{
    const auto time = std::max(app_.options.bug_window, shortest_retry);
    const auto timer = std::make_shared<net::steady_timer>(worker_.io, time);
    timer->async_wait([timer, self = shared_self(), moved = std::move(frame)](beast::error_code) mutable {
        self->enqueue(std::move(moved));
    });
}

// Nothing is written to a peer who has left, although the reader has yet to find that out: it would be gone,
// and so it waits for the next connection.
template <class Stream>
void Session<Stream>::write_next()
{
    if (peer_has_left(descriptor)) return;
    writing_ = true;
    if (!app_.options.bugs.has(Bug::slow_consumer_lock)) return write_front();
    // Bug: whoever sends to a user holds the user's lock until the frame is out, however long that takes.
    app_.send_turns.take(identity.user_id, [self = shared_self()] {
        net::dispatch(self->worker_.io, [self] { self->write_front(); });
    });
}

template <class Stream>
void Session<Stream>::write_front()
{
    ws_.text(true);
    ws_.async_write(net::buffer(outbox_.front().text),
                    [self = shared_self()](beast::error_code error, std::size_t) { self->written(error); });
}

template <class Stream>
void Session<Stream>::written(beast::error_code error)
{
    writing_ = false;
    if (app_.options.bugs.has(Bug::slow_consumer_lock)) app_.send_turns.give_back(identity.user_id);
    if (error || ended_) return; // the reader finds out, too, and ends the session
    const auto& sent = outbox_.front();
    queued_bytes_ -= sent.text.size();
    if (!sent.recovered) live_bytes_ -= sent.text.size();
    outbox_.pop_front();
    if (!outbox_.empty()) {
        write_next();
    } else if (closing_) {
        send_close();
    }
}

template <class Stream>
void Session<Stream>::begin_close(CloseCode code, std::string reason)
{
    if (closing_ || ended_) return;
    closing_ = true;
    open = false;
    close_reason_ = websocket::close_reason{static_cast<websocket::close_code>(code), reason};
    close_timer_ = std::make_unique<net::steady_timer>(worker_.io, close_deadline);
    close_timer_->async_wait([self = std::weak_ptr{shared_self()}](beast::error_code error) {
        if (error) return;
        if (const auto session = self.lock()) session->abort();
    });
    if (!writing_) send_close();
}

template <class Stream>
void Session<Stream>::send_close()
{
    ws_.async_close(close_reason_, [self = shared_self()](beast::error_code) {
        self->close_timer_->cancel();
        self->abort();
    });
}

template <class Stream>
void Session<Stream>::end(beast::error_code error)
{
    open = false;
    const bool said_goodbye =
        closing_ || error == websocket::error::closed || error == websocket::error::message_too_big;
    ended_ = true;
    std::vector<Outgoing> unsent{outbox_.begin(), outbox_.end()};
    unsent.insert(unsent.end(), std::make_move_iterator(left_over_.begin()),
                  std::make_move_iterator(left_over_.end()));
    left_over_.clear();
    outbox_.resize(writing_ ? 1 : 0); // a write that is under way still reads from the front
    leave_place(app_);
    const auto departure = said_goodbye && !cut_off_ ? Departure::on_purpose : Departure::lost;
    see_off(app_, worker_, shared_self(), departure, std::move(unsent));
    // Behind the frames that are on their way from other threads to this connection: they take the new way
    // before whoever waits for this answer can.
    for (auto& answered : std::exchange(awaiting_end_, {})) net::post(worker_.io, std::move(answered));
}

} // namespace wsrace::reference
