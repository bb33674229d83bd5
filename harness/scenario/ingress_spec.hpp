// The load balancer that the harness plays in front of a supervised server: what it does, each thing on its
// own. docs/ingress.md says which platforms do it.
#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wsrace {

struct IngressCut {
    Duration after{};
    bool by_reset = false; // RST; else FIN
};

// Instances that are added (positive) or removed, the newest first.
struct IngressScale {
    Duration at{}; // after the server was ready
    std::int32_t change = 0;
};

// A second command beside the server's own.
struct IngressRevision {
    double weight = 0.5; // its share of the connections that may go anywhere
    std::vector<std::string> command;
    std::uint16_t instances = 1;
};

enum class ForwardedFor {
    none,
    peer,     // the address that the user's connection comes from
    per_user, // 10.x.y.z, another one for each user
};

enum class AffinityBy {
    cookie,        // which the ingress sets, and users send back
    authorization, // the token that the request carries
    address,       // the user's
};

struct IngressSpec {
    std::optional<std::uint32_t> queue_limit; // connections that may wait for an instance; none: nobody waits
    std::uint32_t concurrency = 0;            // connections that one instance gets at a time; 0: any number
    std::optional<IngressCut> idle_cut;       // of connections on which nothing passed either way
    std::optional<IngressCut> request_limit;  // of connections however busy, from when they were let through
    std::vector<std::string> strip_headers;   // of upgrades
    ForwardedFor forwarded_for = ForwardedFor::none; // X-Forwarded-For
    std::vector<std::pair<std::string, std::string>> add_headers;
    double affinity = 0; // how often a user's later connection goes where the first one went
    AffinityBy affinity_by = AffinityBy::cookie;
    bool reroute_on_reconnect = false;         // a reopened connection goes to another instance than before
    std::vector<IngressScale> scale;           // in the order of time
    Duration drain = std::chrono::seconds{10}; // from SIGTERM to SIGKILL of an instance that is removed
    std::optional<IngressRevision> revisions;
};

} // namespace wsrace
