// A simulated identity: one login, shared by its tabs.
#pragma once

#include "net/cookie_jar.hpp"
#include "net/http_client.hpp"
#include "run/login.hpp"
#include "run/tab.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wsrace {

// Owned by its worker; used on the worker's thread only.
class User {
public:
    User(WorkerContext& context, const PlannedUser& planned);
    User(const User&) = delete;
    User& operator=(const User&) = delete;

    const PlannedUser& planned() const { return planned_; }
    std::vector<std::unique_ptr<Tab>>& tabs() { return tabs_; }

    enum class LoginState { none, going_on, done, failed };
    LoginState login_state() const { return login_state_; }

    // The first tab that gets there logs in and records it under its own id; refusals with Retry-After are
    // repeated as asked.
    Task<Outcome> log_in(ConnectionId by, Clock::time_point due);

    // What the connection's token carrier wants: the token, or a fresh ticket for it. Empty with an outcome
    // other than ok.
    Task<LoginResult> credential();

    // One single-use ticket for all tabs of the user. The first tab that comes for ticket `number` (0, 1,
    // ...) fetches it; the others wait until it is ready and find it then.
    // `again`: who asks was told before that it could not be had; then it is asked for anew.
    Task<LoginResult> shared_ticket(std::size_t number, bool again);
    bool has_shared_ticket(std::size_t number) const
    {
        return number < shared_tickets_.size() && shared_tickets_[number].has_value();
    }

    bool fetches_shared_ticket(std::size_t number) const // or has fetched it
    {
        return number < shared_tickets_.size();
    }

    // What must not be written out, as far as it is known yet.
    std::string_view token() const { return token_; }
    std::string_view ticket() const { return ticket_; }

    CookieJar& cookies() { return cookies_; }

    void interrupt();

private:
    Task<LoginResult> log_in_once();
    void introduce(HttpClient& http); // to an ingress of the harness
    Task<LoginResult> fresh_ticket();
    LoginRequest login_request() const;
    bool is_down() const; // whoever would serve it now
    std::optional<Duration> time_to_retry(const LoginResult& result, bool taken_down) const;

    WorkerContext& context_;
    const PlannedUser& planned_;
    std::string token_;
    std::string ticket_;                                     // the latest
    CookieJar cookies_;                                      // of affinity
    std::vector<std::optional<LoginResult>> shared_tickets_; // empty while it is being fetched
    LoginState login_state_ = LoginState::none;
    bool interrupted_ = false;
    HttpClient* http_ = nullptr;   // the call that is under way
    std::unique_ptr<Waker> waker_; // while waiting to repeat a refused login
    std::vector<std::unique_ptr<Tab>> tabs_;
};

} // namespace wsrace
