#include "reference_server/auth_access.hpp"

#include "reference_server/auth_service.hpp"
#include "reference_server/http_api.hpp"
#include "reference_server/pause.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace wsrace::reference {

namespace net = boost::asio;

AuthAccess::AuthAccess(const Options& options)
    : options_{options}, store_{options}, queue_{options.auth_delay, options.auth_workers}
{
    if (!options.dependencies) return;
    service_.emplace("auth", resolve_address(options.auth_address), options.dependency_timeout);
}

net::awaitable<std::optional<HttpReply>> AuthAccess::answer(std::shared_ptr<const HttpRequest> request)
{
    if (service_) {
        auto question = login_question(*request);
        const auto said = co_await service_->call(std::move(question));
        co_return login_answer(said);
    }
    if (queue_.takes_time()) co_await wait_for_turn();
    co_return answer_auth(store_, options_, *request);
}

net::awaitable<std::optional<Identity>> AuthAccess::identify(Credentials credentials)
{
    if (service_) {
        auto question = identity_question(credentials);
        const auto said = co_await service_->call(std::move(question));
        co_return identity_answer(said);
    }
    if (queue_.takes_time()) co_await wait_for_turn();
    if (!credentials.token.empty()) co_return store_.identify(credentials);
    auto owner = co_await redeem(std::move(credentials.ticket));
    co_return owner;
}

// A ticket that has been used up is written down before its user is let in.
net::awaitable<std::optional<Identity>> AuthAccess::redeem(std::string ticket)
{
    auto& tickets = store_.tickets();
    if (options_.bugs.has(Bug::ticket_double_spend)) {
        // Bug: looked up now, used up when that has been written down.
        auto owner = tickets.owner_of(ticket);
        co_await pause(options_.bug_window);
        tickets.redeem(ticket);
        co_return owner;
    }
    auto owner = tickets.redeem(ticket);
    if (owner) co_await pause(options_.bug_window);
    co_return owner;
}

std::optional<Identity> AuthAccess::read_signed(const std::string& token) const
{
    auto verification = store_.check(token);
    if (!verification.claims) return std::nullopt;
    auto& claims = *verification.claims;
    return Identity{.user_id = std::move(claims.subject), .email = std::move(claims.email)};
}

net::awaitable<bool> AuthAccess::reached() const
{
    if (!service_) co_return true;
    const auto answered = co_await service_->reached();
    co_return answered;
}

net::awaitable<void> AuthAccess::wait_for_turn()
{
    const auto limit = options_.dependency_timeout;
    const auto in_time = co_await wait_turn(queue_, limit);
    if (in_time) co_return;
    throw DependencyFailure{fmt::format("auth did not answer within {} ms", limit.count())};
}

} // namespace wsrace::reference
