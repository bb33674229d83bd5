// What the harness's own load balancer did to whom: a target is not blamed for it.
#pragma once

#include "core/history.hpp"
#include "core/ingress_act.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace wsrace {

class IngressActs {
public:
    explicit IngressActs(const History& history);

    bool any() const { return any_; } // there is an ingress, and somebody came to it

    // Whether it ended the connection on purpose: idle for too long, or older than may be.
    bool cut(const ConnectionId& connection, Instant ended) const;

    // Whether the failed attempt to open a connection, or to log in, says nothing about the target: the
    // ingress refused it itself, or had taken the credentials out of it.
    bool kept_out(const Event& step) const;

    // Where the connection went; nothing if it never got to an instance.
    std::optional<std::uint16_t> instance_of(const ConnectionId& connection) const;

    // Whether the tab is on another instance now than the one where it asked on `connection`: a sentence's
    // part that says so, or empty.
    std::string moved_since(const ConnectionId& connection) const;

    // The instances to which the user's connections and requests had gone by then, in order of number.
    std::vector<std::uint16_t> instances_of(UserId user, Instant at) const;

private:
    struct Routed {
        Instant at{};
        std::uint16_t instance = 0;
    };
    struct OfConnection {
        std::optional<std::uint16_t> instance;
        Instant since{};
        std::optional<Instant> cut;
        bool refused = false;
        bool stripped = false;
    };

    bool any_ = false;
    std::map<ConnectionId, OfConnection> connections_;
    std::map<std::uint32_t, std::vector<Routed>> routed_;          // by user
    std::map<std::uint32_t, std::vector<Instant>> refused_logins_; // plain requests that were refused
};

} // namespace wsrace
