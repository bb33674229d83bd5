// Stored runs for tests, made of a number each: "run-7" was started 7 s after the first second of a year.
#pragma once

#include "run_store/run_record.hpp"

#include <fmt/format.h>

#include <cmath>

namespace wsrace::test {

inline RunRecord sample_record(int number, Verdict verdict = Verdict::pass)
{
    RunRecord record;
    record.run = fmt::format("run-{}", number);
    record.started =
        fmt::format("2026-01-01T{:02}:{:02}:{:02}.000Z", number / 3600, number / 60 % 60, number % 60);
    record.scenario = "golden_path";
    record.scenario_digest = "digest";
    record.plan_digest = fmt::format("plan-{}", number);
    record.version = "0.1.0";
    record.label = fmt::format("build-{}", number);
    record.seed = "18446744073709551615";
    record.target = "wsrace serve";
    record.machine = "2 cores";
    record.command = "wsrace run golden_path";
    record.verdict = verdict;
    record.duration = std::chrono::seconds{2};
    record.counts = {.users = 200,
                     .connections_attempted = 200,
                     .connected = 200,
                     .requests = 200,
                     .runs_completed = verdict == Verdict::pass ? 200U : 150U,
                     .frames = 1200,
                     .events = 3000};
    Metric golden_path{.id = "golden_path",
                       .unit = "rate",
                       .value = 1,
                       .low = 0.98,
                       .high = 1,
                       .sample_size = 200,
                       .level = Level::pass,
                       .explanation = {}};
    if (verdict == Verdict::fail) {
        golden_path.value = 0.75;
        golden_path.level = Level::critical;
        record.signatures.push_back(
            {.key = "isolation: canary of another user", .detail = "canary in agent_started"});
    }
    record.metrics = {golden_path};
    record.metrics.push_back({.id = "event_latency",
                              .unit = "ns",
                              .value = std::nan(""),
                              .low = 0,
                              .high = 0,
                              .sample_size = 0,
                              .level = Level::not_judged,
                              .explanation = {}});
    std::vector<Duration> samples;
    for (int i = 0; i < 400; ++i)
        samples.emplace_back(std::chrono::microseconds{5000 + 7 * ((i * 37 + number * 11) % 100)});
    record.latencies.push_back({.id = "event", .samples = counted(std::move(samples))});
    if (verdict == Verdict::pass) record.metrics.resize(2);
    return record;
}

// Many pages of it.
inline RunRecord large_record(int number)
{
    auto record = sample_record(number);
    for (int i = 0; i < 500; ++i)
        record.signatures.push_back({.key = fmt::format("signature {}", i), .detail = std::string(400, 'x')});
    return record;
}

} // namespace wsrace::test
