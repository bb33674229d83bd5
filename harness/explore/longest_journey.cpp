#include "explore/longest_journey.hpp"

#include <algorithm>

namespace wsrace {

namespace {

constexpr Duration harness_itself = std::chrono::seconds{1}; // between the steps, on a busy machine

Duration longest(const Distribution& pause)
{
    switch (pause.kind) {
    case Distribution::Kind::fixed: return pause.low;
    case Distribution::Kind::exponential: return 20 * pause.low;
    default: return pause.high;
    }
}

Duration longest(const ConnectSpec& spec, const Deadlines& limits)
{
    constexpr int longest_upgrade = 4096; // bytes, with a token in it
    // A ticket comes first; a half-closed attempt is watched for as long as a close may take.
    auto sum = limits.login + limits.connect + limits.handshake + longest_upgrade * spec.trickle;
    if (spec.abort_after == AbortStage::welcome) sum += limits.welcome;
    if (spec.abort_after != AbortStage::none) sum += limits.close;
    return sum;
}

Duration longest(const StepSpec& step, const Deadlines& limits)
{
    switch (step.action) {
    case Action::login: return limits.login;
    case Action::connect: return longest(step.connect, limits);
    case Action::await_welcome: return limits.welcome;
    case Action::request:
    case Action::await_events: return limits.run;
    case Action::await_event: return limits.run;
    case Action::await_first_event: return limits.first_event;
    case Action::stop_reading:
    case Action::read_slowly:
    case Action::pong: return {}; // the journey goes on at once
    case Action::ping: return limits.ping;
    case Action::pause: return longest(step.duration);
    case Action::stop: return limits.first_event + limits.stop;
    case Action::drop:
    case Action::close: return limits.close;
    }
    return {};
}

} // namespace

Duration longest_journey(const Scenario& scenario)
{
    const auto& limits = scenario.expectations.deadlines;
    Duration most{};
    for (const auto& journey : scenario.journeys) {
        Duration sum = limits.close; // after a failure, whatever the journey says
        for (const auto& step : journey) sum += longest(step, limits);
        most = std::max(most, sum);
    }
    return most + harness_itself;
}

} // namespace wsrace
