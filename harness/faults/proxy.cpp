#include "faults/proxy.hpp"

#include <boost/asio/co_spawn.hpp>

namespace wsrace::faults {

namespace {

constexpr std::size_t read_at_once = std::size_t{64} * 1024;
constexpr auto accept_again_after = std::chrono::milliseconds{20}; // when there were no descriptors left

} // namespace

Proxy::Proxy(const Executor& executor, Acceptor acceptor, RelayContext context, Admission admission)
    : executor_{executor}, context_{std::move(context)}, admission_{std::move(admission)},
      acceptor_{std::move(acceptor)}, port_{acceptor_.local_endpoint().port()}
{
    context_.scratch.resize(read_at_once);
    context_.ended = [this](std::uint32_t connection) { open_.erase(connection); };
}

void Proxy::start() { spawn(accept_all()); }

void Proxy::spawn(Task<void> task)
{
    asio::co_spawn(executor_, std::move(task), [this](const std::exception_ptr& failure) {
        if (failure) context_.failed(failure);
    });
}

Task<void> Proxy::accept_all()
{
    Timer& pause = timers_.emplace_back(executor_);
    while (!stopped_) {
        boost::system::error_code error;
        Socket client = accept_one(acceptor_, error);
        if (!error) {
            admit(std::move(client));
        } else if (error == asio::error::would_block) {
            co_await acceptor_.async_wait(Acceptor::wait_read, as_result);
        } else if (error != asio::error::connection_aborted && error != asio::error::interrupted) {
            context_.failed(std::make_exception_ptr(boost::system::system_error{error, "accept"}));
            pause.expires_after(accept_again_after);
            co_await pause.async_wait(as_result);
        }
    }
}

void Proxy::admit(Socket client)
{
    boost::system::error_code gone; // it was reset while it waited
    const auto reached = client.local_endpoint(gone);
    const auto number = accepted_++;
    auto conditions = gone ? nullptr : admission_(number, reached);
    if (!conditions) return close_with_reset(client);
    const auto relay = std::make_shared<Relay>(std::move(client), number, context_, std::move(conditions));
    open_.emplace(number, relay);
    relay->start();
}

void Proxy::stop()
{
    stopped_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (Timer& timer : timers_) timer.cancel();
    for (const auto& relay : relays()) relay->reset();
}

void Proxy::wake_relays()
{
    for (const auto& relay : relays()) relay->wake();
}

// A copy: a relay that ends leaves the map.
std::vector<std::shared_ptr<Relay>> Proxy::relays() const
{
    std::vector<std::shared_ptr<Relay>> all;
    for (const auto& [number, relay] : open_) all.push_back(relay);
    return all;
}

} // namespace wsrace::faults
