// What a tab does at each step but connecting. Each step records itself and says how it went.
#include "core/behaviour.hpp"
#include "run/message.hpp"
#include "run/rendezvous.hpp"
#include "run/tab.hpp"
#include "run/undisturbed.hpp"
#include "run/user.hpp"

namespace wsrace {

namespace {

// How long the end of a connection may take to be noticed once the harness itself has ended it.
constexpr auto end_notice = std::chrono::seconds{2};
// How long a dropped connection is read on; a server that has not noticed by then sends into the void.
constexpr auto under_way = std::chrono::milliseconds{250};
constexpr int most_turns = 64; // of the loop, until what has come is read

} // namespace

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
    if (step.early) co_return open_ ? Outcome::ok : why_not_open(); // it has left with the upgrade
    if (!open_) {
        record(StepKind::request_sent, why_not_open());
        co_return why_not_open();
    }
    const auto request = make_request(step);
    if (rendezvous_) rendezvous_->asked(step_);
    if (waits_with({.kind = Moment::Kind::step, .action = Action::request, .event = 0})) {
        const auto together = co_await request_together(request.message, request.number, request.thread);
        co_return together;
    }
    // Recorded before it is sent: the answer may be there before the send has returned.
    record(StepKind::request_sent, Outcome::ok, 0, request.number, request.thread);
    Progress::add(context_.progress.requests);
    const auto sent = co_await send(request.message);
    if (sent == Outcome::ok) tell_step(Action::request);
    co_return sent;
}

Tab::EarlyRequest Tab::make_request(const StepSpec& step)
{
    EarlyRequest request;
    request.number = static_cast<std::uint16_t>(book_.canaries().size());
    auto canary = make_canary({context_.run, {user_.planned().id, slot_, request.number}});
    const auto placeholders = placeholders_for(request.number, canary);
    request.message = fill_in(template_of(step), placeholders);
    request.thread = fill_in(step.thread, placeholders);
    book_.add(std::move(canary));
    const auto other = user_.planned().other;
    if (other && step.thread.find("{other_user}") != std::string::npos)
        note(squat_mark, std::to_string(other->value), request.number);
    return request;
}

Task<Outcome> Tab::await_events()
{
    const auto waited = co_await wait_for(Wait::runs, context_.scenario.expectations.deadlines.run);
    record(StepKind::events_awaited, waited);
    if (waited == Outcome::timeout)
        book_.give_up_open(); // what is lost once is not waited for again and again
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
    event.value = static_cast<std::int32_t>(step.ending);
    if (step.ending == Ending::reset) event.set(Flag::reset);
    context_.recorder.append(event);
    if (!open_) co_return why_not_open();
    const auto ended = co_await end_by(step.ending);
    co_return ended;
}

Task<Outcome> Tab::end_by(Ending how)
{
    if (how == Ending::fin) {
        leaving_.push_back({.connection = connection_, .incarnation = incarnation_});
        connection_->leave(under_way);
        tell_drop();
        co_return Outcome::ok;
    }
    if (how == Ending::reset) {
        const auto is_reset = co_await reset_when_read();
        if (!is_reset) co_return why_not_open();
    } else {
        if (how == Ending::silence) silent_.push_back(connection_);
        connection_->cut(how);
    }
    tell_drop();
    auto limit = Duration{end_notice};
    if (how == Ending::half_close) limit += context_.scenario.expectations.deadlines.close;
    const auto waited = co_await wait_for(Wait::end, limit);
    co_return waited;
}

// An attempt that is given up ends in the same way, and is no drop.
void Tab::tell_drop()
{
    const auto& step = context_.plan.journey(user_.planned(), slot_.value)[step_];
    if (step.action == Action::drop) tell_step(Action::drop);
}

// What is thrown away with the connection would be missing, and nobody could tell why.
Task<bool> Tab::reset_when_read()
{
    const auto executor = context_.deadlines.executor();
    for (int turn = 0; turn < most_turns && open_; ++turn) {
        if (reset_if_read()) co_return true;
        co_await asio::post(executor, as_result);
    }
    if (open_) connection_->cut(Ending::reset); // it does not read, on purpose
    co_return open_;
}

// Nothing may come between the look and the cut.
bool Tab::reset_if_read()
{
    const Undisturbed undisturbed;
    if (connection_->unread() > 0) return false;
    connection_->cut(Ending::reset);
    return true;
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

Task<Outcome> Tab::await_event(const StepSpec& step)
{
    awaited_events_ = step.events;
    auto waited = co_await wait_for(Wait::event, context_.scenario.expectations.deadlines.run);
    const auto came = book_.newest_events();
    if (waited == Outcome::ok && came < step.events) waited = Outcome::timeout; // the run has ended before
    record(StepKind::event_awaited, waited, came);
    co_return waited;
}

// The journey goes on at once.
Task<Outcome> Tab::read_slowly(const StepSpec& step)
{
    record(StepKind::reading_stopped, open_ ? Outcome::ok : why_not_open(),
           static_cast<std::int32_t>(step.rate));
    if (!open_) co_return why_not_open();
    connection_->read_slowly(step.rate, Clock::now() + step.lasting);
    co_return Outcome::ok;
}

Task<Outcome> Tab::pong()
{
    record(StepKind::pong_sent, open_ ? Outcome::ok : why_not_open());
    if (!open_) co_return why_not_open();
    const auto connection = connection_;
    const auto sent = co_await connection->send_pong();
    const auto outcome = sent ? Outcome::ok : why_not_open();
    co_return outcome;
}

} // namespace wsrace
