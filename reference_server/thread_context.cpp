#include "reference_server/thread_context.hpp"

#include "reference_server/app.hpp"
#include "reference_server/json_fields.hpp"
#include "reference_server/log.hpp"
#include "reference_server/worker.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <limits>

namespace wsrace::reference {

namespace net = boost::asio;
namespace json = boost::json;

namespace {

// Shared by the run and the call, whichever ends first.
struct Loading {
    bool done{false};
    std::string said{"unavailable"};
};

void loaded(Loading& loading, const json::object& thread)
{
    const auto runs = int_field(thread, "runs", 0, std::numeric_limits<int>::max(), 0);
    loading.said = fmt::format("{} earlier runs", runs);
}

void not_loaded(const App& app, Run& run, const std::exception_ptr& failure)
{
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        log_warning("agent", fmt::format("{} goes on without its thread: {}", run.id, error.what()));
    }
    // Bug: the call's limit cancels the task that made it, and a cancelled run is one that nobody waits for.
    if (app.options.bugs.has(Bug::silent_agent_death)) run.abandoned = true;
}

} // namespace

net::awaitable<void> load_thread_context(App& app, std::shared_ptr<Run> run)
{
    const auto loading = std::make_shared<Loading>();
    run->pause.expires_at(std::chrono::steady_clock::time_point::max()); // the call has a limit of its own
    net::co_spawn(run->home->io, app.store.load(*run),
                  [&app, run, loading](std::exception_ptr failure, json::object thread) {
                      loading->done = true;
                      if (failure) {
                          not_loaded(app, *run, failure);
                      } else {
                          loaded(*loading, thread);
                      }
                      run->pause.cancel();
                  });
    if (!loading->done) co_await run->pause.async_wait(net::as_tuple(net::use_awaitable));
    run->thread_context = loading->said;
}

} // namespace wsrace::reference
