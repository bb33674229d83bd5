// What the server says about itself.
#pragma once

#include "reference_server/http_message.hpp"

namespace wsrace::reference {

struct App;
class DependencyFailure;

// active_connections, total_connections, active_runs, managers.
boost::json::object counters(App& app);

// 503 with the time until the dependencies are there.
HttpReply not_ready_reply(const App& app);

// 503 for who asked for something that auth had to answer, and it did not.
HttpReply unavailable_reply(const DependencyFailure& failure);

} // namespace wsrace::reference
