#include "reference_server/admission.hpp"

#include "reference_server/app.hpp"
#include "reference_server/base64url.hpp"
#include "reference_server/health.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
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

std::optional<Identity> identify(AuthStore& auth, const HttpRequest& request,
                                 const std::vector<std::string_view>& offered)
{
    const auto token = presented_token(request, offered);
    if (const auto ticket = request.query.find("ticket"); token.empty() && ticket != request.query.end()) {
        return auth.tickets().redeem(ticket->second);
    }
    auto verification = auth.check(token);
    if (!verification.claims) return std::nullopt;
    return Identity{.user_id = std::move(verification.claims->subject),
                    .email = std::move(verification.claims->email)};
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
    if (!app.services.admits_traffic()) co_return refused(not_ready_reply(app));
    if (!origin_allowed(app, *request)) {
        co_return refused(error_reply(403, "origin_not_allowed", "this origin may not connect"));
    }
    co_await app.authentication_pause();
    const auto offered = offers(request->subprotocols);
    auto identity = identify(app.services.auth(), *request, offered);
    if (!identity) co_return refused(error_reply(401, "unauthorized", "no valid token or ticket"));
    if (!app.upgrade_limit.allow(identity->user_id)) {
        co_return refused(busy_reply(429, "rate_limited", "too many connects of this user"));
    }
    if (!take_place(app)) co_return refused(busy_reply(503, "full", "the server is full"));
    Admission admission;
    admission.identity = std::move(identity);
    if (std::find(offered.begin(), offered.end(), selected_protocol) != offered.end()) {
        admission.subprotocol = selected_protocol;
    }
    co_return admission;
}

void leave_place(App& app) { app.places_taken.fetch_sub(1); }

} // namespace wsrace::reference
