#include "core/event.hpp"

#include "core/look_up.hpp"
#include "core/verdict.hpp"

namespace wsrace {

bool is_terminal_event(FrameType type)
{
    return type == FrameType::agent_completed || type == FrameType::agent_error;
}

bool is_run_event(FrameType type)
{
    return type >= FrameType::agent_started && type <= FrameType::agent_error;
}

std::string_view name(EventKind kind)
{
    static constexpr auto names =
        std::to_array<std::string_view>({"step", "frame", "canary", "mention", "schema", "end", "log",
                                         "life_cycle", "fault", "sample", "gate", "constraint"});
    return look_up(names, kind);
}

std::string_view name(StepKind step)
{
    static constexpr auto names = std::to_array<std::string_view>({"login",
                                                                   "tcp_connect",
                                                                   "tls",
                                                                   "upgrade_sent",
                                                                   "upgrade_answered",
                                                                   "welcome",
                                                                   "request_sent",
                                                                   "events_awaited",
                                                                   "ping_sent",
                                                                   "pong_awaited",
                                                                   "stop_sent",
                                                                   "pause",
                                                                   "drop",
                                                                   "close_sent",
                                                                   "journey_done",
                                                                   "aborted",
                                                                   "event_awaited",
                                                                   "reading_stopped",
                                                                   "reading_resumed",
                                                                   "pong_sent"});
    return look_up(names, step);
}

std::string_view name(Outcome outcome)
{
    static constexpr auto names = std::to_array<std::string_view>(
        {"ok", "refused", "unreachable", "reset", "eof", "timeout", "http_status", "tls_failed",
         "protocol_error", "closed", "cancelled", "skipped"});
    return look_up(names, outcome);
}

std::string_view name(FrameType type)
{
    static constexpr auto names = std::to_array<std::string_view>(
        {"unknown", "welcome", "agent_started", "agent_thinking", "tool_executing", "tool_completed",
         "agent_completed", "agent_error", "error_message", "acknowledgement", "ping", "pong", "heartbeat",
         "not_json", "no_type", "binary"});
    return look_up(names, type);
}

std::string_view name(EndKind end)
{
    static constexpr auto names = std::to_array<std::string_view>(
        {"peer_closed", "we_closed", "we_dropped", "eof", "reset", "timeout", "protocol_error", "cancelled"});
    return look_up(names, end);
}

std::string_view name(LifeCycle what)
{
    static constexpr auto names =
        std::to_array<std::string_view>({"spawned", "port_open", "ready", "terminating", "exited", "killed",
                                         "paused", "resumed", "slowed", "restored"});
    return look_up(names, what);
}

std::string_view name(SampleKind kind)
{
    static constexpr auto names =
        std::to_array<std::string_view>({"cpu", "memory", "threads", "sockets", "files", "counter"});
    return look_up(names, kind);
}

std::string_view name(GateStep step)
{
    static constexpr auto names = std::to_array<std::string_view>({"opened", "released", "late", "left"});
    return look_up(names, step);
}

std::string_view log_stream_name(std::int32_t value)
{
    switch (static_cast<LogStream>(value)) {
    case LogStream::out: return "stdout";
    case LogStream::err: return "stderr";
    case LogStream::cut: return "cut";
    case LogStream::report: break;
    }
    return "report";
}

std::string_view name(Verdict verdict)
{
    static constexpr auto names =
        std::to_array<std::string_view>({"pass", "fail", "inconclusive", "skipped"});
    return look_up(names, verdict);
}

std::string_view name(Level level)
{
    static constexpr auto names =
        std::to_array<std::string_view>({"pass", "warning", "critical", "inconclusive", "not_judged"});
    return look_up(names, level);
}

std::string_view name(Punctuality::Result result)
{
    static constexpr auto names = std::to_array<std::string_view>({"kept", "unmet", "missed"});
    return look_up(names, result);
}

int exit_status(Verdict verdict)
{
    switch (verdict) {
    case Verdict::pass: return 0;
    case Verdict::fail: return 1;
    case Verdict::inconclusive:
    case Verdict::skipped: break;
    }
    return 3;
}

} // namespace wsrace
