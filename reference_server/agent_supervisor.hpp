// Starts, stops and ends runs.
#pragma once

#include "reference_server/manager.hpp"
#include "reference_server/run.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace wsrace::reference {

struct App;

// Any thread, unless said otherwise.
class AgentSupervisor {
public:
    explicit AgentSupervisor(App& app) : app_{app} {}

    // A run for the connection, on whose thread this is called. It does nothing before `launch` or
    // `play_to_end`.
    std::shared_ptr<Run> prepare(RunRequest request, const std::shared_ptr<Connection>& connection,
                                 Worker& worker);

    void launch(std::shared_ptr<Run> run);
    boost::asio::awaitable<void> play_to_end(std::shared_ptr<Run> run);

    // False when the user has no such run.
    bool stop(const std::string& run_id, const std::string& user_id);

    // Ends the runs of a connection that left for good; on its thread.
    void abandon(Connection& connection);

    // Ends all runs without a word: the server stops.
    void abandon_all();

    std::size_t active() const;

    // The name under which its agents answer.
    static constexpr std::string_view agent_name = "supervisor";

private:
    void conclude(const std::shared_ptr<Run>& run, std::exception_ptr failure);
    void announce(const std::shared_ptr<Run>& run, std::string_view type, boost::json::object payload);
    void retire(const std::shared_ptr<Run>& run);

    App& app_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<Run>> runs_; // by run id
    std::uint64_t last_{0};
};

} // namespace wsrace::reference
