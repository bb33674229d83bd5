// What an agent does between its start and its end.
#pragma once

#include "reference_server/run.hpp"

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string_view>

namespace wsrace::reference {

struct App;

// Sends agent_started, agent_thinking, tool_executing and tool_completed, on the run's thread. Returns early
// when the run is stopped or abandoned, throws when a tool fails. The terminal event is the supervisor's.
boost::asio::awaitable<void> play_agent(App& app, std::shared_ptr<Run> run);

// Ends the tool that is at work, if any, with that status, so that every tool_executing has its
// tool_completed.
void report_open_tool(Run& run, std::string_view status);

} // namespace wsrace::reference
