#include "reference_server/agent_supervisor.hpp"

#include "reference_server/agent.hpp"
#include "reference_server/app.hpp"
#include "reference_server/log.hpp"
#include "reference_server/random_id.hpp"
#include "reference_server/worker.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <stdexcept>
#include <vector>

namespace wsrace::reference {

namespace net = boost::asio;
namespace json = boost::json;

namespace {

std::string reason_of(const std::exception_ptr& failure)
{
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "unknown";
    }
}

// Cancels the run's one wait; its coroutine looks at the flags when it wakes up. On the run's thread.
void wake(Run& run) { run.pause.cancel(); }

} // namespace

std::shared_ptr<Run> AgentSupervisor::prepare(RunRequest request,
                                              const std::shared_ptr<Connection>& connection, Worker& worker)
{
    const auto& user_id = connection->identity.user_id;
    auto context = app_.router.match(user_id);
    auto& managers = app_.services.managers();
    auto manager = managers.for_message(*connection);
    if (!manager) throw std::logic_error{"no manager for this user"}; // the router has heard of another tab
    auto agent = managers.agent_name();
    const std::lock_guard lock{mutex_};
    const auto number = ++last_;
    auto run = std::make_shared<Run>(number, numbered_id('r', number), worker.io);
    run->user_id = user_id;
    run->thread_id = request.thread_id;
    run->request = std::move(request);
    run->context = std::move(context);
    run->manager = std::move(manager);
    run->agent_name = std::move(agent);
    run->labels = run->manager->labels_of(*run, connection);
    run->origin = connection;
    run->descriptor = connection->descriptor;
    run->home = &worker;
    runs_.emplace(run->id, run);
    connection->runs.push_back(run);
    app_.routes.open(number, connection);
    return run;
}

void AgentSupervisor::launch(std::shared_ptr<Run> run)
{
    net::co_spawn(run->home->io, play_agent(app_, run),
                  [this, run](std::exception_ptr failure) { conclude(run, std::move(failure)); });
}

net::awaitable<void> AgentSupervisor::play_to_end(std::shared_ptr<Run> run)
{
    std::exception_ptr failure;
    try {
        co_await play_agent(app_, run);
    } catch (...) {
        failure = std::current_exception();
    }
    conclude(run, std::move(failure));
}

bool AgentSupervisor::stop(const std::string& run_id, const std::string& user_id)
{
    const std::lock_guard lock{mutex_};
    const auto found = runs_.find(run_id);
    if (found == runs_.end() || found->second->user_id != user_id) return false;
    net::post(found->second->home->io, [run = found->second] {
        run->stopped = true;
        wake(*run);
    });
    return true;
}

void AgentSupervisor::abandon(Connection& connection)
{
    for (const auto& run : connection.runs) {
        run->abandoned = true;
        wake(*run);
    }
}

void AgentSupervisor::abandon_all()
{
    const std::lock_guard lock{mutex_};
    for (const auto& [id, run] : runs_) {
        net::post(run->home->io, [abandoned = run] {
            abandoned->abandoned = true;
            wake(*abandoned);
        });
    }
}

std::size_t AgentSupervisor::active() const
{
    const std::lock_guard lock{mutex_};
    return runs_.size();
}

void AgentSupervisor::conclude(const std::shared_ptr<Run>& run, std::exception_ptr failure)
{
    if (run->abandoned) return retire(run);
    const auto spent = std::chrono::steady_clock::now() - run->started_at;
    const auto spent_ms = std::chrono::duration_cast<std::chrono::milliseconds>(spent).count();
    if (failure) {
        const auto reason = reason_of(failure);
        log_warning("supervisor", fmt::format("{} failed: {}", run->id, reason));
        if (app_.options.bugs.has(Bug::masked_failure)) {
            // Bug: the cleanup for the end of a session also runs when the run has failed, and hides that it
            // has.
            if (const auto connection = run->origin.lock())
                connection->close(CloseCode::normal, "session finished");
            return retire(run);
        }
        report_open_tool(*run, "failed");
        return announce(run, "agent_error",
                        {{"status", "failed"},
                         {"error_code", "TOOL_FAILED"},
                         {"error_message", reason},
                         {"user_request", run->request.text},
                         {"execution_time_ms", spent_ms}});
    }
    if (run->stopped) report_open_tool(*run, "cancelled");
    const auto answer = fmt::format("{}: {}", run->stopped ? "Stopped" : "Answer to", run->request.text);
    announce(run, "agent_completed",
             {{"status", run->stopped ? "stopped" : "completed"},
              {"result", {{"text", answer}, {"user_request", run->request.text}}},
              {"final_response", answer},
              {"execution_time_ms", spent_ms}});
}

void AgentSupervisor::announce(const std::shared_ptr<Run>& run, std::string_view type, json::object payload)
{
    const auto emit = [this, run, type, payload = std::move(payload)] {
        if (!run->abandoned) run->manager->emit(*run, type, payload);
        retire(run);
    };
    const bool taken_over = run->home->states.takes_over(*run, emit);
    // Bug: the tracker announces the end when it has saved, and so does the code that predates it.
    if (taken_over && !app_.options.bugs.has(Bug::two_emitters)) return;
    emit();
}

void AgentSupervisor::retire(const std::shared_ptr<Run>& run)
{
    if (const auto connection = run->origin.lock()) std::erase(connection->runs, run);
    {
        const std::lock_guard lock{mutex_};
        runs_.erase(run->id);
    }
    // An end that waits for a save is still on its way.
    if (!run->when_saved) app_.routes.close(run->number);
}

} // namespace wsrace::reference
