#include "support/violation_kinds.hpp"

#include "support/judging.hpp"

#include <algorithm>
#include <array>

namespace wsrace::test {

namespace {

constexpr auto kinds = std::to_array<std::string_view>({
    "close_codes: 1011 while a run was going on",
    "close_codes: 1011 between runs",
    "close_codes: 1011 after our close",
    "close_codes: 1011 without a welcome",
    "close_codes: 1000 while a run was going on",
    "close_codes: 1000 without a welcome",
    "close_codes: 1006 (end of file) *",
    "close_codes: 1006 (reset) *",
    "close_codes: our close not answered *",
    "close_codes: protocol error *",
    "close_codes: unoffered subprotocol",
    "close_codes: * between runs",

    "handshake: login: *",
    "handshake: tcp_connect: *",
    "handshake: tls: *",
    "handshake: upgrade_answered: HTTP 503 without Retry-After",
    "handshake: upgrade_answered: HTTP *",
    "handshake: upgrade_answered: *",
    "handshake: 101 late",
    "handshake: welcome late",
    "handshake: no welcome",
    "handshake: closed with * after accept",

    "overload_refusal: *: HTTP * without Retry-After",
    "overload_refusal: *: HTTP * with a malformed Retry-After",
    "overload_refusal: *: refused again",
    "overload_refusal: *: never admitted",
    "overload_refusal: 1011 after accept: accepted before it was ready",
    "overload_refusal: 1011 after accept: accepted while it was ending",
    "overload_refusal: said it was ready, yet tcp_connect *",
    "overload_refusal: said it was ready, yet upgrade_answered *",
    "overload_refusal: said it was ready, yet HTTP *",
    "overload_refusal: said it was ready, yet closed with 1011 before a welcome",

    "five_events: *; refused by an error_message",
    "five_events: *; the run ended with agent_error",
    "five_events: *; the run ended with a failed status",
    "five_events: *; the target closed with *",
    "five_events: *; the connection ended: *",
    "five_events: nothing at all",
    "five_events: no *",
    "five_events: late *",

    "exactly_once: * twice (recovered)",
    "exactly_once: agent_started twice",
    "exactly_once: agent_completed twice",
    "exactly_once: agent_error twice",
    "exactly_once: * twice",

    "event_order: * before agent_started",
    "event_order: * after agent_completed",
    "event_order: timestamp goes back at *",
    "event_order: * has a timestamp that does not parse",

    "tool_pairing: tool_executing without tool_completed",
    "tool_pairing: tool_completed without tool_executing",
    "tool_pairing: tool_completed before tool_executing",

    "isolation: canary of another user in *",
    "isolation: canary of another run of the harness in *",
    "isolation: user id of another user in *",
    "isolation: run id of another user in * at run id",
    "isolation: run id of another user in *",
    "isolation: thread id of another user in *",
    "isolation: * for a user who asked nothing",

    "routing: * on another connection of the user",
    "routing: * labelled with another run's id",
    "routing: damaged canary in *",
    "routing: * on a connection that asked nothing",
    "routing: * not on all connections of the user",

    "acknowledged: silence after *",

    "liveness: hang: no event at all",
    "liveness: hang after *",
    "liveness: hang: stop_agent ignored",
    "liveness: hang: ping unanswered during a run",
    "liveness: hang: ping unanswered",
    "liveness: slow: first event",
    "liveness: slow: gap before *",
    "liveness: slow: terminal event",
    "liveness: slow: no end of the run",
    "liveness: slow: stop_agent",
    "liveness: slow: pong during a run",
    "liveness: slow: pong",

    "tab_independence: connection ended after another tab was closed",
    "tab_independence: connection ended after another tab was dropped",
    "tab_independence: connection ended after another tab was aborted",
    "tab_independence: connection ended after another tab was stalled",
    "tab_independence: connection of another user ended after one was *",
    "tab_independence: run fell silent after another tab was *",

    "reconnect: rest without *",
    "reconnect: rest never came",
    "reconnect: rest broke off on the new connection",
    "reconnect: rest went to another connection",
    "reconnect: * again after the drop*",
    "reconnect: * out of order after the drop*",
    "reconnect: * after the end, after the drop",
    "reconnect: nothing on the reopened connection",

    "idle_delivery: no event on an old connection",
    "idle_delivery: an old connection was cut",

    "credentials: admitted with a forged token *",
    "credentials: admitted without a token",
    "credentials: a single-use ticket admitted several",
    "credentials: a single-use ticket admitted nobody",
    "credentials: a valid token refused",
    "credentials: another user's events in a thread of the same name",

    "baseline: memory above *",
    "baseline: threads above *",
    "baseline: sockets above *",
    "baseline: files above *",
    "baseline: counter * above *",
    "baseline: counter * below zero",

    "schema: a text frame that is not JSON",
    "schema: a frame without a type",
    "schema: a binary frame",
    "schema: * at *: *",

    "server_log: pool exhausted*",
    "server_log: *",

    "sanitizer: exit status 66",
    "sanitizer: unexpected exit",
    "sanitizer: killed by *",
    "sanitizer: * at *",
});

} // namespace

std::span<const std::string_view> violation_kinds() { return kinds; }

bool fits(std::string_view pattern, std::string_view text)
{
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == text;
    if (!text.starts_with(pattern.substr(0, star))) return false;
    for (auto rest = star; rest <= text.size(); ++rest)
        if (fits(pattern.substr(star + 1), text.substr(rest))) return true;
    return false;
}

std::set<std::string> kinds_found(const History& history, const Expectations& expectations)
{
    std::set<std::string> out;
    const auto connections = connections_of(history);
    const RunTable runs(history, connections, expectations.run_events);
    for (const CheckEntry& entry : check_table()) {
        const auto result = entry.judge({expectations, history, connections, runs});
        for (const Violation& violation : result.violations) {
            const auto* const kind = std::find_if(kinds.begin(), kinds.end(), [&](std::string_view pattern) {
                return fits(pattern, violation.signature);
            });
            out.insert(kind == kinds.end() ? violation.signature : std::string{*kind});
        }
    }
    return out;
}

} // namespace wsrace::test
