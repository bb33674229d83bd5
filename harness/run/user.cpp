#include "run/user.hpp"

#include "ingress/names.hpp"
#include "run/retry_after.hpp"

#include <algorithm>

namespace wsrace {

User::User(WorkerContext& context, const PlannedUser& planned)
    : context_{context}, planned_{planned}, cookies_{ingress::affinity_cookie}
{
    for (std::uint16_t slot = 0; slot < context.plan.role(planned).connections; ++slot)
        tabs_.push_back(std::make_unique<Tab>(context, *this, SlotId{slot}));
}

LoginRequest User::login_request() const
{
    return {.profile = context_.scenario.profile, .run = context_.run, .user = planned_.id};
}

void User::introduce(HttpClient& http)
{
    http.keep_cookies_in(cookies_);
    if (context_.target.behind_ingress)
        http.send_always(std::string{ingress::caller_header}, std::to_string(planned_.id.value));
}

Task<LoginResult> User::log_in_once()
{
    const auto& target = context_.target;
    const auto& address = target.instances[target.serving(planned_.id)];
    HttpClient http{context_.deadlines, address.url, address.endpoint, target.tls.get()};
    introduce(http);
    http_ = &http;
    const auto request = login_request();
    const auto deadline = Clock::now() + context_.scenario.expectations.deadlines.login;
    auto result = co_await wsrace::log_in(request, http, deadline);
    http_ = nullptr;
    co_return result;
}

// When to try again: as the target said, or at once where the harness itself had taken it down.
std::optional<Duration> User::time_to_retry(const LoginResult& result, bool taken_down) const
{
    if (taken_down) return Duration{};
    return parse_retry_after(result.retry_after);
}

bool User::is_down() const
{
    const auto& target = context_.target;
    return target.is_down(target.serving(planned_.id));
}

Task<Outcome> User::log_in(ConnectionId by, Clock::time_point due)
{
    login_state_ = LoginState::going_on;
    const auto give_up = due + context_.scenario.expectations.deadlines.retry;
    auto& recorder = context_.recorder;
    auto planned = due;
    for (;;) {
        const auto instance = context_.target.serving(planned_.id);
        const auto was_down = context_.target.is_down(instance);
        const auto result = co_await log_in_once();
        auto event = recorder.step(StepKind::login, by, interrupted_ ? Outcome::cancelled : result.outcome);
        event.stamp = recorder.since_start(planned).count();
        event.value = result.status;
        const auto good = result.outcome == Outcome::ok && !interrupted_;
        event.text = recorder.intern(good ? result.user_id : result.error);
        if (!result.retry_after.empty()) event.item = recorder.intern(result.retry_after);
        recorder.append(event);
        if (good) {
            token_ = result.token;
            login_state_ = LoginState::done;
            break;
        }
        const auto wait = time_to_retry(result, was_down || context_.target.is_down(instance));
        planned = Clock::now() + std::max(wait.value_or(Duration{}), shortest_retry);
        if (!wait || interrupted_ || !context_.scenario.retry_refused || planned > give_up) {
            login_state_ = LoginState::failed;
            break;
        }
        // While the harness itself has the target down, nobody knocks again and again.
        do {
            waker_ = std::make_unique<Waker>(context_.deadlines);
            const auto woken = co_await waker_->wait(planned);
            waker_.reset();
            if (woken) planned = Clock::now(); // interrupted: the next attempt ends at once
            if (is_down()) planned = Clock::now() + shortest_retry;
        } while (is_down() && !interrupted_ && planned < give_up);
    }
    for (auto& tab : tabs_) tab->wake();
    const auto outcome = login_state_ == LoginState::done ? Outcome::ok : Outcome::skipped;
    co_return outcome;
}

Task<LoginResult> User::credential()
{
    LoginResult result;
    result.token = token_;
    if (planned_.carrier != TokenCarrier::ticket || token_.empty()) co_return result;
    auto ticket = co_await fresh_ticket();
    co_return ticket;
}

Task<LoginResult> User::shared_ticket(std::size_t number, bool again)
{
    if (number < shared_tickets_.size()) {
        auto there = shared_tickets_[number].value();
        if (!again || there.outcome == Outcome::ok) co_return there;
        shared_tickets_[number].reset();
    } else {
        shared_tickets_.resize(number + 1);
    }
    auto ticket = co_await fresh_ticket();
    shared_tickets_[number] = ticket;
    for (auto& tab : tabs_) tab->wake();
    co_return ticket;
}

Task<LoginResult> User::fresh_ticket()
{
    const auto& target = context_.target;
    const auto& address = target.instances[target.serving(planned_.id)];
    HttpClient http{context_.deadlines, address.url, address.endpoint, target.tls.get()};
    introduce(http);
    const auto request = login_request();
    const auto deadline = Clock::now() + context_.scenario.expectations.deadlines.login;
    auto ticket = co_await fetch_ticket(request, http, token_, deadline);
    ticket_ = ticket.token;
    co_return ticket;
}

void User::interrupt()
{
    interrupted_ = true;
    if (http_ != nullptr) http_->cut();
    if (waker_) waker_->notify();
    for (auto& tab : tabs_) tab->interrupt();
}

} // namespace wsrace
