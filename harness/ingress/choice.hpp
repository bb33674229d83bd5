// Which instance a connection goes to. Pure: the same seed, user and attempt give the same draws.
#pragma once

#include "core/ids.hpp"
#include "ingress/request_head.hpp"
#include "scenario/ingress_spec.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace wsrace::ingress {

// Who asks: a user of the run, or a client that did not say; then the user is the number of its connection.
struct Caller {
    UserId user;
    bool known = false;
    std::optional<ConnectionId> connection; // of an upgrade
    std::uint32_t attempt = 0;              // which of the user's plain requests it is
};

Caller read_caller(std::string_view header, std::uint32_t connection_number);

// What a connection asks for, and what was drawn for it.
struct Wish {
    Caller caller;
    std::string key;                    // of affinity by anything but the cookie; empty: none
    std::optional<std::uint16_t> bound; // affinity leads there
    std::optional<std::uint16_t> left;  // it was there before, and is to be moved
    std::set<std::uint16_t> refused_by; // these did not accept it
    std::uint64_t draws = 0;            // seed of what is drawn for it
};

class Choice {
public:
    // `other_revision`: by instance, whether it belongs to the ingress's second revision.
    Choice(const IngressSpec& spec, std::vector<bool> other_revision, std::uint64_t seed);

    // To be called once for each connection. Counts the caller's plain requests.
    Wish wish(Caller caller, const RequestHead& head);

    // One of those that are available, or nothing when none is.
    std::optional<std::uint16_t> among(const Wish& wish, const std::vector<bool>& available) const;

    // The connection is served there: what affinity and re-routing go by later.
    void placed(const Wish& wish, std::uint16_t instance);

    // The cookie that the answer is to set, as the header's line; empty: none.
    std::string cookie_line(const Wish& wish, const RequestHead& head, std::uint16_t instance) const;

private:
    std::optional<std::uint16_t> bound_by_cookie(const RequestHead& head) const;
    std::string key_of(const Caller& caller, const RequestHead& head) const;
    double weight(std::uint16_t instance, const std::vector<bool>& available) const;

    const IngressSpec& spec_;
    std::vector<bool> other_revision_;
    std::uint64_t seed_;
    std::map<std::uint32_t, std::uint32_t> requests_;                          // plain ones, by user
    std::map<std::string, std::uint16_t> by_key_;                              // affinity
    std::map<std::pair<std::uint32_t, std::uint16_t>, std::uint16_t> last_at_; // by user and slot
};

} // namespace wsrace::ingress
