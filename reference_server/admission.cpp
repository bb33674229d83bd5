#include "reference_server/admission.hpp"

#include "reference_server/app.hpp"
#include "reference_server/base64url.hpp"
#include "reference_server/health.hpp"

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

namespace wsrace::reference {

namespace {

constexpr std::string_view selected_protocol = "jwt-auth";
constexpr std::string_view token_prefix = "jwt.";

Admission refused(HttpReply reply)
{
    Admission admission;
    admission.refusal = std::move(reply);
    return admission;
}

std::vector<std::string_view> offers(std::string_view header)
{
    std::vector<std::string_view> found;
    while (!header.empty()) {
        const auto comma = std::min(header.find(','), header.size());
        auto offer = header.substr(0, comma);
        header.remove_prefix(std::min(comma + 1, header.size()));
        offer.remove_prefix(std::min(offer.find_first_not_of(" \t"), offer.size()));
        offer = offer.substr(0, offer.find_last_not_of(" \t") + 1);
        if (!offer.empty()) found.push_back(offer);
    }
    return found;
}

// A token offered as a subprotocol is encoded; some clients send it as it is, told by its dots.
std::string offered_token(const std::vector<std::string_view>& offered)
{
    for (const auto offer : offered) {
        if (!offer.starts_with(token_prefix)) continue;
        const auto text = offer.substr(token_prefix.size());
        if (text.find('.') != std::string_view::npos) return std::string{text};
        return base64url_decode(text).value_or(std::string{});
    }
    return {};
}

std::string presented_token(const HttpRequest& request, const std::vector<std::string_view>& offered)
{
    if (!request.authorization.empty()) return std::string{bearer_token(request)};
    if (auto token = offered_token(offered); !token.empty()) return token;
    const auto found = request.query.find("token");
    return found == request.query.end() ? std::string{} : found->second;
}

Credentials presented(const HttpRequest& request, const std::vector<std::string_view>& offered)
{
    Credentials credentials;
    credentials.token = presented_token(request, offered);
    const auto ticket = request.query.find("ticket");
    if (credentials.token.empty() && ticket != request.query.end()) credentials.ticket = ticket->second;
    return credentials;
}

// Who this is, when auth did not say.
std::optional<Identity> without_auth(const App& app)
{
    // Bug: better the context that everybody shares than none at all; it is that of whoever was identified
    // last.
    if (app.options.bugs.has(Bug::fail_open)) return app.last_identified.get();
    return std::nullopt;
}

// Sets the identity, or the refusal.
boost::asio::awaitable<Admission> identify(App& app, Credentials credentials)
{
    Admission admission;
    auto& auth = app.services.auth();
    if (app.options.bugs.has(Bug::accept_before_ready)) {
        // Bug: for a quick handshake the signature has to do; who this is gets asked when it has been
        // accepted.
        admission.identity = auth.read_signed(credentials.token);
        if (admission.identity) admission.unconfirmed = std::move(credentials);
        if (admission.identity) co_return admission;
    }
    try {
        auto identity = co_await auth.identify(std::move(credentials));
        if (!identity) admission.refusal = error_reply(401, "unauthorized", "no valid token or ticket");
        admission.identity = std::move(identity);
        if (app.options.bugs.has(Bug::fail_open) && admission.identity)
            app.last_identified.set(*admission.identity);
    } catch (const DependencyFailure& failure) {
        admission.refusal = unavailable_reply(failure);
        admission.identity = without_auth(app);
    }
    co_return admission;
}

bool origin_allowed(const App& app, const HttpRequest& request)
{
    const auto& allowed = app.options.allowed_origins;
    return allowed.empty() || std::find(allowed.begin(), allowed.end(), request.origin) != allowed.end();
}

bool take_place(App& app)
{
    const auto limit = app.options.max_connections;
    const auto taken = app.places_taken.fetch_add(1) + 1;
    if (limit == 0 || taken <= limit) return true;
    leave_place(app);
    return false;
}

HttpReply busy_reply(unsigned status, std::string_view code, std::string_view message)
{
    auto reply = error_reply(status, code, message);
    reply.retry_after = std::chrono::seconds{1};
    return reply;
}

} // namespace

boost::asio::awaitable<Admission> admit(App& app, std::shared_ptr<const HttpRequest> request)
{
    // Bug: to spare the client a retry, each connection waits for what is not there, one after the other.
    if (app.options.bugs.has(Bug::cascading_waits)) co_await app.services.wait_for_each();
    if (!app.services.admits_traffic()) co_return refused(not_ready_reply(app));
    if (!origin_allowed(app, *request)) {
        co_return refused(error_reply(403, "origin_not_allowed", "this origin may not connect"));
    }
    const auto offered = offers(request->subprotocols);
    auto credentials = presented(*request, offered);
    const auto token = credentials.token;
    auto admission = co_await identify(app, std::move(credentials));
    if (!admission.identity) co_return admission;
    if (app.options.bugs.has(Bug::token_reuse_guard) && !token.empty() && !app.token_uses.allow(token)) {
        // Bug: one token twice within a second has been stolen.
        co_return refused(error_reply(401, "token_reused", "this token has just been used"));
    }
    // Bug: the limit is per address, and all who come through one proxy come from one.
    const auto& limited =
        app.options.bugs.has(Bug::shared_rate_limit) ? request->peer : admission.identity->user_id;
    if (!app.upgrade_limit.allow(limited)) {
        co_return refused(busy_reply(429, "rate_limited", "too many connects of this user"));
    }
    if (!take_place(app)) co_return refused(busy_reply(503, "full", "the server is full"));
    if (std::find(offered.begin(), offered.end(), selected_protocol) != offered.end()) {
        admission.subprotocol = selected_protocol;
    }
    co_return admission;
}

void leave_place(App& app) { app.places_taken.fetch_sub(1); }

} // namespace wsrace::reference
