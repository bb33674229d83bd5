// The layer between a WebSocket and its TCP or TLS stream that writes and reads as the shapes say. Without
// shapes it costs one comparison per read and write.
#pragma once

#include "net/executor.hpp"
#include "net/read_pace.hpp"
#include "net/tcp_socket.ipp"
#include "net/write_shape.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_prefix.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <poll.h>

#include <memory>
#include <utility>

namespace wsrace {

// Its asynchronous operations refer to it: whoever starts one keeps it alive until that has ended.
template <typename Next>
class WireShaper {
public:
    using next_layer_type = Next;
    using executor_type = Executor;

    template <typename... Arguments>
    explicit WireShaper(Arguments&&... arguments) : next_{std::forward<Arguments>(arguments)...}
    {}

    executor_type get_executor() { return next_.get_executor(); }
    Next& next_layer() { return next_; }
    const Next& next_layer() const { return next_; }

    WriteShape& shape_writing(WireWatcher& watcher)
    {
        if (!writing_) writing_ = std::make_unique<WriteShape>(get_executor(), watcher);
        return *writing_;
    }
    WriteShape* write_shape() { return writing_.get(); }

    ReadPace& pace_reading(WireWatcher& watcher)
    {
        if (!reading_) reading_ = std::make_unique<ReadPace>(get_executor(), watcher);
        return *reading_;
    }
    ReadPace* read_pace() { return reading_.get(); }

    template <typename Buffers, typename Handler>
    void async_read_some(const Buffers& buffers, Handler&& handler)
    {
        if (!reading_) return next_.async_read_some(buffers, std::forward<Handler>(handler));
        asio::async_compose<std::decay_t<Handler>, void(boost::system::error_code, std::size_t)>(
            PacedRead<Buffers>{*this, buffers}, handler, next_);
    }

    template <typename Buffers, typename Handler>
    void async_write_some(const Buffers& buffers, Handler&& handler)
    {
        if (!writing_) return next_.async_write_some(buffers, std::forward<Handler>(handler));
        asio::async_compose<std::decay_t<Handler>, void(boost::system::error_code, std::size_t)>(
            ShapedWrite<Buffers>{*this, buffers}, handler, next_);
    }

    // Writes what is held, at once if the socket takes it without waiting. False: nothing is held, or the
    // connection has gone.
    bool release()
    {
        if (!writing_ || !writing_->is_holding()) return false;
        boost::system::error_code error;
        writing_->begin_release();
        if (takes_bytes()) writing_->wrote(next_.write_some(asio::buffer(writing_->held()), error));
        if (error) return false;
        if (writing_->held().empty())
            end_release();
        else
            asio::async_write(next_, asio::buffer(writing_->held()),
                              [this, keep = writing_->watcher().keep_alive()](
                                  const boost::system::error_code& failed, std::size_t) {
                                  if (!failed) end_release();
                              });
        return true;
    }

    // Writes the pongs of its own that are due, and comes back for the others.
    void write_pongs()
    {
        const auto due = writing_->pong_due();
        if (!due) return;
        if (*due > Clock::now()) return write_pongs_at(*due);
        writing_->begin_pong();
        asio::async_write(next_, asio::buffer(writing_->next_piece()),
                          [this, keep = writing_->watcher().keep_alive()](
                              const boost::system::error_code& failed, std::size_t) {
                              writing_->end_pong();
                              if (!failed) write_pongs();
                          });
    }

    // The connection has been cut: nobody waits any more.
    void abandon()
    {
        if (writing_) writing_->abandon();
        if (reading_) reading_->abandon();
    }

private:
    // The read that was under way when reading became slow is not held up.
    template <typename Buffers>
    struct PacedRead {
        WireShaper& stream;
        Buffers buffers;
        bool begun = false;

        template <typename Self>
        void operator()(Self& self, boost::system::error_code error = {}, std::size_t bytes = 0)
        {
            auto& pace = *stream.reading_;
            const auto now = Clock::now();
            if (begun) {
                pace.has_read(bytes, now);
                return self.complete(error, bytes);
            }
            if (pace.is_slow() && pace.next_read() > now) {
                pace.timer().expires_at(pace.next_read());
                return pace.timer().async_wait(std::move(self));
            }
            begun = true;
            const auto most = pace.is_slow() ? pace.piece() : asio::buffer_size(buffers);
            stream.next_.async_read_some(boost::beast::buffers_prefix(most, buffers), std::move(self));
        }
    };

    template <typename Buffers>
    struct ShapedWrite {
        enum class Stage { begin, waited, written, nothing_to_write };

        WireShaper& stream;
        Buffers buffers;
        Stage stage = Stage::begin;

        template <typename Self>
        void operator()(Self& self, boost::system::error_code error = {}, std::size_t bytes = 0)
        {
            auto& shape = *stream.writing_;
            switch (stage) {
            case Stage::begin:
                if (shape.is_blocked()) return wait(self);
                shape.begin(boost::beast::buffers_to_string(buffers));
                if (!shape.next_piece().empty()) break;
                stage = Stage::nothing_to_write;
                return asio::post(stream.get_executor(), std::move(self));
            case Stage::waited: break;
            case Stage::written:
                shape.wrote(bytes);
                if (error || shape.next_piece().empty()) return finish(self, error);
                if (shape.gap() > Clock::duration{}) return pause(self);
                break;
            case Stage::nothing_to_write: return finish(self, {});
            }
            stage = Stage::written;
            shape.tell_piece();
            stream.next_.async_write_some(asio::buffer(shape.next_piece()), std::move(self));
        }

        template <typename Self>
        void wait(Self& self)
        {
            stream.writing_->may_write().async_wait(std::move(self));
        }

        template <typename Self>
        void pause(Self& self)
        {
            auto& shape = *stream.writing_;
            stage = Stage::waited;
            shape.gap_over().expires_after(shape.gap());
            shape.gap_over().async_wait(std::move(self));
        }

        template <typename Self>
        void finish(Self& self, boost::system::error_code error)
        {
            auto& shape = *stream.writing_;
            shape.end(error.failed());
            if (!error && shape.has_given_up()) error = asio::error::operation_aborted;
            if (!error) stream.write_pongs();
            self.complete(error, asio::buffer_size(buffers));
        }
    };

    // A small write into a socket that says so is never blocked.
    bool takes_bytes()
    {
        auto& socket = boost::beast::get_lowest_layer(next_);
        if (!socket.is_open()) return true; // the write will say what is wrong
        pollfd entry{.fd = socket.native_handle(), .events = POLLOUT, .revents = 0};
        return ::poll(&entry, 1, 0) == 1;
    }

    void end_release()
    {
        writing_->end_release();
        write_pongs();
    }

    void write_pongs_at(Clock::time_point due)
    {
        auto& timer = writing_->pong_timer();
        timer.expires_at(due);
        timer.async_wait(
            [this, keep = writing_->watcher().keep_alive()](const boost::system::error_code& cancelled) {
                if (!cancelled) write_pongs();
            });
    }

    Next next_;
    std::unique_ptr<WriteShape> writing_;
    std::unique_ptr<ReadPace> reading_;
};

// Found by Beast by way of argument-dependent lookup.
template <typename Next, typename Handler>
void async_teardown(boost::beast::role_type role, WireShaper<Next>& stream, Handler&& handler)
{
    async_teardown(role, stream.next_layer(), std::forward<Handler>(handler));
}

} // namespace wsrace
