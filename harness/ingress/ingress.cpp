#include "ingress/ingress.hpp"

#include "ingress/passage.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <exception>
#include <map>
#include <thread>

namespace wsrace {

using faults::Acceptor;
using faults::as_result;
using faults::Clock;
using faults::Socket;
using faults::Task;
using faults::Timer;
using ingress::Passage;
using Guard = faults::asio::executor_work_guard<faults::Executor>;

namespace {

constexpr auto accept_again_after = std::chrono::milliseconds{20}; // when there were no descriptors left

std::vector<bool> revisions_of(const std::vector<IngressInstance>& instances)
{
    std::vector<bool> out;
    for (const auto& instance : instances) out.push_back(instance.other_revision);
    return out;
}

std::vector<std::uint16_t> ports_of(const std::vector<IngressInstance>& instances)
{
    std::vector<std::uint16_t> out;
    for (const auto& instance : instances) out.push_back(instance.port);
    return out;
}

} // namespace

// Everything but the construction happens on its thread.
struct Ingress::State {
    State(IngressSetup given, HistoryWriter writer)
        : setup{std::move(given)}, history{std::move(writer)}, choice{setup.spec,
                                                                      revisions_of(setup.instances),
                                                                      setup.seed},
          admission{setup.spec, choice, setup.instances.size()}, context{.spec = setup.spec,
                                                                         .choice = choice,
                                                                         .admission = admission,
                                                                         .ports = ports_of(setup.instances),
                                                                         .note = {},
                                                                         .ended = {},
                                                                         .failed = {}}
    {
        context.note = [this](IngressAct act, const ingress::Caller& caller, std::int32_t value,
                              const std::string& text) { note(act, caller, value, text); };
        context.ended = [this](std::uint32_t number) { open.erase(number); };
        context.failed = [this](const std::exception_ptr& failure) { failed(failure); };
    }

    void note(IngressAct act, const ingress::Caller& caller, std::int32_t value, const std::string& text)
    {
        Event event;
        event.at = Clock::now() - setup.start;
        event.kind = EventKind::fault;
        event.type = static_cast<std::uint8_t>(act);
        event.value = value;
        if (caller.connection) {
            event.user = caller.user.value;
            event.slot = caller.connection->slot.value;
            event.incarnation = caller.connection->incarnation;
        } else if (caller.known) {
            event.stamp = caller.user.value;
        }
        event.text = history.intern(text);
        history.append(event);
    }

    void failed(const std::exception_ptr& failure)
    {
        if (!problem.empty()) return;
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            problem = fmt::format("the ingress: {}", error.what());
        }
    }

    Task<void> accept_all()
    {
        while (!stopped) {
            boost::system::error_code error;
            Socket client = faults::accept_one(acceptor, error);
            if (!error) {
                admit(std::move(client));
            } else if (error == faults::asio::error::would_block) {
                co_await acceptor.async_wait(Acceptor::wait_read, as_result);
            } else if (error != faults::asio::error::connection_aborted &&
                       error != faults::asio::error::interrupted) {
                failed(std::make_exception_ptr(boost::system::system_error{error, "accept"}));
                pause.expires_after(accept_again_after);
                co_await pause.async_wait(as_result);
            }
        }
    }

    void admit(Socket client)
    {
        const auto number = accepted++;
        const auto passage = std::make_shared<Passage>(std::move(client), number, context);
        open.emplace(number, passage);
        passage->start();
    }

    void stop()
    {
        stopped = true;
        boost::system::error_code ignored;
        acceptor.close(ignored);
        pause.cancel();
        const auto passages = std::exchange(open, {});
        for (const auto& [number, passage] : passages) passage->reset();
        guard.reset();
    }

    IngressSetup setup;
    faults::asio::io_context io{1};
    Guard guard{io.get_executor()};
    HistoryWriter history;
    Acceptor acceptor{faults::listen_on_loopback(io.get_executor())};
    std::uint16_t port = acceptor.local_endpoint().port();
    Timer pause{io.get_executor()};
    ingress::Choice choice;
    ingress::Admission admission;
    ingress::PassageContext context;
    std::uint32_t accepted = 0;
    std::map<std::uint32_t, std::shared_ptr<Passage>> open; // by number
    std::string problem;
    bool stopped = false;
    std::thread thread;
};

Ingress::Ingress(IngressSetup setup, HistoryWriter history)
    : state_{std::make_unique<State>(std::move(setup), std::move(history))}
{
    auto* const state = state_.get();
    faults::asio::co_spawn(state->io, state->accept_all(), [state](const std::exception_ptr& failure) {
        if (failure) state->failed(failure);
    });
    state->thread = std::thread{[state] { state->io.run(); }};
}

Ingress::~Ingress() { stop(); }

std::uint16_t Ingress::port() const { return state_->port; }

void Ingress::set_open(std::uint16_t instance, bool open)
{
    faults::asio::post(state_->io,
                       [state = state_.get(), instance, open] { state->admission.set_open(instance, open); });
}

void Ingress::stop()
{
    if (!state_->thread.joinable()) return;
    faults::asio::post(state_->io, [state = state_.get()] { state->stop(); });
    state_->thread.join();
    state_->history.complete();
}

const std::string& Ingress::problem() const { return state_->problem; }

} // namespace wsrace
