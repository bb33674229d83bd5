#include "net/write_shape.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <utility>

namespace wsrace {

void WriteShape::delay_pongs(std::optional<Clock::duration> delay) { pong_delay_ = delay; }

void WriteShape::begin(std::string bytes)
{
    BOOST_ASSERT(!writing_ || abandoned_);
    writing_ = true;
    out_ = std::move(bytes);
    at_ = one_by_one_ = 0;
    stop_ = out_.size();
    after_ = After::go_on;
    if (upgrade_)
        begin_upgrade();
    else
        begin_frame_piece();
}

void WriteShape::begin_upgrade()
{
    const auto size = out_.size();
    if (upgrade_->gap > Clock::duration{}) one_by_one_ = size;
    watcher_.on_wire(WirePoint::upgrade_begins);
    out_ += upgrade_->early;
    stop_ = upgrade_->half ? size / 2 : upgrade_->hold ? size - 1 : out_.size();
    after_ = upgrade_->half ? After::give_up : upgrade_->hold ? After::hold : After::go_on;
}

void WriteShape::begin_frame_piece()
{
    const auto is_late = frames_.begins(Opcode::pong, out_) && pong_delay_ != Clock::duration{};
    if (is_late && pong_delay_) add_pong(Clock::now() + *pong_delay_, out_);
    if (is_late && !pong_delay_) withheld_pongs_ = true;
    if (is_late || muted_) {
        out_.clear();
        stop_ = 0;
        return;
    }
    if (hold_next_ && frames_.begins(Opcode::text, out_)) {
        hold_next_ = false;
        hold_message_ = true;
    }
    frames_.pass(out_);
    if (!hold_message_ || !frames_.at_start()) return; // a long message comes in several pieces
    after_ = After::hold;
    --stop_;
}

std::string_view WriteShape::next_piece() const
{
    const auto rest = std::string_view{out_}.substr(at_, stop_ - at_);
    // Whatever follows the upgrade leaves with its last byte.
    return at_ + 1 < one_by_one_ ? rest.substr(0, 1) : rest;
}

Clock::duration WriteShape::gap() const
{
    return at_ > 0 && at_ < one_by_one_ && upgrade_ ? upgrade_->gap : Clock::duration{};
}

void WriteShape::tell_piece()
{
    if (upgrade_ && at_ + next_piece().size() == out_.size()) watcher_.on_wire(WirePoint::upgrade_ends);
}

void WriteShape::end(bool failed)
{
    writing_ = false;
    if (failed) return;
    switch (after_) {
    case After::give_up: watcher_.on_wire(WirePoint::half_written); break;
    case After::hold:
        holding_ = true;
        watcher_.on_wire(WirePoint::held);
        break;
    case After::go_on:
        if (!upgrade_) break;
        upgrade_.reset();
        watcher_.on_wire(WirePoint::upgrade_written);
        break;
    }
    if (!is_blocked()) may_write_.cancel();
}

void WriteShape::begin_release()
{
    holding_ = hold_message_ = false;
    upgrade_.reset();
    writing_ = true;
}

void WriteShape::end_release()
{
    writing_ = false;
    may_write_.cancel();
}

void WriteShape::add_pong(Clock::time_point due, std::string frame)
{
    const auto later = [](Clock::time_point at, const LatePong& pong) { return at < pong.due; };
    const auto place = std::upper_bound(pongs_.begin(), pongs_.end(), due, later);
    pongs_.insert(place, {due, std::move(frame)});
}

std::optional<Clock::time_point> WriteShape::pong_due() const
{
    const auto may_write_one = !is_blocked() && !abandoned_ && !muted_ && !upgrade_ && frames_.at_start();
    if (!may_write_one || pongs_.empty()) return std::nullopt;
    return pongs_.front().due;
}

void WriteShape::begin_pong()
{
    writing_ = true;
    out_ = std::move(pongs_.front().frame);
    pongs_.erase(pongs_.begin());
    at_ = one_by_one_ = 0;
    stop_ = out_.size();
}

void WriteShape::end_pong() { end_release(); }

void WriteShape::abandon()
{
    abandoned_ = true;
    pongs_.clear();
    may_write_.cancel();
    gap_over_.cancel();
    pong_due_.cancel();
}

} // namespace wsrace
