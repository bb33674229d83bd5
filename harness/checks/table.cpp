// The visible list: a new check is its own file, a declaration and a line here.
#include "checks/judge.hpp"

#include <array>

namespace wsrace {

CheckResult judge_close_codes(const CheckInput& input);
CheckResult judge_handshake(const CheckInput& input);
CheckResult judge_overload_refusal(const CheckInput& input);
CheckResult judge_five_events(const CheckInput& input);
CheckResult judge_exactly_once(const CheckInput& input);
CheckResult judge_event_order(const CheckInput& input);
CheckResult judge_tool_pairing(const CheckInput& input);
CheckResult judge_isolation(const CheckInput& input);
CheckResult judge_routing(const CheckInput& input);
CheckResult judge_acknowledged(const CheckInput& input);
CheckResult judge_liveness(const CheckInput& input);
CheckResult judge_tab_independence(const CheckInput& input);
CheckResult judge_reconnect(const CheckInput& input);
CheckResult judge_idle_delivery(const CheckInput& input);
CheckResult judge_credentials(const CheckInput& input);
CheckResult judge_baseline(const CheckInput& input);
CheckResult judge_schema(const CheckInput& input);
CheckResult judge_server_log(const CheckInput& input);
CheckResult judge_sanitizer(const CheckInput& input);

std::span<const CheckEntry> check_table()
{
    static constexpr std::array<CheckEntry, 19> table{{
        {"close_codes", "No connection ends with 1011 or a forbidden code, and every end is explained.",
         judge_close_codes},
        {"handshake",
         "Login, connect, upgrade and welcome are each within their deadline; refusals are in order.",
         judge_handshake},
        {"overload_refusal",
         "Not ready or overloaded is answered by 503 and Retry-After or 1013, and a retry succeeds.",
         judge_overload_refusal},
        {"five_events", "Every accepted request yields all five event types before its deadline.",
         judge_five_events},
        {"exactly_once", "One agent_started and one terminal event per run; no frame is delivered twice.",
         judge_exactly_once},
        {"event_order", "Started first, terminal last, nothing after it; timestamps do not go back.",
         judge_event_order},
        {"tool_pairing", "Each tool_executing has its own tool_completed after it.", judge_tool_pairing},
        {"isolation", "No frame carries another user's canary, user id, thread id or run id.",
         judge_isolation},
        {"routing", "A run's events reach the connection that started it, and no other of the user's.",
         judge_routing},
        {"acknowledged", "A request that was acknowledged reaches a terminal event.", judge_acknowledged},
        {"liveness", "Events, pongs and stops come within their deadlines; nothing hangs.", judge_liveness},
        {"tab_independence", "Closing, aborting or stalling one connection leaves all others untouched.",
         judge_tab_independence},
        {"reconnect",
         "After a drop in the middle of a run the rest arrives once and in order, or a failure does.",
         judge_reconnect},
        {"idle_delivery", "A connection older than the idle time still receives events.",
         judge_idle_delivery},
        {"credentials",
         "Bad tokens are refused, a ticket admits one, a token all, and a thread's name nobody else.",
         judge_credentials},
        {"baseline", "After all users have left, counters, sockets, files, threads and memory are back.",
         judge_baseline},
        {"schema", "Required fields of each event are present and of the right type.", judge_schema},
        {"server_log", "No line of the target's output matches a pattern of trouble.", judge_server_log},
        {"sanitizer", "No sanitizer report, and no crash.", judge_sanitizer},
    }};
    return table;
}

} // namespace wsrace
