#include "reference_server/services.hpp"

#include "reference_server/app.hpp"
#include "reference_server/as_result.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

namespace wsrace::reference {

namespace net = boost::asio;

namespace {

constexpr auto shortest_pause = std::chrono::milliseconds{50}; // between two looks for what is not there yet
constexpr auto longest_pause = std::chrono::milliseconds{1000};

template <class T>
T& present(T* service, const char* name)
{
    if (service == nullptr) throw std::runtime_error{std::string{name} + " is not available"};
    return *service;
}

template <class Slot>
void publish(Slot& slot)
{
    slot.published.store(slot.owner.get(), std::memory_order_release);
}

template <class Slot, class... Arguments>
void build(Slot& slot, Arguments&... arguments)
{
    using Service = typename decltype(slot.owner)::element_type;
    slot.owner = std::make_unique<Service>(arguments...);
    publish(slot);
}

} // namespace

// Asks until there is an answer.
template <class Access>
net::awaitable<void> Services::reach(const Access& access)
{
    auto pause = shortest_pause;
    bool reached = co_await access.reached();
    while (!reached && !cancelled_) {
        timer_->expires_after(pause);
        co_await timer_->async_wait(as_result);
        pause = std::min(pause * 2, longest_pause);
        if (!cancelled_) reached = co_await access.reached();
    }
}

net::awaitable<void> Services::start()
{
    const auto total = app_.options.cold_start;
    const auto executor = co_await net::this_coro::executor;
    timer_ = std::make_unique<net::steady_timer>(executor);

    timer_->expires_at(started_at_ + total / 5);
    if (total.count() > 0) co_await timer_->async_wait(as_result);
    if (cancelled_) co_return;
    auth_.owner = std::make_unique<AuthAccess>(app_.options);
    co_await reach(*auth_.owner);
    if (cancelled_) co_return;
    publish(auth_);

    timer_->expires_at(started_at_ + total * 2 / 5);
    if (total.count() > 0) co_await timer_->async_wait(as_result);
    if (cancelled_) co_return;
    build(managers_, app_);

    timer_->expires_at(started_at_ + total * 4 / 5);
    if (total.count() > 0) co_await timer_->async_wait(as_result);
    if (cancelled_) co_return;
    co_await reach(app_.store);
    if (cancelled_) co_return;
    build(supervisor_, app_);

    timer_->expires_at(started_at_ + total);
    if (app_.options.bugs.has(Bug::unawaited_manager)) {
        // Bug: the opening has begun, and nobody waits for its end.
        net::co_spawn(executor, managers().open(*timer_), [](std::exception_ptr) {});
    } else {
        co_await managers().open(*timer_);
    }
    if (cancelled_) co_return;
    complete_ = true;
    waiting_.call_all();
}

void Services::cancel_start()
{
    cancelled_ = true;
    if (timer_) timer_->cancel();
}

bool Services::ready() const { return complete_; }

net::awaitable<bool> Services::ready_now() const
{
    if (!ready()) co_return false;
    const bool auth_answers = co_await auth().reached();
    const bool store_answers = co_await app_.store.reached();
    co_return auth_answers&& store_answers;
}

template <class T>
net::awaitable<void> Services::wait_for(const Slot<T>& slot) const
{
    const auto executor = co_await net::this_coro::executor;
    net::steady_timer timer{executor};
    auto pause = shortest_pause;
    while (slot.published.load() == nullptr && !cancelled_) {
        timer.expires_after(pause);
        co_await timer.async_wait(as_result);
        pause = std::min(pause * 2, longest_pause);
    }
}

net::awaitable<void> Services::wait_for_each() const
{
    co_await wait_for(auth_);
    if (cancelled_) co_return;
    co_await auth().reached();
    co_await wait_for(managers_);
    co_await wait_for(supervisor_);
    co_await app_.store.reached();
}

bool Services::admits_traffic() const
{
    const auto& bugs = app_.options.bugs;
    // Bug: the gate counts on what bridges the time until the supervisor is there, or has forgotten it.
    if (bugs.has(Bug::accept_before_supervisor) || bugs.has(Bug::emergency_stub) ||
        bugs.has(Bug::queue_then_drop)) {
        return auth_.published.load() != nullptr && managers_.published.load() != nullptr;
    }
    return ready();
}

std::chrono::seconds Services::time_left() const
{
    constexpr auto margin = std::chrono::milliseconds{100}; // who comes back on the dot must find it done
    const auto left = started_at_ + app_.options.cold_start + margin - std::chrono::steady_clock::now();
    return std::max(std::chrono::ceil<std::chrono::seconds>(left), std::chrono::seconds{1});
}

AuthAccess& Services::auth() const { return present(auth_.published.load(), "the auth store"); }

ManagerFactory& Services::managers() const
{
    return present(managers_.published.load(), "the manager factory");
}

AgentSupervisor& Services::supervisor() const
{
    return present(supervisor_.published.load(), "the agent supervisor");
}

std::size_t Services::active_runs() const
{
    const auto* supervisor = supervisor_.published.load();
    return supervisor == nullptr ? 0 : supervisor->active();
}

std::size_t Services::active_managers() const
{
    const auto* managers = managers_.published.load();
    return managers == nullptr ? 0 : managers->size();
}

} // namespace wsrace::reference
