// What a tab brings to prove who its user is, and what it does on purpose: forged tokens, a ticket that all
// of the user's tabs bring at once, another user's thread.
#include "core/behaviour.hpp"
#include "run/forgery.hpp"
#include "run/tab.hpp"
#include "run/user.hpp"

namespace wsrace {

Task<LoginResult> Tab::credential(Credential use)
{
    LoginResult result;
    if (use == Credential::own) {
        result = co_await user_.credential();
        co_return result;
    }
    if (use == Credential::shared_ticket) {
        const auto number = shared_tickets_ - 1;
        note(shared_ticket_mark, std::to_string(number));
        if (!user_.has_shared_ticket(number) && user_.fetches_shared_ticket(number)) {
            const auto waited =
                co_await wait_for(Wait::ticket, context_.scenario.expectations.deadlines.login);
            result.outcome = waited;
            if (waited != Outcome::ok) co_return result;
        }
        const auto again = missing_ticket_ == number;
        result = co_await user_.shared_ticket(number, again);
        if (result.outcome != Outcome::ok) missing_ticket_ = number;
        co_return result;
    }
    note(forged_mark, name(use));
    const auto secret = signing_secret(context_.scenario.profile);
    forged_ = forge_token(use, user_.token(), secret, std::chrono::system_clock::now());
    result.token = forged_;
    co_return result;
}

// A forged token travels as the user's own would; a user with tickets has none to forge, and brings it in the
// header.
TokenCarrier Tab::carrier_of(const std::string& credential, Credential use) const
{
    if (credential.empty()) return TokenCarrier::none;
    const auto own = user_.planned().carrier;
    if (use == Credential::shared_ticket) return TokenCarrier::ticket;
    const auto carries_token = own != TokenCarrier::ticket && own != TokenCarrier::none;
    return use == Credential::own || carries_token ? own : TokenCarrier::authorization;
}

Placeholders Tab::placeholders_for(std::uint16_t number, const std::string& canary) const
{
    const auto& planned = user_.planned();
    return {{"canary", canary},
            {"user", std::to_string(planned.id.value)},
            {"other_user", std::to_string(planned.other.value_or(planned.id).value)},
            {"connection", std::to_string(slot_.value)},
            {"request", std::to_string(number)}};
}

void Tab::note(std::string_view mark, std::string_view what, std::uint16_t request)
{
    auto event = context_.recorder.event(EventKind::fault, id());
    event.request = request;
    event.text = context_.recorder.intern(std::string{mark} + std::string{what});
    context_.recorder.append(event);
}

void Tab::note_behaviour()
{
    const auto behaviour = context_.plan.role(user_.planned()).behaviour;
    if (behaviour && slot_.value == 0) note(behaviour_mark, name(*behaviour));
}

} // namespace wsrace
