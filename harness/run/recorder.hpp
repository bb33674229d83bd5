// One worker's pen: stamps events with the execution's clock and appends them to the worker's history file.
#pragma once

#include "core/history_file.hpp"
#include "net/executor.hpp"

#include <string_view>

namespace wsrace {

class Recorder {
public:
    Recorder(HistoryWriter writer, Clock::time_point start) : writer_{std::move(writer)}, start_{start} {}

    Instant since_start(Clock::time_point at) const { return at - start_; }
    Symbol intern(std::string_view text) { return writer_.intern(text); }
    void append(const Event& event) { writer_.append(event); }
    HistoryWriter& writer() { return writer_; }
    const HistoryWriter& writer() const { return writer_; }

    Event event(EventKind kind, const ConnectionId& connection, Clock::time_point at = Clock::now()) const
    {
        Event event;
        event.at = since_start(at);
        event.kind = kind;
        event.user = connection.user.value;
        event.slot = connection.slot.value;
        event.incarnation = connection.incarnation;
        return event;
    }

    Event step(StepKind step, const ConnectionId& connection, Outcome outcome = Outcome::ok) const
    {
        auto event = this->event(EventKind::step, connection);
        event.type = static_cast<std::uint8_t>(step);
        event.outcome = outcome;
        return event;
    }

private:
    HistoryWriter writer_;
    Clock::time_point start_;
};

} // namespace wsrace
