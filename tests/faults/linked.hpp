// A target behind the proxy of its link, seen from both sides.
#pragma once

#include "core/history_file.hpp"
#include "faults/blocking_sockets.hpp"
#include "faults/link_proxies.hpp"
#include "support/temporary_folder.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wsrace::testing {

using Clock = std::chrono::steady_clock;

inline const std::string upgrade = "GET /ws HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Key: "
                                   "dGhlIHNhbXBsZSBub25jZQ==\r\nX-Name: abc\r\n\r\n";
inline const std::string switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                     "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

// A text frame of the target.
inline std::string text_frame(std::string_view payload)
{
    std::string bytes = "\x81";
    if (payload.size() < 126) {
        bytes += static_cast<char>(payload.size());
    } else {
        bytes += '\x7E';
        bytes += static_cast<char>(payload.size() >> 8U);
        bytes += static_cast<char>(payload.size() & 0xFFU);
    }
    return bytes.append(payload);
}

inline std::string event_frame(std::string_view type)
{
    return text_frame("{\"type\":\"" + std::string{type} + "\",\"run_id\":\"r-1\"}");
}

inline Profile known_types()
{
    Profile profile;
    profile.type_pointers = {"/type"};
    for (auto type = FrameType::welcome; type <= FrameType::heartbeat;
         type = static_cast<FrameType>(static_cast<int>(type) + 1))
        profile.types.emplace(name(type), type);
    return profile;
}

// Its proxy stops before the folder goes.
struct Linked {
    explicit Linked(std::vector<LinkFault> faults = {}, std::uint64_t seed = 1, bool plain_text = true)
        : proxies{{.faults = std::move(faults),
                   .seed = seed,
                   .start = start,
                   .anchor = start,
                   .targets = {{boost::asio::ip::address_v4::loopback(), target.port()}},
                   .plain_text = plain_text,
                   .slots = 2,
                   .users = 1000,
                   .profile = profile},
                  HistoryWriter{folder.path() / "history.1002", RunInfo{}}}
    {}

    BlockingSocket connect(std::uint32_t user = 0, std::uint16_t slot = 0) const
    {
        const auto endpoint = proxies.endpoint(0, UserId{user}, SlotId{slot});
        BlockingSocket socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        auto address = loopback(endpoint.port());
        address.sin_addr.s_addr = htonl(endpoint.address().to_v4().to_uint());
        socket.connect(address);
        return socket;
    }

    // Both sides of a connection that has been upgraded.
    std::pair<BlockingSocket, BlockingSocket> upgraded(std::uint32_t user = 0) const
    {
        auto client = connect(user);
        auto server = target.accept();
        client.send(upgrade);
        if (server.receive(upgrade.size()) != upgrade) throw std::runtime_error{"another upgrade"};
        server.send(switching);
        if (client.receive(switching.size()) != switching) throw std::runtime_error{"another answer"};
        return {std::move(client), std::move(server)};
    }

    // What the history says that the faults did: "user 7, connection 1 lost: link: reset, connection 3".
    std::vector<std::string> faults_noted()
    {
        proxies.stop();
        std::vector<std::string> texts;
        const auto history = read_history(folder.path());
        for (const auto& event : history.events)
            if (event.kind == EventKind::fault)
                texts.push_back("user " + std::to_string(event.user) + ", slot " +
                                std::to_string(event.slot) + (event.has(Flag::link_lost) ? " lost: " : ": ") +
                                std::string{history.text(event.text)});
        if (history.info.truncated) texts.emplace_back("the history is not complete");
        if (!proxies.problem().empty()) texts.push_back(proxies.problem());
        return texts;
    }

    TemporaryFolder folder;
    Listener target;
    Clock::time_point start = Clock::now();
    Profile profile = known_types();
    LinkProxies proxies;
};

inline LinkFault latency(Duration duration)
{
    LinkFault fault;
    fault.latency = duration;
    return fault;
}

inline LinkFault jitter(Duration low, Duration high)
{
    LinkFault fault;
    fault.jitter = Distribution{.kind = Distribution::Kind::uniform, .low = low, .high = high};
    return fault;
}

inline LinkFault bandwidth(std::uint64_t bytes_per_second)
{
    LinkFault fault;
    fault.bandwidth = bytes_per_second;
    return fault;
}

inline LinkFault slice(std::uint32_t bytes)
{
    LinkFault fault;
    fault.slice = bytes;
    return fault;
}

inline LinkFault stall(Duration duration)
{
    LinkFault fault;
    fault.stall = duration;
    return fault;
}

inline LinkFault reset()
{
    LinkFault fault;
    fault.reset = true;
    return fault;
}

inline LinkFault after_event(LinkFault fault, std::uint32_t number)
{
    fault.trigger = {.kind = LinkFault::Trigger::Kind::after_event, .number = number};
    return fault;
}

inline LinkFault on_type(LinkFault fault, FrameType type, std::uint32_t number = 1)
{
    fault.trigger = {.kind = LinkFault::Trigger::Kind::on_type, .number = number, .type = type};
    return fault;
}

inline LinkFault while_upgrade(LinkFault fault)
{
    fault.trigger.kind = LinkFault::Trigger::Kind::while_upgrade;
    return fault;
}

} // namespace wsrace::testing
