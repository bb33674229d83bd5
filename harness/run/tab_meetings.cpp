// A tab's part in starting gates and constraints: where it waits for others, and what it tells them.
#include "run/rendezvous.hpp"
#include "run/tab.hpp"
#include "run/user.hpp"

namespace wsrace {

namespace {

constexpr Moment request_moment{.kind = Moment::Kind::step, .action = Action::request, .event = 0};
constexpr Moment upgrade_moment{.kind = Moment::Kind::upgrade_sent, .action = Action::connect, .event = 0};

} // namespace

// Before a step is done. What is held by its last byte waits later, when the rest is on the wire.
Task<void> Tab::meet(const StepSpec& step)
{
    const Moment moment{.kind = Moment::Kind::step, .action = step.action, .event = 0};
    if (step.action == Action::connect) rendezvous_->connecting(step_);
    if (moment.is_held_by_bytes()) co_return;
    const auto who = id();
    const auto passed = co_await rendezvous_->pass(step_, moment, who);
    if (passed && rendezvous_->due() > Clock::time_point{}) due_ = rendezvous_->due();
}

bool Tab::waits_with(const Moment& moment) const
{
    return rendezvous_ && rendezvous_->waits_at(step_, moment);
}

void Tab::on_held(StepKind step)
{
    if (step == StepKind::upgrade_sent && rendezvous_)
        rendezvous_->hold(step_, upgrade_moment, id(), connection_);
}

// The request is sent when its last byte is: until then the target cannot have begun with it.
Task<Outcome> Tab::request_together(const std::string& message, std::uint16_t number, std::string_view thread)
{
    const auto connection = connection_;
    auto released = co_await connection->send_held(message);
    if (released) {
        rendezvous_->hold(step_, request_moment, id(), connection);
        released = co_await rendezvous_->released();
    }
    if (!released) {
        record(StepKind::request_sent, why_not_open());
        co_return why_not_open();
    }
    auto& recorder = context_.recorder;
    auto event = recorder.step(StepKind::request_sent, id());
    if (rendezvous_->due() > Clock::time_point{}) due_ = rendezvous_->due();
    event.at = recorder.since_start(rendezvous_->done());
    event.stamp = recorder.since_start(due_).count();
    event.request = number;
    if (!thread.empty()) event.text = recorder.intern(thread);
    recorder.append(event);
    Progress::add(context_.progress.requests);
    rendezvous_->did(step_, Action::request, rendezvous_->done());
    co_return Outcome::ok;
}

void Tab::tell_step(Action action)
{
    if (rendezvous_) rendezvous_->did(step_, action, Clock::now());
}

void Tab::tell_opening(const StepReport& report, Event& event)
{
    const auto due = rendezvous_->due();
    if (report.step == StepKind::upgrade_sent && rendezvous_->is_releasing() && due > Clock::time_point{})
        event.stamp = context_.recorder.since_start(due).count();
    if (report.outcome != Outcome::ok) return;
    switch (report.step) {
    case StepKind::tcp_connect: return tell_step(Action::connect);
    case StepKind::upgrade_sent: return rendezvous_->connection_got(Moment::Kind::upgrade_sent, Clock::now());
    case StepKind::upgrade_answered: return rendezvous_->connection_got(Moment::Kind::answered, Clock::now());
    default: return;
    }
}

} // namespace wsrace
