#include "ingress/choice.hpp"

#include "core/random.hpp"
#include "ingress/names.hpp"

#include <boost/random/uniform_real_distribution.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace wsrace::ingress {

namespace {

constexpr double least_weight = 1e-9; // of an instance that gets nothing while another one is there

double draw(std::uint64_t seed, std::string_view purpose, std::uint64_t a = 0)
{
    auto random = random_stream(seed, purpose, a);
    return boost::random::uniform_real_distribution<double>{0.0, 1.0}(random);
}

// Reads a number and what may stand behind it.
template <typename Number>
bool take_number(std::string_view& text, Number& number)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with('.')) text.remove_prefix(1);
    return true;
}

// The value of one cookie out of "a=b; c=d".
std::string_view cookie_value(std::string_view cookies, std::string_view name)
{
    while (!cookies.empty()) {
        const auto end = std::min(cookies.find(';'), cookies.size());
        auto one = cookies.substr(0, end);
        cookies.remove_prefix(std::min(end + 1, cookies.size()));
        one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
        if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=')
            return one.substr(name.size() + 1);
    }
    return {};
}

} // namespace

Caller read_caller(std::string_view header, std::uint32_t connection_number)
{
    Caller caller;
    caller.user = UserId{connection_number};
    std::uint32_t user = 0;
    if (!take_number(header, user)) return caller;
    caller.user = UserId{user};
    caller.known = true;
    ConnectionId connection{.user = caller.user, .slot = {}, .incarnation = 0};
    if (take_number(header, connection.slot.value) && take_number(header, connection.incarnation))
        caller.connection = connection;
    return caller;
}

Choice::Choice(const IngressSpec& spec, std::vector<bool> other_revision, std::uint64_t seed)
    : spec_{spec}, other_revision_{std::move(other_revision)}, seed_{seed}
{}

Wish Choice::wish(Caller caller, const RequestHead& head)
{
    Wish wish;
    if (!caller.connection && caller.known) caller.attempt = requests_[caller.user.value]++;
    std::uint64_t attempt = std::uint64_t{1} << 48U | caller.attempt;
    if (caller.connection)
        attempt = std::uint64_t{caller.connection->slot.value} << 16U | caller.connection->incarnation;
    wish.draws =
        derive_seed(seed_, caller.known ? "ingress" : "ingress stranger", caller.user.value, attempt);
    if (spec_.affinity > 0) wish.key = key_of(caller, head);
    if (spec_.affinity > 0 && draw(wish.draws, "affinity") < spec_.affinity) {
        wish.bound = bound_by_cookie(head);
        const auto known = by_key_.find(wish.key);
        if (!wish.key.empty() && known != by_key_.end()) wish.bound = known->second;
    }
    if (spec_.reroute_on_reconnect && caller.connection && caller.connection->incarnation > 0) {
        const auto before = last_at_.find({caller.user.value, caller.connection->slot.value});
        if (before != last_at_.end()) wish.left = before->second;
    }
    wish.caller = caller;
    return wish;
}

std::optional<std::uint16_t> Choice::bound_by_cookie(const RequestHead& head) const
{
    if (spec_.affinity_by != AffinityBy::cookie) return std::nullopt;
    auto value = cookie_value(head.find("Cookie"), affinity_cookie);
    std::uint16_t instance = 0;
    if (!take_number(value, instance) || instance >= other_revision_.size()) return std::nullopt;
    return instance;
}

// The token, whoever carries it; logins have none, and go anywhere.
std::string Choice::key_of(const Caller& caller, const RequestHead& head) const
{
    if (spec_.affinity_by == AffinityBy::cookie) return {};
    if (spec_.affinity_by == AffinityBy::address)
        return fmt::format("{} {}", caller.known ? "user" : "stranger", caller.user.value);
    if (head.has("Authorization")) return std::string{head.find("Authorization")};
    if (head.has("Sec-WebSocket-Protocol")) return std::string{head.find("Sec-WebSocket-Protocol")};
    const auto query = head.target.find('?');
    return query == std::string::npos ? std::string{} : head.target.substr(query);
}

// A revision's share is divided among those of its instances that are there.
double Choice::weight(std::uint16_t instance, const std::vector<bool>& available) const
{
    if (!spec_.revisions) return 1;
    const bool other = other_revision_[instance];
    std::size_t count = 0;
    for (std::size_t i = 0; i < available.size(); ++i)
        if (available[i] && other_revision_[i] == other) ++count;
    const double share = other ? spec_.revisions->weight : 1 - spec_.revisions->weight;
    return std::max(share, least_weight) / static_cast<double>(count);
}

// Each instance draws a number of its own, and the best one in proportion to its weight wins (highest random
// weight: Thaler and Ravishankar, 1998): whether another one is there changes the choice only of those who
// would go to that one.
std::optional<std::uint16_t> Choice::among(const Wish& wish, const std::vector<bool>& available) const
{
    auto candidates = available;
    for (const auto instance : wish.refused_by) candidates[instance] = false;
    if (wish.left &&
        std::count(candidates.begin(), candidates.end(), true) > (candidates[*wish.left] ? 1 : 0))
        candidates[*wish.left] = false;
    if (wish.bound && candidates[*wish.bound]) return wish.bound;
    std::optional<std::uint16_t> best;
    double shortest = 0;
    for (std::uint16_t i = 0; i < candidates.size(); ++i) {
        if (!candidates[i]) continue;
        const double time = -std::log1p(-draw(wish.draws, "instance", i)) / weight(i, candidates);
        if (best && time >= shortest) continue;
        best = i;
        shortest = time;
    }
    return best;
}

void Choice::placed(const Wish& wish, std::uint16_t instance)
{
    if (!wish.key.empty()) by_key_[wish.key] = instance;
    if (wish.caller.connection)
        last_at_[{wish.caller.user.value, wish.caller.connection->slot.value}] = instance;
}

std::string Choice::cookie_line(const Wish& wish, const RequestHead& head, std::uint16_t instance) const
{
    if (spec_.affinity <= 0 || spec_.affinity_by != AffinityBy::cookie) return {};
    if (wish.bound == instance && bound_by_cookie(head) == instance) return {};
    return fmt::format("Set-Cookie: {}={}; Path=/; HttpOnly", affinity_cookie, instance);
}

} // namespace wsrace::ingress
