// What an agent asks the store for before it thinks.
#pragma once

#include "reference_server/run.hpp"

#include <boost/asio/awaitable.hpp>
#include <memory>

namespace wsrace::reference {

struct App;

// Sets `thread_context`; on the run's thread. A store that does not answer in time leaves it "unavailable",
// and the agent goes on. Returns early when the run is stopped or abandoned.
boost::asio::awaitable<void> load_thread_context(App& app, std::shared_ptr<Run> run);

} // namespace wsrace::reference
