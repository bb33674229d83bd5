#include "faults/link_proxies.hpp"

#include "faults/link_conditions.hpp"
#include "faults/proxy.hpp"
#include "scenario/link_words.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <map>
#include <stdexcept>
#include <thread>

namespace wsrace {

using faults::Clock;
using faults::LinkActivation;
using faults::LinkConditions;
using faults::LinkConnection;
using faults::Proxy;
using Guard = faults::asio::executor_work_guard<faults::Executor>;

namespace {

constexpr std::uint32_t first_address = 0x7F000001U; // 127.0.0.1
constexpr std::uint64_t addresses = (1U << 24U) - 2; // without the network's and the broadcast address

} // namespace

struct LinkProxies::State {
    State(const LinkSetup& setup, HistoryWriter writer)
        : history{std::move(writer)}, start{setup.start}, slots{setup.slots}
    {
        schedule.faults = setup.faults;
        schedule.seed = setup.seed;
        schedule.start = setup.anchor;
        schedule.plain_text = setup.plain_text;
        schedule.scan = faults::EventScan{setup.profile};
        schedule.note = [this](const LinkActivation& activation) { note(activation); };
    }

    void add(const faults::tcp::endpoint& target);
    std::unique_ptr<faults::Conditions> admit(const faults::tcp::endpoint& reached);
    void note(const LinkActivation& activation);
    void failed(const std::exception_ptr& failure);

    faults::asio::io_context io{1};
    Guard guard{io.get_executor()};
    HistoryWriter history; // the thread's, while it runs
    std::chrono::steady_clock::time_point start;
    std::uint32_t slots;
    faults::LinkSchedule schedule;
    std::uint32_t accepted = 0;                     // by all proxies
    std::map<std::uint32_t, std::uint16_t> by_slot; // accepted, by the number of the address
    std::vector<std::unique_ptr<Proxy>> proxies;
    std::string problem;
    std::thread thread;
};

void LinkProxies::State::add(const faults::tcp::endpoint& target)
{
    const auto executor = io.get_executor();
    faults::RelayContext context;
    context.upstream = {target};
    context.failed = [this](const std::exception_ptr& failure) { failed(failure); };
    proxies.push_back(std::make_unique<Proxy>(
        executor, faults::listen_on_all_loopback(executor), std::move(context),
        [this](std::uint32_t, const faults::tcp::endpoint& reached) { return admit(reached); }));
}

std::unique_ptr<faults::Conditions> LinkProxies::State::admit(const faults::tcp::endpoint& reached)
{
    const auto index = reached.address().to_v4().to_uint() - first_address;
    const LinkConnection connection{.number = accepted++,
                                    .user = UserId{index / slots},
                                    .slot = SlotId{static_cast<std::uint16_t>(index % slots)},
                                    .opened = by_slot[index]++};
    return std::make_unique<LinkConditions>(schedule, connection, Clock::now());
}

void LinkProxies::State::note(const LinkActivation& activation)
{
    const auto& fault = schedule.faults[activation.fault];
    const auto& connection = activation.connection;
    Event event;
    event.at = activation.at - start;
    event.kind = EventKind::fault;
    event.user = connection.user->value;
    event.slot = connection.slot.value;
    event.incarnation = connection.opened;
    event.value = static_cast<std::int32_t>(connection.number);
    const auto spoils_handshake = !fault.corrupt_header.empty();
    if (fault.is_fatal() || spoils_handshake) event.set(Flag::link_lost);
    event.text = history.intern(fmt::format("link: {}, connection {}", effect_of(fault), connection.number));
    history.append(event);
}

void LinkProxies::State::failed(const std::exception_ptr& failure)
{
    if (!problem.empty()) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        problem = fmt::format("the proxy in front of the target: {}", error.what());
    }
}

LinkProxies::LinkProxies(const LinkSetup& setup, HistoryWriter history)
    : state_{std::make_unique<State>(setup, std::move(history))}
{
    const auto needed = std::uint64_t{setup.users} * setup.slots;
    if (needed > addresses)
        throw std::runtime_error{
            fmt::format("faults of the link need an address in 127.0.0.0/8 for each of {} connections, and "
                        "there are {}; use fewer users",
                        needed, addresses)};
    for (const auto& target : setup.targets) state_->add(target);
    for (const auto& proxy : state_->proxies) proxy->start();
    state_->thread = std::thread{[io = &state_->io] { io->run(); }};
}

LinkProxies::~LinkProxies() { stop(); }

boost::asio::ip::tcp::endpoint LinkProxies::endpoint(std::size_t instance, UserId user, SlotId slot) const
{
    const auto index = user.value * state_->slots + slot.value;
    return {faults::asio::ip::address_v4{first_address + index}, state_->proxies[instance]->port()};
}

void LinkProxies::stop()
{
    if (!state_->thread.joinable()) return;
    faults::asio::post(state_->io, [state = state_.get()] {
        for (const auto& proxy : state->proxies) proxy->stop();
        state->guard.reset();
    });
    state_->thread.join();
    state_->history.complete();
}

const std::string& LinkProxies::problem() const { return state_->problem; }

} // namespace wsrace
