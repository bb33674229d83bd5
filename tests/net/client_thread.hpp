// One connection of the harness on a thread of its own, while the test plays the server on blocking sockets.
#pragma once

#include "faults/blocking_sockets.hpp"
#include "net/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace wsrace::testing {

// What an observer was told, in order: "tcp_connect ok", "held upgrade_sent", "frame x", "end we_closed
// 1000".
class ToldObserver final : public ConnectionObserver {
public:
    void on_step(const StepReport& report) override
    {
        add(std::string{name(report.step)} + " " + std::string{name(report.outcome)});
    }
    void on_frame(std::string_view payload, bool) override { add("frame " + std::string{payload}); }
    void on_late_frame(const Connection&, std::string_view payload, bool) override
    {
        add("late frame " + std::string{payload});
    }
    void on_end(const EndReport& report) override
    {
        add("end " + std::string{name(report.kind)} + " " + std::to_string(report.code));
    }
    void on_held(StepKind step) override
    {
        add("held " + std::string{name(step)});
        if (when_held) when_held();
    }

    void on_reading_resumed() override { add("reading_resumed"); }

    bool was_told(const std::string& what)
    {
        const std::scoped_lock lock{mutex_};
        return std::find(told_.begin(), told_.end(), what) != told_.end();
    }

    void wait_for(const std::string& what)
    {
        std::unique_lock lock{mutex_};
        const auto is_there = [&] { return std::find(told_.begin(), told_.end(), what) != told_.end(); };
        if (!changed_.wait_for(lock, std::chrono::milliseconds{longest_wait_ms}, is_there))
            throw std::runtime_error{"never told: " + what};
    }

    std::function<void()> when_held; // on the client's thread

private:
    void add(std::string what)
    {
        const std::scoped_lock lock{mutex_};
        told_.push_back(std::move(what));
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> told_;
};

class ClientThread {
    asio::io_context io_{1};
    asio::executor_work_guard<Executor> work_{io_.get_executor()};
    DeadlineQueue deadlines_{io_.get_executor()};

public:
    explicit ClientThread(std::uint16_t port)
    {
        request.endpoint = {asio::ip::make_address("127.0.0.1"), port};
        request.host = "localhost";
        request.target = "/ws";
        request.connect_within = request.handshake_within = request.close_within = std::chrono::minutes{1};
        connection = make_connection(deadlines_, observer, nullptr);
        thread_ = std::jthread{[this] { io_.run(); }};
    }
    ~ClientThread()
    {
        asio::post(io_, [this] {
            connection->cut(true);
            deadlines_.shut_down();
            work_.reset();
        });
        thread_.join();
    }

    // The result of one of the connection's coroutines.
    std::future<bool> start(Task<bool> task)
    {
        auto promise = std::make_shared<std::promise<bool>>();
        auto future = promise->get_future();
        asio::co_spawn(io_, std::move(task), [promise](const std::exception_ptr& failure, bool value) {
            if (failure) return promise->set_exception(failure);
            promise->set_value(value);
        });
        return future;
    }

    // What a function gives that is called on the client's thread.
    template <typename Function>
    auto call(Function function)
    {
        return asio::post(io_, asio::use_future(std::move(function))).get();
    }

    bool release()
    {
        return call([this] { return connection->release(); });
    }

    OpenRequest request;
    ToldObserver observer;
    std::shared_ptr<Connection> connection;

private:
    std::jthread thread_;
};

} // namespace wsrace::testing
