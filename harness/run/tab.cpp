#include "run/tab.hpp"

#include "run/rendezvous.hpp"
#include "run/user.hpp"

#include <algorithm>

namespace wsrace {

Tab::Tab(WorkerContext& context, User& user, SlotId slot)
    : context_{context}, user_{user}, waker_{context.deadlines}, slot_{slot}
{
    if (const auto* const part = context.meetings.part_of(user.planned().id, slot.value))
        rendezvous_ = std::make_unique<Rendezvous>(context, *part);
}

Tab::~Tab() = default;

ConnectionId Tab::id() const { return {user_.planned().id, slot_, incarnation_}; }

Duration Tab::delay_of(std::size_t step, PlannedDelay::Point point) const
{
    for (const auto& delay : user_.planned().delays)
        if (delay.slot == slot_.value && delay.step == step && delay.point == point) return delay.delay;
    return {};
}

// Where a journey goes on after a step that could not be done: at its next connect, or at its end. Nothing
// goes on without a login.
std::size_t Tab::resume_at(std::size_t step) const
{
    const auto& journey = context_.plan.journey(user_.planned(), slot_.value);
    if (journey[step].action == Action::login) return journey.size();
    const auto begin = journey.begin() + static_cast<std::ptrdiff_t>(step) + 1;
    const auto found =
        std::find_if(begin, journey.end(), [](const auto& s) { return s.action == Action::connect; });
    return static_cast<std::size_t>(found - journey.begin());
}

Task<void> Tab::walk()
{
    const auto& journey = context_.plan.journey(user_.planned(), slot_.value);
    note_behaviour();
    auto outcome = Outcome::ok;
    auto ready = context_.anchor + user_.planned().arrival;
    while (step_ < journey.size() && !interrupted_) {
        due_ = ready + delay_of(step_);
        if (due_ > Clock::now()) co_await sleep_until(due_);
        if (rendezvous_) co_await meet(journey[step_]);
        if (rendezvous_ && interrupted_) break;
        const auto done = co_await perform(journey[step_]);
        ready = Clock::now();
        // That a connection is refused which must be, or of several may be, does not spoil a journey.
        const auto foreseen = journey[step_].credential != Credential::own && done == Outcome::http_status;
        if (done != Outcome::ok && !foreseen) outcome = done;
        // Awaiting in vain does not end a journey: what comes later is a finding, too.
        const auto go_on = done == Outcome::ok || (done == Outcome::timeout && open_);
        const auto next = go_on ? step_ + 1 : resume_at(step_);
        if (rendezvous_ && !go_on) rendezvous_->skipped(step_, next, id());
        step_ = next;
    }
    if (open_) {
        due_ = ready + delay_of(journey.size());
        if (due_ > Clock::now()) co_await sleep_until(due_);
        StepSpec last;
        last.action = Action::close;
        const auto closed = co_await close(last);
        if (outcome == Outcome::ok) outcome = closed;
    }
    silent_.clear();
    for (const auto& one : leaving_) one.connection->forget();
    leaving_.clear();
    if (interrupted_) outcome = Outcome::cancelled;
    if (rendezvous_) rendezvous_->skipped(0, journey.size(), id());
    record(StepKind::journey_done, outcome);
    Progress::add(context_.progress.done);
    if (outcome != Outcome::ok) Progress::add(context_.progress.given_up);
}

Task<Outcome> Tab::perform(const StepSpec& step)
{
    switch (step.action) {
    case Action::login: return login();
    case Action::connect: return connect(step);
    case Action::await_welcome: return await_welcome();
    case Action::request: return request(step);
    case Action::await_events: return await_events();
    case Action::await_first_event: return await_first_event();
    case Action::ping: return ping();
    case Action::pause: break;
    case Action::stop: return stop();
    case Action::drop: return drop(step);
    case Action::close: return close(step);
    case Action::await_event: return await_event(step);
    case Action::stop_reading:
    case Action::read_slowly: return read_slowly(step);
    case Action::pong: return pong();
    }
    return pause();
}

Outcome Tab::why_not_open() const { return interrupted_ ? Outcome::cancelled : Outcome::closed; }

bool Tab::satisfied(Wait what) const
{
    switch (what) {
    case Wait::nothing: return false;
    case Wait::login: return user_.login_state() != User::LoginState::going_on;
    case Wait::ticket: return user_.has_shared_ticket(shared_tickets_ - 1);
    case Wait::welcome: return welcomed_;
    case Wait::runs: return book_.all_ended();
    case Wait::first_event: return book_.newest_started();
    case Wait::event: return book_.newest_events() >= awaited_events_ || book_.all_ended();
    case Wait::pong: return pongs_ >= pings_;
    case Wait::stopped: return book_.ended(stopping_);
    case Wait::end: return !open_;
    }
    return false;
}

Task<Outcome> Tab::wait_for(Wait what, Duration limit)
{
    const auto deadline = Clock::now() + limit;
    const auto needs_connection = what != Wait::login && what != Wait::ticket && what != Wait::end;
    waiting_for_ = what;
    auto in_time = true;
    while (in_time && !satisfied(what) && !interrupted_ && (open_ || !needs_connection))
        in_time = co_await waker_.wait(deadline);
    waiting_for_ = Wait::nothing;
    if (satisfied(what)) co_return Outcome::ok;
    if (interrupted_ || !open_) co_return why_not_open();
    Progress::add(context_.progress.awaited_in_vain);
    co_return Outcome::timeout;
}

// Only an interruption cuts it short.
Task<void> Tab::sleep_until(Clock::time_point at)
{
    waiting_for_ = Wait::nothing;
    auto in_time = true;
    while (in_time && !interrupted_) in_time = co_await waker_.wait(at);
}

void Tab::wake()
{
    if (waiting_for_ != Wait::nothing) waker_.notify();
}

void Tab::interrupt()
{
    interrupted_ = true;
    if (rendezvous_) rendezvous_->abandon();
    if (connection_) connection_->cut(false);
    waker_.notify();
}

} // namespace wsrace
