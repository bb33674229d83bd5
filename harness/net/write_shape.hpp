// How a connection writes when it does not simply write: the upgrade byte by byte or in part, a last byte
// that waits for a release, pongs that are late or never come.
#pragma once

#include "net/client_frame.hpp"
#include "net/executor.hpp"
#include "net/wire_watcher.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

struct UpgradeShape {
    Clock::duration gap{};  // between its bytes; zero: all of it in one piece
    bool hold = false;      // its last byte waits for a release
    bool half = false;      // its first half is all that is ever written
    std::string early = {}; // bytes that leave in one piece with its last one
};

// The state of a stream that shapes what it writes; WireShaper acts by it. A write takes bytes, and is over
// when all of them that may be written are on the wire. Used on the worker's thread only.
class WriteShape {
public:
    WriteShape(const Executor& executor, WireWatcher& watcher)
        : watcher_{watcher},
          may_write_{executor, Clock::time_point::max()}, gap_over_{executor}, pong_due_{executor}
    {}

    void shape_upgrade(UpgradeShape shape) { upgrade_ = std::move(shape); }
    void hold_next_message() { hold_next_ = true; } // its last byte waits for a release
    // Pongs are written that much later than they would be; without a value never.
    void delay_pongs(std::optional<Clock::duration> delay);

    // One write at a time, and none while a byte is held: the others wait for `may_write`.
    bool is_blocked() const { return (writing_ || holding_) && !abandoned_; }
    void begin(std::string bytes);       // the whole upgrade, or a piece of a frame
    std::string_view next_piece() const; // to write now; empty: the write is over
    Clock::duration gap() const;         // before that piece
    void tell_piece();                   // it is about to be written
    void wrote(std::size_t bytes) { at_ += bytes; }
    void end(bool failed);
    bool has_given_up() const { return after_ == After::give_up; } // nothing more may be written

    bool is_holding() const { return holding_ && !abandoned_; }
    std::string_view held() const { return std::string_view{out_}.substr(at_); }
    void begin_release(); // it is about to be written
    void end_release();

    void mute() { muted_ = true; } // nothing is written any more, though it looks as if it were
    std::size_t size() const { return out_.size(); }                         // of the write at hand
    bool misses_pongs() const { return withheld_pongs_ || !pongs_.empty(); } // the peer, at the moment

    // Pongs of our own: written between Beast's frames.
    void add_pong(Clock::time_point due, std::string frame);
    std::optional<Clock::time_point> pong_due() const; // nothing: none, or none may be written now
    void begin_pong();                                 // the first; then next_piece(), wrote(), end_pong()
    void end_pong();

    void abandon(); // the connection has been cut: nobody waits any more

    WireTimer& may_write() { return may_write_; }
    WireTimer& gap_over() { return gap_over_; }
    WireTimer& pong_timer() { return pong_due_; }
    WireWatcher& watcher() { return watcher_; }

private:
    struct LatePong {
        Clock::time_point due;
        std::string frame;
    };

    enum class After { go_on, hold, give_up }; // when the write at hand is over

    void begin_upgrade();
    void begin_frame_piece();

    WireWatcher& watcher_;
    std::optional<UpgradeShape> upgrade_; // until it has been written
    FrameTracker frames_;
    std::string out_;
    std::size_t at_ = 0;          // out_[0, at_) is on the wire
    std::size_t stop_ = 0;        // out_[stop_..] is not for this write
    std::size_t one_by_one_ = 0;  // out_[0, one_by_one_) is written byte by byte
    std::vector<LatePong> pongs_; // in the order of their times
    std::optional<Clock::duration> pong_delay_ = Clock::duration{};
    WireTimer may_write_; // never expires: cancelled when a write may begin
    WireTimer gap_over_;
    WireTimer pong_due_;
    After after_ = After::go_on;
    bool hold_next_ = false;    // message
    bool hold_message_ = false; // the one on its way
    bool writing_ = false;
    bool holding_ = false;
    bool muted_ = false;
    bool withheld_pongs_ = false; // for good
    bool abandoned_ = false;
};

} // namespace wsrace
