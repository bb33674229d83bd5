// What a tab records of its connection: steps of opening, frames, the end.
#include "core/redact.hpp"
#include "run/message.hpp"
#include "run/rendezvous.hpp"
#include "run/retry_after.hpp"
#include "run/tab.hpp"
#include "run/token.hpp"
#include "run/user.hpp"

#include <algorithm>

namespace wsrace {

namespace {

constexpr std::size_t longest_payload_kept = 2048;

bool is_noteworthy(const FrameFacts& facts)
{
    switch (facts.type) {
    case FrameType::not_json:
    case FrameType::no_type:
    case FrameType::error_message:
    case FrameType::agent_error: return true;
    default: return facts.bad_timestamp || !facts.other_canaries.empty() || !facts.schema.empty();
    }
}

bool says_failed(std::string_view status)
{
    static constexpr auto words = std::to_array<std::string_view>(
        {"failed", "error", "stopped", "cancelled", "canceled", "aborted", "timeout"});
    return std::find(words.begin(), words.end(), status) != words.end();
}

} // namespace

void Tab::record(StepKind step, Outcome outcome, int value, std::uint16_t request, std::string_view text)
{
    auto& recorder = context_.recorder;
    auto event = recorder.step(step, id(), outcome);
    event.value = value;
    event.request = request;
    if (!text.empty()) event.text = recorder.intern(text);
    const auto is_wait = step == StepKind::welcome || step == StepKind::events_awaited ||
                         step == StepKind::event_awaited || step == StepKind::pong_awaited ||
                         step == StepKind::reading_resumed || step == StepKind::journey_done;
    if (!is_wait) event.stamp = recorder.since_start(due_).count();
    recorder.append(event);
}

void Tab::on_step(const StepReport& report)
{
    open_outcome_ = interrupted_ ? Outcome::cancelled : report.outcome;
    auto& recorder = context_.recorder;
    auto event = recorder.step(report.step, id(), open_outcome_);
    event.value = report.value;
    if (!report.text.empty()) event.text = recorder.intern(without_secrets(report.text));
    if (report.unoffered) event.set(Flag::unoffered);
    if (report.step == StepKind::tcp_connect) {
        event.stamp = recorder.since_start(due_).count();
        event.value = begin_lag_;
    }
    if (report.planned) event.stamp = recorder.since_start(*report.planned).count();
    if (report.step == StepKind::aborted) {
        event.stamp = recorder.since_start(due_).count();
        if (report.text == name(Ending::reset)) event.set(Flag::reset);
    }
    if (rendezvous_) tell_opening(report, event);
    recorder.append(event);
    if (report.step == StepKind::upgrade_sent && early_) {
        record(StepKind::request_sent, Outcome::ok, 0, early_->number, early_->thread);
        Progress::add(context_.progress.requests);
        if (rendezvous_) rendezvous_->did(step_ + 1, Action::request, Clock::now());
    }
    if (report.outcome == Outcome::http_status) retry_after_ = parse_retry_after(report.text);
}

// A credential that the target repeats is redacted wherever it stands, not only where it looks like one.
std::string Tab::without_secrets(std::string_view text) const
{
    constexpr std::string_view mark = "[redacted]";
    auto out = redact(text);
    for (const auto& secret : {user_.token(), user_.ticket(), std::string_view{forged_}}) {
        if (secret.empty()) continue;
        // Behind the mark, not inside of it: a short secret may be a part of the mark.
        for (auto at = out.find(secret); at != std::string::npos; at = out.find(secret, at + mark.size()))
            out.replace(at, secret.size(), mark);
    }
    return out;
}

Symbol Tab::keep(std::string_view payload)
{
    return context_.recorder.intern(without_secrets(payload.substr(0, longest_payload_kept)));
}

void Tab::on_frame(std::string_view payload, bool is_text)
{
    take_frame(id(), close_sent_, payload, is_text);
}

void Tab::on_late_frame(const Connection& connection, std::string_view payload, bool is_text)
{
    const auto left = std::find_if(leaving_.begin(), leaving_.end(),
                                   [&](const Leaving& one) { return one.connection.get() == &connection; });
    if (left == leaving_.end()) return;
    take_frame({user_.planned().id, slot_, left->incarnation}, true, payload, is_text);
}

void Tab::take_frame(ConnectionId connection, bool late, std::string_view payload, bool is_text)
{
    auto& recorder = context_.recorder;
    auto event = recorder.event(EventKind::frame, connection);
    event.value = static_cast<std::int32_t>(payload.size());
    if (late) event.set(Flag::after_end);
    Progress::add(context_.progress.frames);
    if (!is_text) {
        event.type = static_cast<std::uint8_t>(FrameType::binary);
        recorder.append(event);
        return;
    }

    const auto& facts = context_.scanner.scan(payload, book_.canaries(), seen_);
    event.type = static_cast<std::uint8_t>(facts.type);
    event.stamp = facts.timestamp_us;
    if (!facts.run.empty()) event.run = recorder.intern(facts.run);
    describe_item(facts, event);
    if (facts.own_request >= 0) {
        event.request = static_cast<std::uint16_t>(facts.own_request);
        event.set(Flag::own_canary);
    }
    if (!facts.other_canaries.empty()) event.set(Flag::other_canary);
    if (facts.recovered) event.set(Flag::recovered);
    if (facts.bad_timestamp) event.set(Flag::bad_timestamp);
    if (facts.type == FrameType::agent_completed && says_failed(facts.status)) event.set(Flag::failed_status);
    if (facts.type == FrameType::unknown) event.text = recorder.intern(without_secrets(facts.type_name));
    if (is_noteworthy(facts)) {
        event.text = keep(payload);
        event.set(Flag::payload_kept);
    }
    recorder.append(event);
    record_extras(facts, event);
    advance(facts);
}

// What tells this event of its run from others of the same type.
void Tab::describe_item(const FrameFacts& facts, Event& event)
{
    auto& recorder = context_.recorder;
    const auto is_tool = facts.type == FrameType::tool_executing || facts.type == FrameType::tool_completed;
    if (is_tool && !facts.execution.empty())
        event.item = recorder.intern(facts.execution);
    else if (is_tool && !facts.tool.empty()) {
        event.item = recorder.intern(facts.tool);
        event.set(Flag::item_is_tool);
    } else if (facts.type == FrameType::agent_thinking && !facts.step.empty())
        event.item = recorder.intern(facts.step);
}

void Tab::record_extras(const FrameFacts& facts, const Event& frame)
{
    auto& recorder = context_.recorder;
    const auto append = [&](EventKind kind, const FrameFacts::Located& found, std::string_view text) {
        auto event = frame;
        event.kind = kind;
        event.flags = 0;
        event.stamp = no_stamp;
        event.value = 0;
        event.item = recorder.intern(found.path);
        event.text = recorder.intern(text);
        if (found.encoded) event.set(Flag::encoded);
        if (found.corrupt) event.set(Flag::corrupt_canary);
        recorder.append(event);
    };
    for (const auto& canary : facts.other_canaries) append(EventKind::canary, canary, canary.text);
    for (const auto& token : facts.tokens)
        if (without_secrets(token.text) == token.text) append(EventKind::mention, token, token.text);
    for (const auto& problem : facts.schema) append(EventKind::schema, problem, problem.text);
    if (!facts.other_canaries.empty()) Progress::add(context_.progress.suspicious);
}

// Takes note of what the journey may be waiting for.
void Tab::advance(const FrameFacts& facts)
{
    if (facts.type == FrameType::welcome) {
        welcomed_ = true;
        if (rendezvous_) rendezvous_->connection_got(Moment::Kind::welcome, Clock::now());
    }
    if (facts.type == FrameType::pong) ++pongs_;
    const auto all_ended = book_.all_ended();
    const auto request = book_.note(facts);
    if (rendezvous_ && request >= 0 && is_run_event(facts.type))
        rendezvous_->run_event(static_cast<std::size_t>(request), is_terminal_event(facts.type),
                               Clock::now());
    if (!all_ended && is_terminal_event(facts.type)) Progress::add(context_.progress.runs_ended);
    if (waker_.waiting() && satisfied(waiting_for_)) waker_.notify();
}

void Tab::on_reading_resumed() { record(StepKind::reading_resumed, Outcome::ok); }

void Tab::on_end(const EndReport& report)
{
    auto& recorder = context_.recorder;
    auto event = recorder.event(EventKind::end, id());
    const auto cancelled = interrupted_ && report.kind == EndKind::we_dropped;
    event.type = static_cast<std::uint8_t>(cancelled ? EndKind::cancelled : report.kind);
    event.value = report.code;
    if (!report.text.empty()) event.text = recorder.intern(without_secrets(report.text));
    if (report.provoked) event.set(Flag::provoked);
    recorder.append(event);
    if (report.kind != EndKind::we_closed && report.kind != EndKind::we_dropped) {
        const auto without_close = report.kind == EndKind::eof || report.kind == EndKind::reset;
        // What was cut on the way, the target has not ended: whoever reconnects waits for the rest.
        if (!without_close || !context_.target.cut_on_the_way) {
            Progress::add(context_.progress.suspicious);
            book_.give_up_open();
        }
    }
    context_.progress.connected.fetch_sub(1, std::memory_order_relaxed);
    open_ = false;
    if (rendezvous_) {
        rendezvous_->abandon();
        rendezvous_->connection_got(Moment::Kind::ended, Clock::now());
    }
    if (waiting_for_ != Wait::nothing) waker_.notify();
}

} // namespace wsrace
