#include "core/step_spec.hpp"

#include "core/look_up.hpp"

namespace wsrace {

std::string_view name(Action action)
{
    static constexpr auto names = std::to_array<std::string_view>(
        {"login", "connect", "await_welcome", "request", "await_events", "await_first_event", "ping", "pause",
         "stop", "drop", "close", "await_event", "stop_reading", "read_slowly", "pong"});
    return look_up(names, action);
}

std::string_view name(Ending ending)
{
    static constexpr auto names = std::to_array<std::string_view>({"fin", "reset", "half_close", "silence"});
    return look_up(names, ending);
}

std::string_view name(AbortStage stage)
{
    static constexpr auto names = std::to_array<std::string_view>(
        {"none", "tcp_connect", "tls", "upgrade_part", "upgrade_sent", "answered", "welcome"});
    return look_up(names, stage);
}

} // namespace wsrace
