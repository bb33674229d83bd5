// The proxy between the users of a run and their target, on which the scenario's link faults act.
#pragma once

#include "core/history_file.hpp"
#include "scenario/link_fault.hpp"
#include "scenario/profile.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace wsrace {

struct LinkSetup {
    std::vector<LinkFault> faults;                         // Plan::link_faults
    std::uint64_t seed = 0;                                // of the plan
    std::chrono::steady_clock::time_point start;           // time zero of the history
    std::chrono::steady_clock::time_point anchor;          // what faults count from
    std::vector<boost::asio::ip::tcp::endpoint> targets{}; // one for each instance
    bool plain_text = true;                                // false: TLS passes through unread
    std::uint16_t slots = 1;                               // of each user
    std::uint32_t users = 1;
    const Profile& profile; // names the types of frames; only read by the constructor
};

// One proxy for each instance of the target, all on one thread of their own, from construction to stop().
// Without a fault bytes pass unchanged and in order, FIN as FIN, RST as RST; a target that refuses is passed
// on as RST, since the connection to the proxy stands already.
//
// Each slot of each user connects to an address of its own in 127.0.0.0/8: so the proxy knows whose a
// connection is before its first byte, also through TLS, and nothing is added to what the target gets.
//
// When a fault first acts on a connection the history gets an event: "link: reset, connection 3" with user
// and slot, value the connection's number at the proxy, incarnation how many the slot had opened before, and
// Flag::link_lost where it takes the connection or spoils its handshake.
class LinkProxies {
public:
    // Throws std::runtime_error where there are more users than addresses, boost::system::system_error when
    // there is no port left.
    LinkProxies(const LinkSetup& setup, HistoryWriter history);
    ~LinkProxies(); // stops
    LinkProxies(const LinkProxies&) = delete;
    LinkProxies& operator=(const LinkProxies&) = delete;

    // Where that slot is to connect to. From any thread.
    boost::asio::ip::tcp::endpoint endpoint(std::size_t instance, UserId user, SlotId slot) const;

    // Resets what is open, ends the thread, completes the history. Safe to call again.
    void stop();

    // After stop(): what the harness itself could not do, such as open another socket; else empty.
    const std::string& problem() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace wsrace
