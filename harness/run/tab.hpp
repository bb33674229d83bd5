// One slot of a user: walks its journey step by step over one connection at a time, and records what happens.
#pragma once

#include "net/connection.hpp"
#include "run/login.hpp"
#include "run/message.hpp"
#include "run/request_book.hpp"
#include "run/worker_context.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wsrace {

class Rendezvous;
class User;

// Owned by its user; used on the worker's thread only.
class Tab final : ConnectionObserver {
public:
    Tab(WorkerContext& context, User& user, SlotId slot);
    ~Tab();
    Tab(const Tab&) = delete;
    Tab& operator=(const Tab&) = delete;

    // The whole journey. Ends by itself: every wait has a limit.
    Task<void> walk();

    void interrupt(); // the run is over: cut the connection, end the journey
    void wake();      // something that the tab may be waiting for has happened elsewhere

private:
    enum class Wait { nothing, login, ticket, welcome, runs, first_event, event, pong, stopped, end };

    // The request that leaves with the upgrade.
    struct EarlyRequest {
        std::uint16_t number = 0;
        std::string message;
        std::string thread;
    };

    void on_step(const StepReport& report) override;
    void on_frame(std::string_view payload, bool is_text) override;
    void on_late_frame(const Connection& connection, std::string_view payload, bool is_text) override;
    void on_end(const EndReport& report) override;
    void on_held(StepKind step) override;
    void on_reading_resumed() override;

    // Steps; each records itself and says how it went.
    Task<Outcome> perform(const StepSpec& step);
    Task<Outcome> login();
    Task<Outcome> connect(const StepSpec& step);
    Task<Outcome> connect_once(const StepSpec& step);
    Task<Outcome> abort_opened(const ConnectSpec& spec);
    Task<LoginResult> credential(Credential use);
    Task<void> await_instance(Clock::time_point limit);
    Task<Outcome> await_welcome();
    Task<Outcome> request(const StepSpec& step);
    Task<Outcome> await_events();
    Task<Outcome> await_first_event();
    Task<Outcome> await_event(const StepSpec& step);
    Task<Outcome> read_slowly(const StepSpec& step);
    Task<Outcome> pong();
    Task<Outcome> ping();
    Task<Outcome> pause();
    Task<Outcome> stop();
    Task<Outcome> drop(const StepSpec& step);
    Task<Outcome> end_by(Ending how);
    Task<Outcome> close(const StepSpec& step);
    Task<Outcome> send(const std::string& message);
    Task<bool> reset_when_read(); // false: it had ended before
    bool reset_if_read();
    void tell_drop();
    void take_frame(ConnectionId connection, bool late, std::string_view payload, bool is_text);

    // Gates and constraints of the plan, where this connection has a part in them (tab_meetings.cpp).
    Task<void> meet(const StepSpec& step);
    Task<Outcome> request_together(const std::string& message, std::uint16_t number, std::string_view thread);
    bool waits_with(const Moment& moment) const;
    void tell_step(Action action);
    void tell_opening(const StepReport& report, Event& event);

    Task<Outcome> wait_for(Wait what, Duration limit);
    Task<void> sleep_until(Clock::time_point at);
    bool satisfied(Wait what) const;
    Outcome why_not_open() const;

    OpenRequest open_request(const std::string& credential, Credential use) const;
    TokenCarrier carrier_of(const std::string& credential, Credential use) const;
    void note(std::string_view mark, std::string_view what, std::uint16_t request = no_request);
    void note_behaviour();
    Placeholders placeholders_for(std::uint16_t number, const std::string& canary) const;
    EarlyRequest make_request(const StepSpec& step);
    void prepare_early_request();
    void shape(OpenRequest& request, const ConnectSpec& spec) const;
    const std::string& template_of(const StepSpec& step) const;
    Duration delay_of(std::size_t step, PlannedDelay::Point point = PlannedDelay::Point::step) const;
    std::size_t resume_at(std::size_t step) const;
    ConnectionId id() const;
    void record(StepKind step, Outcome outcome, int value = 0, std::uint16_t request = no_request,
                std::string_view text = {});
    void describe_item(const FrameFacts& facts, Event& event);
    void record_extras(const FrameFacts& facts, const Event& frame);
    void advance(const FrameFacts& facts);
    std::string without_secrets(std::string_view text) const;
    Symbol keep(std::string_view payload);

    WorkerContext& context_;
    User& user_;
    // Dropped, and read on for a moment: what was under way may still come.
    struct Leaving {
        std::shared_ptr<Connection> connection;
        std::uint16_t incarnation;
    };

    std::shared_ptr<Connection> connection_;
    std::vector<Leaving> leaving_;
    std::unique_ptr<Rendezvous> rendezvous_; // null: it has no part in gates and constraints
    Waker waker_;
    RequestBook book_;
    SeenTokens seen_;
    std::string forged_;                              // the latest
    std::size_t shared_tickets_ = 0;                  // so many were brought
    std::optional<std::size_t> missing_ticket_;       // the last one that could not be had
    std::unique_ptr<EarlyRequest> early_;             // of the attempt that is under way
    std::vector<std::shared_ptr<Connection>> silent_; // dropped by silence: open until the journey ends
    Clock::time_point due_{};                         // when the step at hand was planned to be done
    std::optional<Duration> retry_after_;             // of the latest refusal
    std::int32_t begin_lag_ = 0;                      // how late the connection was begun, in microseconds
    bool was_down_ = false;    // whether the harness had that instance down when the attempt began
    std::size_t instance_ = 0; // of the target: where the latest attempt went
    std::size_t step_ = 0;     // of the journey, at hand
    SlotId slot_;
    std::uint16_t incarnation_ = 0;
    std::uint16_t awaited_events_ = 0;
    std::uint16_t pings_ = 0;
    std::uint16_t pongs_ = 0;
    int stopping_ = -1;
    Wait waiting_for_ = Wait::nothing;
    Outcome open_outcome_ = Outcome::ok;
    bool attempted_ = false;
    bool open_ = false;
    bool welcomed_ = false;
    bool close_sent_ = false;
    bool interrupted_ = false;
};

} // namespace wsrace
