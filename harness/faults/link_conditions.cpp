#include "faults/link_conditions.hpp"

#include "core/draw.hpp"

#include <boost/random/uniform_real_distribution.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace wsrace::faults {

using TriggerKind = LinkFault::Trigger::Kind;

namespace {

constexpr std::size_t most_held = std::size_t{16} * 1024; // of a handshake that is not one

TimePoint after(TimePoint start, Duration offset)
{
    return offset > TimePoint::max() - start ? TimePoint::max() : start + offset;
}

bool goes(const LinkFault& fault, Direction way)
{
    using To = LinkFault::Direction;
    return fault.direction == To::both || (fault.direction == To::up) == (way == Direction::up);
}

bool is_drawn(double share, std::uint64_t seed, std::string_view purpose, std::size_t fault,
              std::uint64_t key)
{
    if (share >= 1) return true;
    auto random = random_stream(seed, purpose, fault, key);
    return boost::random::uniform_real_distribution<double>{0.0, 1.0}(random) < share;
}

} // namespace

LinkConditions::LinkConditions(const LinkSchedule& schedule, const LinkConnection& connection,
                               TimePoint accepted)
    : schedule_{schedule}, connection_{connection}, accepted_{accepted}, states_(schedule.faults.size())
{
    bool reads = false; // what passes, rather than bytes
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const auto& fault = schedule.faults[i];
        states_[i].concerns = concerns(i);
        if (!states_[i].concerns) continue;
        ++concerned_;
        reads = reads || fault.jitter || fault.needs_plain_text();
        corrupts_ = corrupts_ || !fault.corrupt_header.empty();
    }
    if (!reads || !schedule.plain_text)
        for (auto& one : sides_) one.phase = Phase::opaque;
}

bool LinkConditions::concerns(std::size_t number) const
{
    const auto& fault = schedule_.faults[number];
    if (connection_.number < fault.first_connection || connection_.number > fault.last_connection)
        return false;
    if (fault.needs_plain_text() && !schedule_.plain_text) return false;
    const auto& wanted = fault.trigger.user;
    if (wanted && (!connection_.user || connection_.user->value != *wanted)) return false;
    const auto user = connection_.user ? connection_.user->value : 0;
    return is_drawn(fault.user_share, schedule_.seed, "link user", number, user) &&
           is_drawn(fault.connection_share, schedule_.seed, "link connection", number, key());
}

std::uint64_t LinkConditions::key() const
{
    if (!connection_.user) return connection_.number;
    return std::uint64_t{connection_.user->value} << 32U | std::uint64_t{connection_.slot.value} << 16U |
           connection_.opened;
}

TimePoint LinkConditions::begin_of(const LinkFault& fault) const
{
    return after(fault.since == LinkFault::Since::start ? schedule_.start : accepted_, fault.from);
}

TimePoint LinkConditions::end_of(const LinkFault& fault) const
{
    return after(fault.since == LinkFault::Since::start ? schedule_.start : accepted_, fault.until);
}

bool LinkConditions::acts(std::size_t number, Direction way, TimePoint now) const
{
    const auto& fault = schedule_.faults[number];
    const auto& state = states_[number];
    if (!state.concerns || !goes(fault, way)) return false;
    switch (fault.trigger.kind) {
    case TriggerKind::none: break;
    case TriggerKind::while_upgrade: return upgrade_begun_ && !upgrade_over_;
    case TriggerKind::after_event:
    case TriggerKind::on_type: return state.begun && now < after(*state.begun, fault.lasting);
    }
    return begin_of(fault) <= now && now < end_of(fault);
}

void LinkConditions::note(std::size_t fault, TimePoint at)
{
    if (states_[fault].noted) return;
    states_[fault].noted = true;
    if (schedule_.note) schedule_.note({.connection = connection_, .fault = fault, .at = at});
}

std::optional<TimePoint> LinkConditions::held_until(Direction way, TimePoint now)
{
    std::optional<TimePoint> until;
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const auto& fault = schedule_.faults[i];
        if (!states_[i].concerns || fault.stall == Duration{} || !goes(fault, way)) continue;
        const auto triggered = fault.trigger.kind != TriggerKind::none;
        const auto begin = begin_of(fault);
        const auto end = triggered ? states_[i].passes.value_or(now) : after(begin, fault.stall);
        if (end <= now || (!triggered && now < begin)) continue;
        note(i, now);
        until = std::max(until.value_or(end), end);
    }
    return until;
}

void LinkConditions::take(Direction way, std::string_view bytes, TimePoint now, std::deque<Chunk>& chunks)
{
    const Output out{.chunks = chunks, .before = chunks.size(), .now = now};
    while (!bytes.empty()) {
        auto taken = bytes.size();
        switch (side(way).phase) {
        case Phase::handshake: taken = take_head(way, bytes, out); break;
        case Phase::frames: taken = take_frames(way, bytes, out); break;
        case Phase::opaque:
            begin_piece(way, now);
            pass(way, bytes, out);
            break;
        }
        bytes.remove_prefix(taken);
    }
}

std::size_t LinkConditions::take_head(Direction way, std::string_view bytes, const Output& out)
{
    auto& one = side(way);
    if (!one.head.begun()) {
        if (way == Direction::up) begin_upgrade(out);
        begin_piece(way, out.now);
    }
    const auto taken = one.head.follow(bytes);
    if (corrupts_)
        one.held += bytes.substr(0, taken);
    else
        pass(way, bytes.substr(0, taken), out);
    if (one.held.size() > most_held) release(way, out);
    if (one.head.complete()) finish_head(way, out);
    return taken;
}

void LinkConditions::finish_head(Direction way, const Output& out)
{
    auto& one = side(way);
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const auto& header = schedule_.faults[i].corrupt_header;
        if (header.empty() || !acts(i, way, out.now)) continue;
        const auto seed = derive_seed(schedule_.seed, "link header", i, key());
        if (corrupt_header(one.held, header, seed)) note(i, out.now);
    }
    release(way, out);
    one.phase = Phase::frames; // early data comes right behind the upgrade
    if (way == Direction::up) return;
    upgrade_over_ = true;
    if (one.head.switches()) return;
    release(Direction::up, out);
    for (auto& both : sides_) both.phase = Phase::opaque;
}

void LinkConditions::begin_upgrade(const Output& out)
{
    upgrade_begun_ = true;
    for (std::size_t i = 0; i < states_.size(); ++i)
        if (states_[i].concerns && schedule_.faults[i].trigger.kind == TriggerKind::while_upgrade)
            trigger(i, out);
}

std::size_t LinkConditions::take_frames(Direction way, std::string_view bytes, const Output& out)
{
    using Happening = FrameFollower::Happening;
    auto& one = side(way);
    std::size_t all = 0;
    for (;;) {
        if (one.frames.between_frames() && all < bytes.size()) begin_piece(way, out.now);
        std::size_t taken = 0;
        const auto happening = one.frames.follow(bytes.substr(all), taken);
        const auto part = bytes.substr(all, taken);
        all += taken;
        if (way == Direction::down && !one.told && awaits_type())
            one.held += part;
        else
            pass(way, part, out);
        if (happening == Happening::beginning && way == Direction::down) message_told(out);
        if (happening != Happening::none || one.held.size() > 2 * FrameFollower::longest_beginning)
            release(way, out);
        if (happening == Happening::message_ended && way == Direction::down) message_ended(out);
        if (happening == Happening::lost) one.phase = Phase::opaque;
        if (happening == Happening::none || happening == Happening::lost) return all;
    }
}

// What a message is has become known, before any of it is passed on.
void LinkConditions::message_told(const Output& out)
{
    auto& one = side(Direction::down);
    one.type = schedule_.scan.type_of(one.frames.beginning());
    one.told = true;
    auto begun = false;
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const auto& begins = schedule_.faults[i].trigger;
        if (!states_[i].concerns || begins.kind != TriggerKind::on_type || begins.type != one.type) continue;
        if (++states_[i].seen != begins.number) continue;
        trigger(i, out);
        begun = true;
    }
    if (!begun) return;
    --one.pieces; // the same piece again, with what has just begun
    begin_piece(Direction::down, out.now);
}

void LinkConditions::message_ended(const Output& out)
{
    auto& one = side(Direction::down);
    const auto was_event = is_run_event(one.type);
    one.type = FrameType::unknown;
    one.told = false;
    if (!was_event) return;
    ++events_;
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const auto& begins = schedule_.faults[i].trigger;
        if (states_[i].concerns && begins.kind == TriggerKind::after_event && begins.number == events_)
            trigger(i, out);
    }
}

// A frame is held back until it is told only while a fault may begin with it.
bool LinkConditions::awaits_type() const
{
    for (std::size_t i = 0; i < states_.size(); ++i)
        if (states_[i].concerns && schedule_.faults[i].trigger.kind == TriggerKind::on_type &&
            !states_[i].begun)
            return true;
    return false;
}

void LinkConditions::trigger(std::size_t number, const Output& out)
{
    const auto& fault = schedule_.faults[number];
    states_[number].begun = out.now;
    const auto has_place = is_once(fault) || fault.stall > Duration{};
    if (!has_place) {
        if (fault.corrupt_header.empty()) note(number, out.now);
        return;
    }
    auto& place = out.chunks.emplace_back();
    place.due = out.now;
    place.act = static_cast<int>(number);
}

void LinkConditions::begin_piece(Direction way, TimePoint now)
{
    auto& one = side(way);
    one.delay = {};
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const auto& fault = schedule_.faults[i];
        if ((fault.latency == Duration{} && !fault.jitter) || !acts(i, way, now)) continue;
        note(i, now);
        one.delay += fault.latency;
        if (!fault.jitter) continue;
        const auto purpose = fmt::format("link jitter {} {}", i, static_cast<int>(way));
        auto random = random_stream(schedule_.seed, purpose, key(), one.pieces);
        one.delay += draw(*fault.jitter, random);
    }
    ++one.pieces;
}

bool LinkConditions::swallows(Direction way, TimePoint now)
{
    for (std::size_t i = 0; i < states_.size(); ++i) {
        if (!schedule_.faults[i].black_hole || !acts(i, way, now)) continue;
        note(i, now);
        return true;
    }
    return false;
}

void LinkConditions::pass(Direction way, std::string_view bytes, const Output& out)
{
    if (bytes.empty() || swallows(way, out.now)) return;
    Chunk chunk;
    chunk.due = out.now + side(way).delay;
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const auto& fault = schedule_.faults[i];
        if ((fault.slice == 0 && fault.bandwidth == 0) || !acts(i, way, out.now)) continue;
        note(i, out.now);
        if (fault.slice > 0)
            chunk.slice = chunk.slice == 0 ? fault.slice : std::min(chunk.slice, fault.slice);
        if (fault.bandwidth > 0)
            chunk.bandwidth =
                chunk.bandwidth == 0 ? fault.bandwidth : std::min(chunk.bandwidth, fault.bandwidth);
    }
    if (out.chunks.size() > out.before) {
        auto& last = out.chunks.back();
        if (last.act == Chunk::no_act && last.due == chunk.due && last.slice == chunk.slice &&
            last.bandwidth == chunk.bandwidth) {
            last.bytes += bytes;
            return;
        }
    }
    chunk.bytes = bytes;
    out.chunks.push_back(std::move(chunk));
}

void LinkConditions::release(Direction way, const Output& out)
{
    auto& one = side(way);
    pass(way, one.held, out);
    one.held.clear();
}

std::optional<TimePoint> LinkConditions::take_end(Direction way, TimePoint now, std::deque<Chunk>& chunks)
{
    release(way, {.chunks = chunks, .before = chunks.size(), .now = now});
    if (swallows(way, now)) return std::nullopt;
    auto due = now;
    for (std::size_t i = 0; i < states_.size(); ++i) {
        if (schedule_.faults[i].slow_close == Duration{} || !acts(i, way, now)) continue;
        note(i, now);
        due += schedule_.faults[i].slow_close;
    }
    return due;
}

Act LinkConditions::reached(int act, TimePoint now)
{
    const auto number = static_cast<std::size_t>(act);
    const auto& fault = schedule_.faults[number];
    note(number, now);
    if (fault.stall > Duration{}) states_[number].passes = now + fault.stall;
    if (fault.reset) return Act::reset;
    if (fault.half_open == LinkFault::Side::neither) return Act::nothing;
    return fault.half_open == LinkFault::Side::client ? Act::drop_client : Act::drop_upstream;
}

// Connections that are lost at a time. One that comes when that time since the start is over is spared.
std::optional<TimePoint> LinkConditions::next_act()
{
    std::optional<TimePoint> next;
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const auto& fault = schedule_.faults[i];
        if (!states_[i].concerns || states_[i].noted || !is_once(fault) ||
            fault.trigger.kind != TriggerKind::none)
            continue;
        const auto at = begin_of(fault);
        if (at > accepted_ || fault.since == LinkFault::Since::connection)
            next = std::min(next.value_or(at), at);
    }
    return next;
}

Act LinkConditions::act(TimePoint now)
{
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const auto& fault = schedule_.faults[i];
        if (!states_[i].concerns || states_[i].noted || !is_once(fault) ||
            fault.trigger.kind != TriggerKind::none)
            continue;
        const auto at = begin_of(fault);
        const auto spared = fault.since == LinkFault::Since::start && at <= accepted_;
        if (!spared && at <= now) return reached(static_cast<int>(i), now);
    }
    return Act::nothing;
}

} // namespace wsrace::faults
