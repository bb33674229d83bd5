// One agent answering one request.
#pragma once

#include "reference_server/connection.hpp"
#include "reference_server/event_router.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace wsrace::reference {

class Manager;
class Worker;

// What a client asked for.
struct RunRequest {
    std::string text;
    std::string thread_id; // resolved
    std::string tool;
    int thinking_steps{1};
    int tool_calls{1};
    std::size_t thread_messages{1};
};

// What the events of a run say of it.
struct RunLabels {
    std::string run_id;
    std::string thread_id;
};

// Owned by the supervisor, its connection and its coroutine. The constants may be read anywhere, the rest is
// touched only on the thread of `home`, the worker of the connection that started the run.
struct Run {
    Run(std::uint64_t run_number, std::string run_id, boost::asio::io_context& io)
        : number{run_number}, id{std::move(run_id)}, pause{io}
    {}

    const std::uint64_t number;
    const std::string id; // "r-<process>-<number>"
    std::string user_id;
    std::string thread_id;
    std::string agent_name;
    RunRequest request;
    std::shared_ptr<const UserContext> context;
    std::shared_ptr<const RunLabels> labels;
    std::shared_ptr<Manager> manager;
    std::weak_ptr<Connection> origin;
    int descriptor{-1}; // of the origin's socket
    Worker* home{nullptr};

    boost::asio::steady_timer pause; // the one wait of the run; cancelled to end it early
    std::chrono::steady_clock::time_point started_at{std::chrono::steady_clock::now()};
    std::uint32_t last_sequence{0};
    std::string thread_context;    // what the store knows about the thread; empty when it was not asked
    std::string open_tool;         // name of the tool at work, with
    std::string open_execution_id; // its execution id
    bool stopped{false};           // the user asked to end it: its terminal event says so
    bool abandoned{false};         // nobody is there to hear of it: it ends without a word

    // The state tracker's.
    bool saving{false};
    bool changed_since{false};
    std::function<void()> when_saved;
};

} // namespace wsrace::reference
