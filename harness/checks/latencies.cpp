#include "checks/latencies.hpp"

#include "checks/attempts.hpp"
#include "checks/link_losses.hpp"
#include "checks/runs.hpp"
#include "core/statistics.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace wsrace {

namespace {

using Samples = std::vector<Duration>;

Instant intended(const Event& event) { return event.planned().value_or(event.at); }

// From 1 us to 1000 s, in steps that a person can read on an axis.
std::vector<Duration> bin_edges()
{
    static constexpr std::array tenths{10, 11, 12, 13, 15, 17, 20, 22, 25, 28, 30, 33,
                                       36, 40, 45, 50, 55, 60, 65, 70, 75, 80, 90};
    std::vector<Duration> edges{Duration::zero()};
    for (std::int64_t decade = 100; decade < 100'000'000'000; decade *= 10)
        for (const auto step : tenths) edges.emplace_back(decade * step);
    edges.push_back(Duration::max());
    return edges;
}

std::vector<LatencyBin> bins_of(const Samples& sorted)
{
    static const auto edges = bin_edges();
    std::vector<LatencyBin> bins;
    auto begin = sorted.begin();
    for (std::size_t i = 0; i + 1 < edges.size() && begin != sorted.end(); ++i) {
        const auto end = std::lower_bound(begin, sorted.end(), edges[i + 1]);
        const auto count = static_cast<std::uint64_t>(end - begin);
        if (count > 0 || !bins.empty()) bins.push_back({edges[i], edges[i + 1], count});
        begin = end;
    }
    return bins;
}

Latency summarise(std::string_view id, Samples samples)
{
    Latency latency;
    latency.id = id;
    latency.count = samples.size();
    std::sort(samples.begin(), samples.end()); // once, so that each of the quantiles finds them in place
    latency.p50 = quantile(samples, 0.5);
    latency.p90 = quantile(samples, 0.9);
    latency.p95 = quantile(samples, 0.95);
    latency.p99 = quantile(samples, 0.99);
    latency.p999 = quantile(samples, 0.999);
    latency.max = quantile(samples, 1.0);
    latency.bins = bins_of(samples);
    latency.sum = std::accumulate(samples.begin(), samples.end(), Duration::zero());
    return latency;
}

struct Opening {
    Samples connect, handshake, welcome;
};

// Only what succeeded has a duration: failures are counted by `handshake` and connection_success.
Opening openings(const CheckInput& input)
{
    const auto& events = input.history.events;
    Opening out;
    for (const Attempt& attempt : attempts_of(input.history, input.connections)) {
        if (!attempt.upgraded) continue;
        const Event& answered = events[attempt.answered];
        if (attempt.tcp != nowhere && events[attempt.tcp].planned()) {
            const auto ready = attempt.tls == nowhere ? attempt.tcp : attempt.tls;
            out.connect.push_back(events[ready].at - intended(events[attempt.tcp]));
        }
        if (attempt.sent != nowhere) out.handshake.push_back(answered.at - events[attempt.sent].at);
        if (attempt.welcome != nowhere) out.welcome.push_back(events[attempt.welcome].at - answered.at);
    }
    return out;
}

Samples logins(const History& history)
{
    Samples out;
    for (const Event& event : history.events)
        if (event.is_step(StepKind::login) && event.outcome == Outcome::ok && event.planned())
            out.push_back(event.at - intended(event));
    return out;
}

// How late the harness itself was. Logins and TCP connects are recorded when they are done, so the latter say
// how late they were begun.
Samples schedule_lag(const History& history)
{
    Samples out;
    for (const Event& event : history.events) {
        if (event.kind != EventKind::step || !event.planned() || event.is_step(StepKind::login)) continue;
        if (event.is_step(StepKind::tcp_connect))
            out.push_back(std::chrono::microseconds{event.value});
        else
            out.push_back(event.at - intended(event));
    }
    return out;
}

Samples pings(const CheckInput& input)
{
    Samples out;
    for (const auto& connection : input.connections) {
        const Event* sent = nullptr;
        for (const auto position : connection.events) {
            const Event& event = input.history.events[position];
            if (event.is_step(StepKind::ping_sent)) sent = &event;
            if (sent == nullptr || !event.is_step(StepKind::pong_awaited)) continue;
            if (event.outcome == Outcome::ok) out.push_back(event.at - intended(*sent));
            sent = nullptr;
        }
    }
    return out;
}

struct Running {
    Samples first_event, event, run;
};

Running running(const CheckInput& input)
{
    const auto& events = input.history.events;
    Running out;
    for (const Run& run : input.runs.runs()) {
        const Instant asked = intended(events[run.sent]);
        if (run.first != nowhere) out.first_event.push_back(events[run.first].at - asked);
        if (run.terminal != nowhere) out.run.push_back(events[run.terminal].at - asked);
        for (std::size_t i = 1; i < run.frames.size(); ++i) {
            const Instant before = events[run.frames[i - 1]].at;
            const Instant at = events[run.frames[i]].at;
            out.event.push_back(at - before - away(run, before, at));
        }
    }
    return out;
}

} // namespace

std::vector<LatencySamples> latency_samples(const CheckInput& input)
{
    auto opening = openings(input);
    auto runs = running(input);
    std::vector<LatencySamples> out;
    const auto add = [&out](std::string_view id, Samples samples) {
        if (!samples.empty()) out.push_back({.id = id, .samples = std::move(samples)});
    };
    add("login", logins(input.history));
    add("connect", std::move(opening.connect));
    add("handshake", std::move(opening.handshake));
    add("welcome", std::move(opening.welcome));
    add("first_event", std::move(runs.first_event));
    add("event", std::move(runs.event));
    add("run", std::move(runs.run));
    add("ping", pings(input));
    add("schedule_lag", schedule_lag(input.history));
    return out;
}

std::vector<LatencySamples> latency_samples(const Expectations& expectations, const History& recorded)
{
    const auto excused = with_losses_as_drops(recorded);
    const auto& history = excused ? *excused : recorded;
    const auto connections = connections_of(history);
    const RunTable runs(history, connections);
    return latency_samples({expectations, history, connections, runs});
}

std::vector<Latency> latencies(const CheckInput& input)
{
    std::vector<Latency> out;
    for (auto& [id, samples] : latency_samples(input)) out.push_back(summarise(id, std::move(samples)));
    return out;
}

std::vector<Duration> event_lateness(const CheckInput& input)
{
    const auto& events = input.history.events;
    const auto interval = input.expectations.event_interval;
    Samples out;
    for (const Run& run : input.runs.runs()) {
        Instant base = intended(events[run.sent]);
        for (const auto position : run.frames) {
            const Instant at = events[position].at;
            const Duration stopped =
                input.runs.pauses().within(run.id.user, run.id.slot, base, at) + away(run, base, at);
            out.push_back(std::max(at - base - stopped, Duration::zero()));
            base = interval ? base + *interval : at;
        }
    }
    return out;
}

} // namespace wsrace
