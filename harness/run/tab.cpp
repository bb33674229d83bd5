#include "run/tab.hpp"

#include "run/message.hpp"
#include "run/rendezvous.hpp"
#include "run/retry_after.hpp"
#include "run/token.hpp"
#include "run/user.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {

namespace {

// How long the end of a connection may take to be noticed once the harness itself has ended it.
constexpr auto end_notice = std::chrono::seconds{2};
// How long a dropped connection is read on; a server that has not noticed by then sends into the void.
constexpr auto under_way = std::chrono::milliseconds{250};
constexpr int most_turns = 64; // of the loop, until what has come is read

} // namespace

Tab::Tab(WorkerContext& context, User& user, SlotId slot)
    : context_{context}, user_{user}, waker_{context.deadlines}, slot_{slot}
{
    if (const auto* const part = context.meetings.part_of(user.planned().id, slot.value))
        rendezvous_ = std::make_unique<Rendezvous>(context, *part);
}

Tab::~Tab() = default;

ConnectionId Tab::id() const { return {user_.planned().id, slot_, incarnation_}; }

Duration Tab::delay_of(std::size_t step) const
{
    for (const auto& delay : user_.planned().delays)
        if (delay.slot == slot_.value && delay.step == step) return delay.delay;
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
    for (std::size_t step = 0; step < journey.size() && !interrupted_;) {
        due_ = ready + delay_of(step);
        if (due_ > Clock::now()) co_await sleep_until(due_);
        step_ = step;
        if (rendezvous_) co_await meet(journey[step]);
        if (rendezvous_ && interrupted_) break;
        const auto done = co_await perform(journey[step]);
        ready = Clock::now();
        // That a connection is refused which must be, or of several may be, does not spoil a journey.
        const auto foreseen = journey[step].credential != Credential::own && done == Outcome::http_status;
        if (done != Outcome::ok && !foreseen) outcome = done;
        // Awaiting in vain does not end a journey: what comes later is a finding, too.
        const auto go_on = done == Outcome::ok || (done == Outcome::timeout && open_);
        const auto next = go_on ? step + 1 : resume_at(step);
        if (rendezvous_ && !go_on) rendezvous_->skipped(step, next, id());
        step = next;
    }
    if (open_) {
        due_ = ready;
        StepSpec last;
        last.action = Action::close;
        const auto closed = co_await close(last);
        if (outcome == Outcome::ok) outcome = closed;
    }
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
    }
    return pause();
}

// The pause itself was the step's delay.
Task<Outcome> Tab::pause()
{
    record(StepKind::pause, Outcome::ok);
    co_return Outcome::ok;
}

Task<Outcome> Tab::login()
{
    if (user_.login_state() == User::LoginState::none) {
        const auto by = id();
        const auto first = co_await user_.log_in(by, due_);
        if (first == Outcome::ok) tell_step(Action::login);
        co_return first;
    }
    const auto& deadlines = context_.scenario.expectations.deadlines;
    const auto waited = co_await wait_for(Wait::login, deadlines.login + deadlines.retry);
    if (waited != Outcome::ok) co_return waited;
    const auto logged_in = user_.login_state() == User::LoginState::done;
    const auto outcome = logged_in ? Outcome::ok : Outcome::skipped;
    if (logged_in) tell_step(Action::login);
    co_return outcome;
}

Task<Outcome> Tab::connect(const StepSpec& step)
{
    const auto use = step.credential;
    if (use == Credential::shared_ticket) ++shared_tickets_;
    const auto give_up = Clock::now() + context_.scenario.expectations.deadlines.retry;
    for (;;) {
        const auto outcome = co_await connect_once(use);
        const auto again = Clock::now() + std::max(retry_after_.value_or(Duration{}), shortest_retry);
        const auto asked_to = outcome == Outcome::http_status && retry_after_;
        const auto taken_down = outcome != Outcome::ok && (was_down_ || context_.target.is_down(instance_));
        const auto may_repeat = (asked_to || taken_down) && again <= give_up;
        if (!may_repeat || !context_.scenario.retry_refused || interrupted_) co_return outcome;
        due_ = again;
        co_await sleep_until(due_);
        co_await await_instance(give_up);
        if (interrupted_) co_return Outcome::cancelled;
    }
}

// While the harness itself has the target down, nobody knocks again and again.
Task<void> Tab::await_instance(Clock::time_point limit)
{
    const auto& target = context_.target;
    const auto user = user_.planned().id;
    while (target.is_down(target.serving(user)) && !interrupted_ && Clock::now() < limit) {
        due_ = Clock::now() + shortest_retry;
        co_await sleep_until(due_);
    }
}

Task<Outcome> Tab::connect_once(Credential use)
{
    if (attempted_) ++incarnation_;
    attempted_ = true;
    welcomed_ = false;
    close_sent_ = false;
    retry_after_.reset();
    pings_ = pongs_ = 0;
    const auto brought = co_await credential(use);
    if (brought.outcome != Outcome::ok) {
        record(StepKind::login, brought.outcome, brought.status, no_request, brought.error);
        co_return brought.outcome;
    }
    if (interrupted_) co_return Outcome::cancelled;
    instance_ = context_.target.serving(user_.planned().id);
    was_down_ = context_.target.is_down(instance_);
    const auto opening = open_request(brought.token, use);
    connection_ = make_connection(context_.deadlines, *this, context_.target.tls.get());
    begin_lag_ = static_cast<std::int32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - due_).count());
    open_ = true; // an end may be reported before open() returns
    const auto opened = co_await connection_->open(opening);
    if (!opened) {
        open_ = false;
        if (rendezvous_) rendezvous_->abandon();
        connection_.reset();
        co_return open_outcome_;
    }
    Progress::add(context_.progress.connected);
    co_return Outcome::ok;
}

Outcome Tab::why_not_open() const { return interrupted_ ? Outcome::cancelled : Outcome::closed; }

Task<Outcome> Tab::await_welcome()
{
    const auto waited = co_await wait_for(Wait::welcome, context_.scenario.expectations.deadlines.welcome);
    record(StepKind::welcome, waited);
    co_return waited;
}

Task<Outcome> Tab::send(const std::string& message)
{
    if (!open_) co_return why_not_open();
    const auto connection = connection_;
    const auto sent = co_await connection->send(message);
    const auto outcome = sent ? Outcome::ok : why_not_open();
    co_return outcome;
}

const std::string& Tab::template_of(const StepSpec& step) const
{
    const auto& journeys = context_.plan.journeys;
    const auto journey = context_.plan.journey_number(user_.planned(), slot_.value);
    return context_.requests[journey][static_cast<std::size_t>(&step - journeys[journey].data())];
}

Task<Outcome> Tab::request(const StepSpec& step)
{
    if (!open_) {
        record(StepKind::request_sent, why_not_open());
        co_return why_not_open();
    }
    const auto number = static_cast<std::uint16_t>(book_.canaries().size());
    auto canary = make_canary({context_.run, {user_.planned().id, slot_, number}});
    const auto placeholders = placeholders_for(number, canary);
    const auto message = fill_in(template_of(step), placeholders);
    const auto thread = fill_in(step.thread, placeholders);
    book_.add(std::move(canary));
    const auto other = user_.planned().other;
    if (other && step.thread.find("{other_user}") != std::string::npos)
        note(squat_mark, std::to_string(other->value), number);
    if (rendezvous_) rendezvous_->asked(step_);
    if (waits_with({.kind = Moment::Kind::step, .action = Action::request, .event = 0})) {
        const auto together = co_await request_together(message, number, thread);
        co_return together;
    }
    // Recorded before it is sent: the answer may be there before the send has returned.
    record(StepKind::request_sent, Outcome::ok, 0, number, thread);
    Progress::add(context_.progress.requests);
    const auto sent = co_await send(message);
    if (sent == Outcome::ok) tell_step(Action::request);
    co_return sent;
}

Task<Outcome> Tab::await_events()
{
    const auto waited = co_await wait_for(Wait::runs, context_.scenario.expectations.deadlines.run);
    record(StepKind::events_awaited, waited);
    co_return waited;
}

Task<Outcome> Tab::await_first_event()
{
    const auto waited =
        co_await wait_for(Wait::first_event, context_.scenario.expectations.deadlines.first_event);
    co_return waited;
}

Task<Outcome> Tab::ping()
{
    const auto message = ping_message(context_.scenario.profile, pings_);
    record(StepKind::ping_sent, open_ ? Outcome::ok : why_not_open(), pings_);
    ++pings_;
    const auto sent = co_await send(message);
    if (sent != Outcome::ok) co_return sent;
    tell_step(Action::ping);
    const auto waited = co_await wait_for(Wait::pong, context_.scenario.expectations.deadlines.ping);
    record(StepKind::pong_awaited, waited, pings_ - 1);
    co_return waited;
}

Task<Outcome> Tab::stop()
{
    const auto& deadlines = context_.scenario.expectations.deadlines;
    const auto started = co_await wait_for(Wait::first_event, deadlines.first_event);
    if (started != Outcome::ok) co_return started;
    stopping_ = book_.newest_open();
    if (stopping_ < 0) co_return Outcome::ok; // it has ended already: nothing to stop
    const auto message = stop_message(context_.scenario.profile, book_.run_of(stopping_));
    record(StepKind::stop_sent, Outcome::ok, 0, static_cast<std::uint16_t>(stopping_));
    const auto sent = co_await send(message);
    if (sent != Outcome::ok) co_return sent;
    tell_step(Action::stop);
    const auto waited = co_await wait_for(Wait::stopped, deadlines.stop);
    co_return waited;
}

Task<Outcome> Tab::drop(const StepSpec& step)
{
    auto event = context_.recorder.step(StepKind::drop, id(), open_ ? Outcome::ok : why_not_open());
    event.stamp = context_.recorder.since_start(due_).count();
    if (step.reset) event.set(Flag::reset);
    context_.recorder.append(event);
    if (!open_) co_return why_not_open();
    if (!step.reset) {
        leaving_.push_back({.connection = connection_, .incarnation = incarnation_});
        connection_->leave(under_way);
        tell_step(Action::drop);
        co_return Outcome::ok;
    }
    co_await read_what_came();
    if (!open_) co_return why_not_open();
    connection_->cut(true);
    tell_step(Action::drop);
    const auto waited = co_await wait_for(Wait::end, end_notice);
    co_return waited;
}

// What is thrown away with the connection would be missing, and nobody could tell why.
Task<void> Tab::read_what_came()
{
    const auto executor = context_.deadlines.executor();
    for (int turn = 0; turn < most_turns && open_ && connection_->unread() > 0; ++turn)
        co_await asio::post(executor, as_result);
}

Task<Outcome> Tab::close(const StepSpec& step)
{
    record(StepKind::close_sent, open_ ? Outcome::ok : why_not_open(), step.code);
    if (!open_) co_return why_not_open();
    close_sent_ = true;
    const auto connection = connection_;
    tell_step(Action::close); // passed on when the frame has been written
    co_await connection->close(step.code);
    const auto waited = co_await wait_for(Wait::end, end_notice);
    co_return waited;
}

bool Tab::satisfied(Wait what) const
{
    switch (what) {
    case Wait::nothing: return false;
    case Wait::login: return user_.login_state() != User::LoginState::going_on;
    case Wait::ticket: return user_.has_shared_ticket(shared_tickets_ - 1);
    case Wait::welcome: return welcomed_;
    case Wait::runs: return book_.all_ended();
    case Wait::first_event: return book_.newest_started();
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
