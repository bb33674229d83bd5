#include "run/step_board.hpp"

#include <boost/asio/post.hpp>

#include <limits>
#include <map>
#include <tuple>

namespace wsrace {

namespace {

constexpr auto unknown = std::numeric_limits<Clock::time_point::rep>::min();
constexpr auto never = std::numeric_limits<Clock::time_point::rep>::max();

auto key_of(const PlannedMoment& place)
{
    return std::tuple{place.user, place.slot, place.step, place.moment.kind, place.moment.event};
}

} // namespace

StepBoard::StepBoard(const Plan& plan, std::size_t workers) : executors_(workers)
{
    std::map<decltype(key_of(PlannedMoment{})), std::uint32_t> known;
    const auto worker_of = [&](UserId user) { // who takes every so-manieth user of the plan
        return static_cast<std::size_t>(plan.find_user(user) - plan.users.data()) % workers;
    };
    waits_.reserve(plan.constraints.size());
    for (std::uint32_t number = 0; number < plan.constraints.size(); ++number) {
        const auto& constraint = plan.constraints[number];
        const auto [entry, added] =
            known.try_emplace(key_of(constraint.after), static_cast<std::uint32_t>(watches_.size()));
        if (added) watches_.push_back({.moment = constraint.after, .constraints = {}});
        watches_[entry->second].constraints.push_back(number);
        const auto worker = static_cast<std::uint32_t>(worker_of(constraint.step.user));
        waits_.push_back({.watch = entry->second, .worker = worker});
    }
    times_ = std::vector<std::atomic<Rep>>(watches_.size());
    for (auto& time : times_) time.store(unknown);
}

void StepBoard::attach(std::size_t worker, Executor executor) { executors_[worker] = std::move(executor); }

void StepBoard::post(std::size_t watch, Clock::time_point at)
{
    settle(watch, at.time_since_epoch().count());
}

void StepBoard::post_never(std::size_t watch) { settle(watch, never); }

// Written before the message is sent, and looked up after the listener is registered: one of the two is in
// time.
void StepBoard::settle(std::size_t watch, Rep at)
{
    auto nothing = unknown;
    if (!times_[watch].compare_exchange_strong(nothing, at)) return;
    for (const auto constraint : watches_[watch].constraints) {
        auto& wait = waits_[constraint];
        asio::post(*executors_[wait.worker], [&wait] {
            if (wait.listener != nullptr) wait.listener->told();
        });
    }
}

StepBoard::State StepBoard::awaited_by(std::size_t constraint) const
{
    const auto at = times_[waits_[constraint].watch].load();
    if (at == unknown) return {};
    if (at == never) return {.known = true, .at = std::nullopt};
    return {.known = true, .at = Clock::time_point{Clock::duration{at}}};
}

void StepBoard::listen(std::size_t constraint, Listener* listener) { waits_[constraint].listener = listener; }

} // namespace wsrace
