// Histories for tests, written as a person would tell them:
//
//     HistoryBuilder history;
//     history.user(3).connects().welcome().request(0).five_events().closes();
//     const History built = history.build();
//
// Times are milliseconds. Each step takes one unless at() or after() says otherwise. Every frame of a run
// carries the canary and the run id of its request, and a timestamp, until something else is asked for.
#pragma once

#include "core/canary.hpp"
#include "core/event.hpp"
#include "core/history.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace wsrace::test {

constexpr Instant ms(std::int64_t count) { return std::chrono::milliseconds{count}; }

class HistoryBuilder;

// One connection's story. Copies share the history but not the clock.
class ConnectionBuilder {
public:
    ConnectionBuilder(HistoryBuilder& history, ConnectionId id, Instant now)
        : history_(history), id_(id), now_(now)
    {}

    ConnectionBuilder& at(std::int64_t milliseconds);
    ConnectionBuilder& after(std::int64_t milliseconds);
    Instant now() const { return now_; }
    ConnectionId id() const { return id_; }

    ConnectionBuilder& step(StepKind step, Outcome outcome = Outcome::ok, int value = 0,
                            std::string_view text = {});
    ConnectionBuilder& planned(std::int64_t milliseconds); // the newest event, a step, was to begin then
    ConnectionBuilder& connects();                         // tcp_connect to 101
    ConnectionBuilder& welcome();
    ConnectionBuilder& opens() { return connects().welcome(); }
    ConnectionBuilder& refused(int status, std::string_view retry_after = {});

    ConnectionBuilder& request(std::uint16_t number, std::string_view thread = {});
    ConnectionBuilder& answers(std::uint16_t number); // later events belong to this request
    ConnectionBuilder& event(FrameType type, std::string_view item = {});
    ConnectionBuilder& five_events(); // of the current request, with one tool
    ConnectionBuilder& run(std::uint16_t number) { return request(number).five_events(); }
    ConnectionBuilder& bare(FrameType type, std::string_view run = {}); // a frame without a canary
    ConnectionBuilder& flagged(Flag flag);                              // the newest event
    ConnectionBuilder& labelled(std::string_view run);                  // the newest frame names this run id
    ConnectionBuilder& stamped(std::int64_t stamp);

    // The newest frame carries `owner`'s canary at `field`, in place of its own unless `beside`.
    ConnectionBuilder& carries(RequestId owner, std::string_view field, bool beside = false);
    ConnectionBuilder& note(EventKind kind, std::string_view text, std::string_view field);

    ConnectionBuilder& awaits(Outcome outcome = Outcome::ok)
    {
        return step(StepKind::events_awaited, outcome);
    }
    ConnectionBuilder& ping(int ordinal = 0) { return step(StepKind::ping_sent, Outcome::ok, ordinal); }
    ConnectionBuilder& pong(Outcome outcome = Outcome::ok);
    ConnectionBuilder& stop(std::uint16_t number);
    ConnectionBuilder& stalls();
    ConnectionBuilder&
    says(std::string_view fault); // what the harness does on purpose: a `fault` of the newest request
    ConnectionBuilder& drops();
    ConnectionBuilder& closes(int answer = 1000);
    ConnectionBuilder& ends(EndKind end, int code = 0, std::string_view reason = {});

private:
    Event blank(EventKind kind) const;
    ConnectionBuilder& push(Event event);
    Event& newest_frame();

    HistoryBuilder& history_;
    ConnectionId id_;
    Instant now_;
    std::uint16_t request_ = no_request;
};

class HistoryBuilder {
public:
    HistoryBuilder();
    explicit HistoryBuilder(History begun) : history_(std::move(begun)) {} // goes on with it

    ConnectionBuilder user(std::uint32_t user, std::uint16_t slot = 0, std::uint16_t incarnation = 0);
    HistoryBuilder& login(std::uint32_t user, Outcome outcome = Outcome::ok, std::string_view id = {});
    HistoryBuilder& refused_login(std::int64_t milliseconds, std::uint32_t user, int status,
                                  std::string_view retry_after = {});
    HistoryBuilder& log(std::int64_t milliseconds, std::string_view line, int stream = 2);
    HistoryBuilder& life_cycle(std::int64_t milliseconds, LifeCycle what, int value = 0,
                               std::uint16_t instance = 0);
    // `counter` names a SampleKind::counter.
    HistoryBuilder& sample(std::int64_t milliseconds, SampleKind kind, int value,
                           std::string_view counter = {}, std::uint16_t instance = 0);
    HistoryBuilder& quiet_until(std::int64_t milliseconds); // the history goes on until then
    RunInfo& info() { return history_.info; }
    Symbol intern(std::string_view text) { return history_.intern(text); }

    History build() const; // in the order of time

private:
    friend class ConnectionBuilder;
    History history_;
};

std::string canary_text(const History& history, RequestId owner);
std::string run_name(RequestId id); // "run-3-0-1"

} // namespace wsrace::test
