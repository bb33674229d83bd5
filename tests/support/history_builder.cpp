#include "support/history_builder.hpp"

#include <algorithm>

namespace wsrace::test {

ConnectionBuilder& ConnectionBuilder::at(std::int64_t milliseconds)
{
    now_ = ms(milliseconds);
    return *this;
}

ConnectionBuilder& ConnectionBuilder::after(std::int64_t milliseconds)
{
    now_ += ms(milliseconds);
    return *this;
}

Event ConnectionBuilder::blank(EventKind kind) const
{
    Event event;
    event.at = now_;
    event.user = id_.user.value;
    event.slot = id_.slot.value;
    event.incarnation = id_.incarnation;
    event.kind = kind;
    return event;
}

ConnectionBuilder& ConnectionBuilder::push(Event event)
{
    history_.history_.events.push_back(event);
    now_ += ms(1);
    return *this;
}

ConnectionBuilder& ConnectionBuilder::step(StepKind step, Outcome outcome, int value, std::string_view text)
{
    Event event = blank(EventKind::step);
    event.type = static_cast<std::uint8_t>(step);
    event.outcome = outcome;
    event.value = value;
    event.text = history_.intern(text);
    return push(event);
}

ConnectionBuilder& ConnectionBuilder::planned(std::int64_t milliseconds)
{
    history_.history_.events.back().stamp = ms(milliseconds).count();
    return *this;
}

ConnectionBuilder& ConnectionBuilder::connects()
{
    return step(StepKind::tcp_connect).step(StepKind::upgrade_sent).step(StepKind::upgrade_answered);
}

ConnectionBuilder& ConnectionBuilder::welcome() { return bare(FrameType::welcome).step(StepKind::welcome); }

ConnectionBuilder& ConnectionBuilder::refused(int status, std::string_view retry_after)
{
    step(StepKind::tcp_connect).step(StepKind::upgrade_sent);
    return step(StepKind::upgrade_answered, Outcome::http_status, status, retry_after);
}

ConnectionBuilder& ConnectionBuilder::request(std::uint16_t number, std::string_view thread)
{
    request_ = number;
    step(StepKind::request_sent, Outcome::ok, 0, thread);
    history_.history_.events.back().request = number;
    return *this;
}

ConnectionBuilder& ConnectionBuilder::answers(std::uint16_t number)
{
    request_ = number;
    return *this;
}

ConnectionBuilder& ConnectionBuilder::event(FrameType type, std::string_view item)
{
    Event event = blank(EventKind::frame);
    event.type = static_cast<std::uint8_t>(type);
    event.request = request_;
    event.set(Flag::own_canary);
    event.stamp = now_.count() / 1000;
    event.run = history_.intern(run_name({id_.user, id_.slot, request_}));
    event.item = history_.intern(item);
    return push(event);
}

ConnectionBuilder& ConnectionBuilder::five_events()
{
    const auto execution = "x-" + run_name({id_.user, id_.slot, request_});
    return event(FrameType::agent_started)
        .event(FrameType::agent_thinking, "1")
        .event(FrameType::tool_executing, execution)
        .event(FrameType::tool_completed, execution)
        .event(FrameType::agent_completed);
}

ConnectionBuilder& ConnectionBuilder::bare(FrameType type, std::string_view run)
{
    Event event = blank(EventKind::frame);
    event.type = static_cast<std::uint8_t>(type);
    event.run = history_.intern(run);
    return push(event);
}

Event& ConnectionBuilder::newest_frame()
{
    auto& events = history_.history_.events;
    return *std::find_if(events.rbegin(), events.rend(), [this](const Event& event) {
        return event.kind == EventKind::frame && event.connection() == id_;
    });
}

ConnectionBuilder& ConnectionBuilder::flagged(Flag flag)
{
    history_.history_.events.back().set(flag);
    return *this;
}

ConnectionBuilder& ConnectionBuilder::labelled(std::string_view run)
{
    newest_frame().run = history_.intern(run);
    return *this;
}

ConnectionBuilder& ConnectionBuilder::stamped(std::int64_t stamp)
{
    newest_frame().stamp = stamp;
    return *this;
}

ConnectionBuilder& ConnectionBuilder::carries(RequestId owner, std::string_view field, bool beside)
{
    Event& frame = newest_frame();
    frame.set(Flag::other_canary);
    if (!beside) {
        frame.flags = static_cast<std::uint16_t>(frame.flags & ~static_cast<unsigned>(Flag::own_canary));
        frame.request = no_request;
        frame.run = no_symbol;
    }
    return note(EventKind::canary, canary_text(history_.history_, owner), field);
}

ConnectionBuilder& ConnectionBuilder::note(EventKind kind, std::string_view text, std::string_view field)
{
    Event event = blank(kind);
    event.at = newest_frame().at;
    event.text = history_.intern(text);
    event.item = history_.intern(field);
    history_.history_.events.push_back(event);
    return *this;
}

ConnectionBuilder& ConnectionBuilder::pong(Outcome outcome)
{
    if (outcome == Outcome::ok) bare(FrameType::pong);
    return step(StepKind::pong_awaited, outcome);
}

ConnectionBuilder& ConnectionBuilder::stop(std::uint16_t number)
{
    step(StepKind::stop_sent);
    history_.history_.events.back().request = number;
    return *this;
}

ConnectionBuilder& ConnectionBuilder::stalls()
{
    Event event = blank(EventKind::fault);
    event.text = history_.intern("stall reading");
    return push(event);
}

ConnectionBuilder& ConnectionBuilder::says(std::string_view fault)
{
    Event event = blank(EventKind::fault);
    event.request = request_;
    event.text = history_.intern(fault);
    return push(event);
}

ConnectionBuilder& ConnectionBuilder::drops() { return step(StepKind::drop).ends(EndKind::we_dropped); }

ConnectionBuilder& ConnectionBuilder::closes(int answer)
{
    return step(StepKind::close_sent, Outcome::ok, 1000)
        .ends(EndKind::we_closed, answer)
        .step(StepKind::journey_done);
}

ConnectionBuilder& ConnectionBuilder::ends(EndKind end, int code, std::string_view reason)
{
    Event event = blank(EventKind::end);
    event.type = static_cast<std::uint8_t>(end);
    event.value = code;
    event.text = history_.intern(reason);
    return push(event);
}

HistoryBuilder::HistoryBuilder()
{
    history_.info.run = RunId{42};
    history_.info.connections = 2;
    history_.info.requests = 1;
}

ConnectionBuilder HistoryBuilder::user(std::uint32_t user, std::uint16_t slot, std::uint16_t incarnation)
{
    return {*this, ConnectionId{UserId{user}, SlotId{slot}, incarnation}, ms(10)};
}

HistoryBuilder& HistoryBuilder::login(std::uint32_t user, Outcome outcome, std::string_view id)
{
    Event event;
    event.at = ms(1);
    event.user = user;
    event.type = static_cast<std::uint8_t>(StepKind::login);
    event.outcome = outcome;
    if (outcome == Outcome::ok)
        event.text = intern(id.empty() ? "user-" + std::to_string(user) : std::string{id});
    history_.events.push_back(event);
    return *this;
}

HistoryBuilder& HistoryBuilder::refused_login(std::int64_t milliseconds, std::uint32_t user, int status,
                                              std::string_view retry_after)
{
    Event event;
    event.at = ms(milliseconds);
    event.user = user;
    event.type = static_cast<std::uint8_t>(StepKind::login);
    event.outcome = Outcome::http_status;
    event.value = status;
    event.item = intern(retry_after);
    history_.events.push_back(event);
    return *this;
}

HistoryBuilder& HistoryBuilder::log(std::int64_t milliseconds, std::string_view line, int stream)
{
    Event event;
    event.at = ms(milliseconds);
    event.kind = EventKind::log;
    event.value = stream;
    event.text = intern(line);
    history_.events.push_back(event);
    return *this;
}

HistoryBuilder& HistoryBuilder::life_cycle(std::int64_t milliseconds, LifeCycle what, int value,
                                           std::uint16_t instance)
{
    Event event;
    event.at = ms(milliseconds);
    event.slot = instance;
    event.kind = EventKind::life_cycle;
    event.type = static_cast<std::uint8_t>(what);
    event.value = value;
    history_.events.push_back(event);
    return *this;
}

HistoryBuilder& HistoryBuilder::sample(std::int64_t milliseconds, SampleKind kind, int value,
                                       std::string_view counter, std::uint16_t instance)
{
    Event event;
    event.at = ms(milliseconds);
    event.slot = instance;
    event.kind = EventKind::sample;
    event.type = static_cast<std::uint8_t>(kind);
    event.value = value;
    event.text = intern(counter);
    history_.events.push_back(event);
    return *this;
}

HistoryBuilder& HistoryBuilder::quiet_until(std::int64_t milliseconds)
{
    Event event;
    event.at = ms(milliseconds);
    event.kind = EventKind::fault;
    event.text = intern("none");
    history_.events.push_back(event);
    return *this;
}

History HistoryBuilder::build() const
{
    History built = history_;
    std::stable_sort(built.events.begin(), built.events.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
    return built;
}

std::string canary_text(const History& history, RequestId owner)
{
    return make_canary({history.info.run, owner});
}

std::string run_name(RequestId id)
{
    return "run-" + std::to_string(id.user.value) + "-" + std::to_string(id.slot.value) + "-" +
           std::to_string(id.request);
}

} // namespace wsrace::test
