#include "reference_server/agent.hpp"

#include "reference_server/app.hpp"
#include "reference_server/as_result.hpp"
#include "reference_server/thread_context.hpp"
#include "reference_server/worker.hpp"

#include <atomic>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace wsrace::reference {

namespace net = boost::asio;
namespace json = boost::json;

namespace {

bool ended(const Run& run) { return run.stopped || run.abandoned; }

net::awaitable<void> rest(std::shared_ptr<Run> run, std::chrono::microseconds time)
{
    if (time.count() == 0 || ended(*run)) co_return;
    run->pause.expires_after(time);
    co_await run->pause.async_wait(as_result);
}

void emit(const std::shared_ptr<Run>& run, std::string_view type, const json::object& payload)
{
    run->manager->emit(*run, type, payload);
    run->home->states.record(run);
}

// Before a payload goes out it is looked over, which takes a fifth of the pause between two events.
net::awaitable<void> review_and_emit(App& app, std::shared_ptr<Run> run, std::string_view type,
                                     json::object content)
{
    // Bug: one object for all runs of the thread saves allocations, and is filled again while this run waits.
    json::object own;
    auto& payload = app.options.bugs.has(Bug::swapped_payload) ? run->home->payload : own;
    payload = std::move(content);
    co_await rest(run, app.options.step_delay / 5);
    if (ended(*run)) co_return;
    emit(run, type, payload);
}

net::awaitable<void> think(App& app, std::shared_ptr<Run> run, int step)
{
    co_await rest(run, app.options.step_delay * 4 / 5);
    if (ended(*run)) co_return;
    json::object content{{"reasoning", fmt::format("Considering: {}", run->request.text)},
                         {"step_number", step}};
    if (!run->thread_context.empty()) content["thread_context"] = run->thread_context;
    co_await review_and_emit(app, run, "agent_thinking", std::move(content));
}

net::awaitable<void> work(App& app, std::shared_ptr<Run> run)
{
    static std::atomic<std::uint64_t> last_execution{0};

    const auto delay = app.options.step_delay;
    co_await rest(run, delay * 4 / 5);
    if (ended(*run)) co_return;
    co_await app.tools.load();
    if (ended(*run)) co_return;
    const auto execution_id = fmt::format("x-{}", ++last_execution);
    const auto& request = run->request;
    json::object content{{"tool_name", request.tool},
                         {"parameters", {{"q", request.text}}},
                         {"execution_id", execution_id},
                         {"status", "executing"}};
    co_await review_and_emit(app, run, "tool_executing", std::move(content));
    if (ended(*run)) co_return;
    run->open_tool = request.tool;
    run->open_execution_id = execution_id;

    const auto begun = std::chrono::steady_clock::now();
    co_await rest(run, delay);
    if (ended(*run)) co_return;
    auto result = app.tools.use(request.tool, request.text);
    const auto spent = std::chrono::steady_clock::now() - begun;
    run->open_execution_id.clear();
    const auto spent_ms = std::chrono::duration_cast<std::chrono::milliseconds>(spent).count();
    const json::object payload{{"tool_name", request.tool},
                               {"result", std::move(result)},
                               {"execution_id", execution_id},
                               {"status", "completed"},
                               {"execution_time_ms", spent_ms}};
    emit(run, "tool_completed", payload);
}

} // namespace

net::awaitable<void> play_agent(App& app, std::shared_ptr<Run> run)
{
    if (ended(*run)) co_return;
    const json::object started{{"status", "started"},
                               {"message", "The agent has started"},
                               {"context",
                                {{"user_request", run->request.text},
                                 {"requested_by", run->context->email},
                                 {"thread_messages", run->request.thread_messages}}}};
    emit(run, "agent_started", started);
    if (app.store.takes_time()) co_await load_thread_context(app, run);
    for (int step = 1; step <= run->request.thinking_steps && !ended(*run); ++step) {
        co_await think(app, run, step);
    }
    for (int call = 0; call < run->request.tool_calls && !ended(*run); ++call) {
        co_await work(app, run);
    }
    co_await rest(run, app.options.step_delay);
}

void report_open_tool(Run& run, std::string_view status)
{
    if (run.open_execution_id.empty()) return;
    const json::object payload{{"tool_name", run.open_tool},
                               {"result", {{"error", status}, {"query", run.request.text}}},
                               {"execution_id", run.open_execution_id},
                               {"status", status},
                               {"execution_time_ms", 0}};
    run.open_execution_id.clear();
    run.manager->emit(run, "tool_completed", payload);
}

} // namespace wsrace::reference
