// An ingress with sockets of the test on both sides: users who connect, and instances that accept.
#pragma once

#include "core/ingress_act.hpp"
#include "faults/blocking_sockets.hpp"
#include "ingress/ingress.hpp"
#include "ingress/names.hpp"
#include "support/temporary_folder.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace wsrace::testing {

using Clock = std::chrono::steady_clock;

// Up to the empty line; then, or at the end of the connection, with how it ended.
inline std::string read_head(BlockingSocket& socket)
{
    std::string head, how;
    while (!head.ends_with("\r\n\r\n")) {
        head += socket.receive(1, how);
        if (!how.empty()) return head + " " + how;
    }
    return head;
}

inline std::string upgrade(const std::string& more = {})
{
    return "GET /ws HTTP/1.1\r\nHost: agents.example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
           more + "\r\n";
}

inline std::string caller(unsigned user, unsigned slot = 0, unsigned incarnation = 0)
{
    return fmt::format("{}: {}.{}.{}\r\n", ingress::caller_header, user, slot, incarnation);
}

inline const std::string switched = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

// The ingress stops before the folder goes.
class Fronted {
public:
    explicit Fronted(IngressSpec spec, std::size_t instances = 1, bool open = true, std::uint64_t seed = 1)
        : listeners_(instances), ingress_{setup(std::move(spec), seed),
                                          HistoryWriter{folder_.path() / "history.1003", RunInfo{}}}
    {
        for (std::uint16_t i = 0; i < instances && open; ++i) ingress_.set_open(i, true);
    }

    BlockingSocket connect() const { return connect_to(ingress_.port()); }
    BlockingSocket ask(const std::string& request) const
    {
        auto user = connect();
        user.send(request);
        return user;
    }
    Listener& instance(std::size_t number = 0) { return listeners_[number]; }
    Ingress& ingress() { return ingress_; }

    // The instance to which the next connection came.
    std::pair<std::size_t, BlockingSocket> accept()
    {
        std::vector<pollfd> entries;
        for (const auto& listener : listeners_)
            entries.push_back({.fd = listener.native(), .events = POLLIN, .revents = 0});
        if (::poll(entries.data(), entries.size(), longest_wait_ms) < 1)
            throw std::runtime_error{"nobody came to any instance"};
        std::size_t number = 0;
        while ((entries[number].revents & POLLIN) == 0) ++number;
        return {number, listeners_[number].accept()};
    }

    History history()
    {
        ingress_.stop();
        if (!ingress_.problem().empty()) throw std::runtime_error{ingress_.problem()};
        return read_history(folder_.path());
    }

    std::size_t count(IngressAct act)
    {
        const auto all = history();
        return static_cast<std::size_t>(
            std::count_if(all.events.begin(), all.events.end(),
                          [act](const auto& event) { return ingress_act(event) == act; }));
    }

private:
    IngressSetup setup(IngressSpec spec, std::uint64_t seed) const
    {
        IngressSetup out{.spec = std::move(spec), .instances = {}, .seed = seed, .start = Clock::now()};
        for (const auto& listener : listeners_)
            out.instances.push_back({.port = listener.port(), .other_revision = false});
        return out;
    }

    TemporaryFolder folder_;
    std::vector<Listener> listeners_;
    Ingress ingress_;
};

} // namespace wsrace::testing
