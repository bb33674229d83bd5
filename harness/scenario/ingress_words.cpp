#include "scenario/ingress_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>

namespace wsrace {
namespace {

std::string cut_text(std::string_view what, const IngressCut& cut)
{
    return fmt::format("{} after {}, by {}", what, format_duration(cut.after), cut.by_reset ? "RST" : "FIN");
}

std::string scale_text(const IngressSpec& ingress, const IngressScale& change)
{
    const auto count = std::abs(change.change);
    const auto* const noun = count == 1 ? "instance" : "instances";
    if (change.change > 0)
        return fmt::format("{} {} added {} after the target is ready", count, noun,
                           format_duration(change.at));
    return fmt::format("{} {} drained {} after the target is ready: SIGTERM, {}, SIGKILL", count, noun,
                       format_duration(change.at), format_duration(ingress.drain));
}

void describe_waiting(const IngressSpec& ingress, std::vector<std::string>& out)
{
    if (ingress.queue_limit)
        out.push_back(fmt::format("connections wait until an instance takes them, at most {}; beyond: 503",
                                  *ingress.queue_limit));
    if (ingress.concurrency > 0)
        out.push_back(fmt::format("{} connections on each instance at a time; beyond: {}",
                                  ingress.concurrency, ingress.queue_limit ? "queued" : "503"));
    if (ingress.idle_cut) out.push_back(cut_text("idle connections are cut", *ingress.idle_cut));
    if (ingress.request_limit) out.push_back(cut_text("connections are ended", *ingress.request_limit));
}

void describe_headers(const IngressSpec& ingress, std::vector<std::string>& out)
{
    if (!ingress.strip_headers.empty())
        out.push_back(fmt::format("strips from upgrades: {}", fmt::join(ingress.strip_headers, ", ")));
    if (ingress.forwarded_for == ForwardedFor::peer) out.push_back("X-Forwarded-For: the peer's address");
    if (ingress.forwarded_for == ForwardedFor::per_user)
        out.push_back("X-Forwarded-For: an address for each user");
    for (const auto& [header, value] : ingress.add_headers)
        out.push_back(fmt::format("adds {}: {}", header, value));
}

} // namespace

std::string_view name(ForwardedFor what)
{
    switch (what) {
    case ForwardedFor::none: return "none";
    case ForwardedFor::peer: return "peer";
    case ForwardedFor::per_user: break;
    }
    return "per_user";
}

std::string_view name(AffinityBy key)
{
    switch (key) {
    case AffinityBy::cookie: return "cookie";
    case AffinityBy::authorization: return "authorization";
    case AffinityBy::address: break;
    }
    return "address";
}

std::vector<std::string> describe(const IngressSpec& ingress)
{
    std::vector<std::string> out;
    describe_waiting(ingress, out);
    describe_headers(ingress, out);
    if (ingress.affinity > 0)
        out.push_back(fmt::format("affinity by {}, followed by {:g} % of the connections",
                                  name(ingress.affinity_by), ingress.affinity * 100));
    if (ingress.reroute_on_reconnect) out.emplace_back("a reopened connection goes to another instance");
    for (const auto& change : ingress.scale) out.push_back(scale_text(ingress, change));
    if (ingress.revisions)
        out.push_back(fmt::format("{} of another revision beside it, with {:g} % of the connections: {}",
                                  ingress.revisions->instances, ingress.revisions->weight * 100,
                                  fmt::join(ingress.revisions->command, " ")));
    if (out.empty()) out.emplace_back("spreads connections over the instances");
    return out;
}

std::uint16_t ServerSpec::instances_at_start() const
{
    const auto others = ingress && ingress->revisions ? ingress->revisions->instances : 0;
    return static_cast<std::uint16_t>(instances + others);
}

std::uint16_t ServerSpec::instances_in_all() const
{
    auto count = static_cast<std::int32_t>(instances_at_start());
    if (ingress)
        for (const auto& change : ingress->scale)
            if (change.change > 0) count += change.change;
    return static_cast<std::uint16_t>(count);
}

bool ServerSpec::is_other_revision(std::uint16_t instance) const
{
    return instance >= instances && instance < instances_at_start();
}

} // namespace wsrace
