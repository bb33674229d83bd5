// How a tab opens its connection, again and again if need be, and gives it up where that is asked for.
#include "ingress/names.hpp"
#include "run/message.hpp"
#include "run/rendezvous.hpp"
#include "run/retry_after.hpp"
#include "run/tab.hpp"
#include "run/token.hpp"
#include "run/user.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {

namespace {

std::string query_of(const TargetUrl& url, const std::string& credential)
{
    if (credential.empty()) return url.query.empty() ? std::string{} : "?" + url.query;
    return "?" + url.query + (url.query.empty() ? "" : "&") + credential;
}

} // namespace

OpenRequest Tab::open_request(const std::string& credential, Credential use) const
{
    const auto& profile = context_.scenario.profile;
    const auto& address = context_.target.instances[instance_];
    const auto& url = address.url;
    const auto& deadlines = context_.scenario.expectations.deadlines;
    OpenRequest request;
    request.endpoint = context_.target.endpoint(instance_, user_.planned().id, slot_);
    request.host = url.host_header();
    request.server_name = url.host;
    request.connect_within = deadlines.connect;
    request.handshake_within = deadlines.handshake;
    request.close_within = deadlines.close;
    for (const auto& protocol : profile.subprotocols)
        request.subprotocols += (request.subprotocols.empty() ? "" : ", ") + protocol;
    for (const auto& [name, value] : profile.headers)
        request.headers.emplace_back(name,
                                     fill_in(value, {{"user", std::to_string(user_.planned().id.value)}}));

    request.cookies = &user_.cookies();
    if (!user_.cookies().header().empty()) request.headers.emplace_back("Cookie", user_.cookies().header());
    if (context_.target.behind_ingress)
        request.headers.emplace_back(ingress::caller_header, fmt::format("{}.{}.{}", user_.planned().id.value,
                                                                         slot_.value, incarnation_));

    request.hold_upgrade =
        waits_with({.kind = Moment::Kind::upgrade_sent, .action = Action::connect, .event = 0});
    std::string in_query;
    const auto carrier = carrier_of(credential, use);
    if (carrier == TokenCarrier::authorization)
        request.headers.emplace_back("Authorization", "Bearer " + credential);
    if (carrier == TokenCarrier::subprotocol)
        request.subprotocols = "jwt-auth, jwt." + base64url(credential) +
                               (request.subprotocols.empty() ? "" : ", " + request.subprotocols);
    if (carrier == TokenCarrier::query) in_query = "token=" + credential;
    if (carrier == TokenCarrier::ticket) in_query = "ticket=" + credential;
    request.target = (url.path.empty() ? profile.websocket_path : url.path) + query_of(url, in_query);
    return request;
}

Task<Outcome> Tab::connect(const StepSpec& step)
{
    if (step.credential == Credential::shared_ticket) ++shared_tickets_;
    const auto give_up = Clock::now() + context_.scenario.expectations.deadlines.retry;
    for (;;) {
        const auto outcome = co_await connect_once(step);
        const auto again = Clock::now() + std::max(retry_after_.value_or(Duration{}), shortest_retry);
        const auto asked_to = outcome == Outcome::http_status && retry_after_;
        const auto taken_down = outcome != Outcome::ok && (was_down_ || context_.target.is_down(instance_));
        const auto may_repeat = (asked_to || taken_down) && again <= give_up;
        if (!may_repeat || !context_.scenario.retry_refused || interrupted_) co_return outcome;
        due_ = again;
        co_await sleep_until(due_);
        co_await await_instance(give_up);
        if (interrupted_) co_return Outcome::cancelled;
    }
}

// While the harness itself has the target down, nobody knocks again and again.
Task<void> Tab::await_instance(Clock::time_point limit)
{
    const auto& target = context_.target;
    const auto user = user_.planned().id;
    while (target.is_down(target.serving(user)) && !interrupted_ && Clock::now() < limit) {
        due_ = Clock::now() + shortest_retry;
        co_await sleep_until(due_);
    }
}

Task<Outcome> Tab::connect_once(const StepSpec& step)
{
    if (attempted_) ++incarnation_;
    attempted_ = true;
    welcomed_ = false;
    close_sent_ = false;
    retry_after_.reset();
    pings_ = pongs_ = 0;
    const auto brought = co_await credential(step.credential);
    if (brought.outcome != Outcome::ok) {
        record(StepKind::login, brought.outcome, brought.status, no_request, brought.error);
        co_return brought.outcome;
    }
    if (interrupted_) co_return Outcome::cancelled;
    instance_ = context_.target.serving(user_.planned().id);
    was_down_ = context_.target.is_down(instance_);
    auto opening = open_request(brought.token, step.credential);
    prepare_early_request();
    shape(opening, step.connect);
    connection_ = make_connection(context_.deadlines, *this, context_.target.tls.get());
    begin_lag_ = static_cast<std::int32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - due_).count());
    open_ = true; // an end may be reported before open() returns
    const auto opened = co_await connection_->open(opening);
    if (!opened) {
        open_ = false;
        if (rendezvous_) rendezvous_->abandon();
        if (early_) book_.give_up(early_->number);
        if (step.connect.abort_by == Ending::silence) silent_.push_back(connection_);
        connection_.reset();
        co_return open_outcome_;
    }
    Progress::add(context_.progress.connected);
    if (step.connect.abort_after == AbortStage::none) co_return Outcome::ok;
    const auto aborted = co_await abort_opened(step.connect);
    co_return aborted;
}

// Given up only once it was open: everything before that is the connection's own to do.
Task<Outcome> Tab::abort_opened(const ConnectSpec& spec)
{
    auto outcome = Outcome::ok;
    if (spec.abort_after == AbortStage::welcome) outcome = co_await await_welcome();
    if (!open_) co_return outcome;
    const StepReport report{
        .step = StepKind::aborted, .value = static_cast<int>(spec.abort_after), .text = name(spec.abort_by)};
    on_step(report);
    const auto ended = co_await end_by(spec.abort_by);
    if (outcome == Outcome::ok) outcome = ended;
    co_return outcome;
}

// A request that is to share a segment with the end of the upgrade has to be there before it.
void Tab::prepare_early_request()
{
    const auto& journey = context_.plan.journey(user_.planned(), slot_.value);
    early_.reset();
    if (step_ + 1 >= journey.size() || !journey[step_ + 1].early) return;
    early_ = std::make_unique<EarlyRequest>(make_request(journey[step_ + 1]));
    if (rendezvous_) rendezvous_->asked(step_ + 1);
}

void Tab::shape(OpenRequest& request, const ConnectSpec& spec) const
{
    request.spec = spec;
    request.tls_delay = delay_of(step_, PlannedDelay::Point::tls);
    request.upgrade_delay = delay_of(step_, PlannedDelay::Point::upgrade_sent);
    if (early_) request.early = early_->message;
}

} // namespace wsrace
