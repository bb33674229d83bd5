#include "run/rendezvous.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace wsrace {

namespace {

// Whoever waits is woken by what it waits for, or by that one's limit.
constexpr auto for_good = std::chrono::hours{24};

std::string text_of(const PlannedMoment& place)
{
    return fmt::format("{} of {}", to_string(place.moment),
                       to_string(ConnectionId{place.user, SlotId{place.slot}, 0}));
}

std::int32_t micros(Duration duration)
{
    const auto count = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    return static_cast<std::int32_t>(std::min<std::int64_t>(count, std::numeric_limits<std::int32_t>::max()));
}

} // namespace

Rendezvous::Rendezvous(WorkerContext& context, const Meetings::Part& part)
    : context_{context}, part_{part}, waker_{context.deadlines}
{}

Rendezvous::~Rendezvous()
{
    context_.deadlines.disarm(*this);
    stop_listening();
}

bool Rendezvous::waits_at(std::size_t step, const Moment& moment) const
{
    const auto is_here = [&](const auto& entry) { return entry.step == step && entry.moment == moment; };
    return std::any_of(part_.gates.begin(), part_.gates.end(), is_here) ||
           std::any_of(part_.bounds.begin(), part_.bounds.end(), is_here);
}

Task<bool> Rendezvous::pass(std::size_t step, Moment moment, ConnectionId who)
{
    if (!waits_at(step, moment)) co_return false;
    begin(step, moment, who);
    const auto passed = co_await released();
    co_return passed;
}

void Rendezvous::hold(std::size_t step, const Moment& moment, ConnectionId who,
                      std::shared_ptr<Connection> connection)
{
    held_ = std::move(connection);
    begin(step, moment, who);
}

// Without bytes to release, the step is done when the journey goes on.
Task<bool> Rendezvous::released()
{
    while (state_ != State::gone && state_ != State::idle) co_await waker_.wait(Clock::now() + for_good);
    const auto was_let_go = state_ == State::gone;
    if (was_let_go && done_ == Clock::time_point{}) {
        done_ = Clock::now();
        record();
    }
    state_ = State::idle;
    co_return was_let_go && !is_lost_;
}

// Each wait is gone through once, whatever becomes of it. Nothing is released before the caller has returned:
// it is in the middle of writing.
void Rendezvous::begin(std::size_t step, const Moment& moment, ConnectionId who)
{
    const auto is_here = [&](const auto& entry) { return entry.step == step && entry.moment == moment; };
    who_ = who;
    done_ = {};
    in_time_ = true;
    late_ = false;
    is_lost_ = false;
    gate_ = nullptr;
    constraints_.clear();
    for (const auto& bound : part_.bounds)
        if (is_here(bound)) constraints_.push_back(bound.constraint);
    for (const auto& gated : part_.gates)
        if (is_here(gated)) gate_ = gated.gate;
    std::erase_if(part_.bounds, is_here);
    std::erase_if(part_.gates, is_here);
    if (gate_ != nullptr) return come_to_gate(*gate_);
    limit_ = Clock::time_point::max();
    for (const auto number : constraints_) {
        context_.meetings.board().listen(number, this);
        limit_ = std::min(limit_, Clock::now() + context_.plan.constraints[number].within);
    }
    state_ = State::for_others;
    look_at_board();
}

void Rendezvous::come_to_gate(Gate& gate)
{
    state_ = State::at_gate;
    if (gate.arrive(*this, context_.worker)) return;
    late_ = true;
    due_ = gate.opened();
    state_ = State::until_due;
    context_.deadlines.arm(*this, due_);
}

// With several constraints the step is due when the last of them is.
void Rendezvous::look_at_board()
{
    auto due = Clock::time_point{};
    auto all_known = true;
    for (const auto number : constraints_) {
        const auto state = context_.meetings.board().awaited_by(number);
        all_known = all_known && state.known;
        if (state.at) due = std::max(due, *state.at + context_.plan.constraints[number].gap);
    }
    if (all_known) {
        state_ = State::until_due;
        due_ = due;
    }
    context_.deadlines.arm(*this, all_known ? due : limit_);
}

// A gap of nothing: no timer stands between.
void Rendezvous::told()
{
    if (state_ != State::for_others) return;
    look_at_board();
    if (state_ == State::until_due && due_ <= Clock::now()) on_deadline();
}

void Rendezvous::on_deadline()
{
    context_.deadlines.disarm(*this);
    if (state_ == State::for_others) {
        in_time_ = false;
        due_ = {};
    }
    go(due_);
    gone();
}

void Rendezvous::go(Clock::time_point opened)
{
    due_ = opened;
    state_ = State::let_go;
    if (!held_) return;
    is_lost_ = !held_->release();
    done_ = Clock::now();
}

void Rendezvous::gone()
{
    stop_listening();
    state_ = State::gone;
    if (held_) record();
    held_.reset();
    waker_.notify();
}

void Rendezvous::abandon()
{
    if (state_ == State::idle || state_ == State::gone) return;
    context_.deadlines.disarm(*this);
    stop_listening();
    if (gate_ != nullptr) record_gate(*gate_, GateStep::left);
    if (Gate::Seat::is_linked()) Gate::Seat::unlink();
    held_.reset();
    state_ = State::idle;
    waker_.notify();
}

void Rendezvous::stop_listening()
{
    for (const auto number : constraints_) context_.meetings.board().listen(number, nullptr);
}

void Rendezvous::record()
{
    if (gate_ != nullptr) {
        const auto on_time = late_ ? GateStep::late : GateStep::released;
        return record_gate(*gate_, is_lost_ ? GateStep::left : on_time);
    }
    for (const auto number : constraints_) record_constraint(number);
}

void Rendezvous::record_gate(const Gate& gate, GateStep step)
{
    const auto at = step == GateStep::left ? Clock::now() : done_;
    auto event = gate.event(context_.recorder, step, who_, at);
    if (step == GateStep::released) event.stamp = context_.recorder.since_start(due_).count();
    context_.recorder.append(event);
}

void Rendezvous::record_constraint(std::uint32_t number)
{
    const auto& planned = context_.plan.constraints[number];
    auto& recorder = context_.recorder;
    auto event = recorder.event(EventKind::constraint, who_, done_);
    const auto state = context_.meetings.board().awaited_by(number);
    if (is_lost_)
        event.outcome = Outcome::cancelled;
    else if (!in_time_)
        event.outcome = Outcome::timeout;
    else if (!state.at)
        event.outcome = Outcome::skipped;
    else
        event.stamp = recorder.since_start(due_).count();
    event.request = planned.number;
    event.value = micros(planned.gap);
    event.item = recorder.intern(text_of(planned.after));
    recorder.append(event);
}

void Rendezvous::did(std::size_t step, Action action, Clock::time_point at)
{
    for (const auto& watched : part_.watched)
        if (watched.step == step && watched.moment.kind == Moment::Kind::step &&
            watched.moment.action == action)
            post_after_this(watched.watch, at);
}

void Rendezvous::connection_got(Moment::Kind kind, Clock::time_point at)
{
    for (const auto& watched : part_.watched)
        if (watched.step == connect_step_ && watched.moment.kind == kind &&
            watched.moment.action == Action::connect)
            post_after_this(watched.watch, at);
}

void Rendezvous::run_event(std::size_t request, bool is_terminal, Clock::time_point at)
{
    if (request >= requests_.size()) return;
    auto& asked = requests_[request];
    ++asked.events;
    for (const auto& watched : part_.watched) {
        if (watched.step != asked.step) continue;
        const auto kind = watched.moment.kind;
        if ((kind == Moment::Kind::event && watched.moment.event == asked.events) ||
            (kind == Moment::Kind::completed && is_terminal))
            context_.meetings.board().post(watched.watch, at);
    }
}

// Some steps are noted just before they are done; whoever waits for them is told when this turn of the worker
// is over, and they are.
void Rendezvous::post_after_this(std::uint32_t watch, Clock::time_point at)
{
    asio::post(context_.deadlines.executor(),
               [&board = context_.meetings.board(), watch, at] { board.post(watch, at); });
}

void Rendezvous::skipped(std::size_t step, std::size_t next, ConnectionId who)
{
    const auto is_skipped = [&](const auto& entry) { return entry.step >= step && entry.step < next; };
    for (const auto& gated : part_.gates) {
        if (!is_skipped(gated)) continue;
        context_.recorder.append(gated.gate->event(context_.recorder, GateStep::left, who, Clock::now()));
        gated.gate->leave(context_.worker);
    }
    std::erase_if(part_.gates, is_skipped);
    std::erase_if(part_.bounds, is_skipped);
    // Behind whatever was posted in this turn: the first word counts.
    for (const auto& watched : part_.watched)
        if (is_skipped(watched))
            asio::post(context_.deadlines.executor(), [&board = context_.meetings.board(),
                                                       watch = watched.watch] { board.post_never(watch); });
}

} // namespace wsrace
