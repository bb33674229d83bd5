// OpenMetrics 1.0 (text format, version 1.0.0): the figures of a run for a monitoring system, in base units,
// with names that begin with wsrace_. Counters are those of one run: they begin at zero with each.
#include "reports/clean_text.hpp"
#include "reports/live_metrics.hpp"
#include "reports/prepared.hpp"
#include "reports/target_usage.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <map>

namespace wsrace {

namespace {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

constexpr std::array verdicts{Verdict::pass, Verdict::fail, Verdict::inconclusive, Verdict::skipped};
constexpr std::array levels{Level::pass, Level::warning, Level::critical, Level::inconclusive,
                            Level::not_judged};

// 1-2-5 from 100 us to 100 s: the same buckets in every run, so that a monitoring system can add them up. All
// of them are edges of Latency::bins.
std::vector<Duration> bucket_limits()
{
    std::vector<Duration> limits;
    for (std::int64_t decade = 100'000; decade < 100'000'000'000; decade *= 10)
        for (const auto step : {1, 2, 5}) limits.emplace_back(decade * step);
    limits.emplace_back(std::chrono::seconds{100});
    return limits;
}

double seconds(Duration duration) { return std::chrono::duration<double>{duration}.count(); }

std::string label_text(std::string_view text)
{
    std::string out;
    for (const char c : one_line(text, 300)) {
        if (c == '\\' || c == '"') out += '\\';
        out += c;
    }
    return out;
}

std::string number_text(double value)
{
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return fmt::format("{}", value);
}

// The document in the making: one family after the other, every sample with the scenario's name.
class Exposition {
public:
    explicit Exposition(const std::string& scenario) : scenario_{label_text(scenario)} {}

    // `unit` is the last word of the name, or empty.
    void family(std::string_view name, std::string_view type, std::string_view unit, std::string_view help)
    {
        name_ = name;
        fmt::format_to(std::back_inserter(text_), "# TYPE {} {}\n", name, type);
        if (!unit.empty()) fmt::format_to(std::back_inserter(text_), "# UNIT {} {}\n", name, unit);
        fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n", name, help);
    }

    void sample(std::string_view suffix, const Labels& labels, double value)
    {
        text_.append(name_).append(suffix).append("{scenario=\"").append(scenario_).append("\"");
        for (const auto& [label, content] : labels)
            fmt::format_to(std::back_inserter(text_), ",{}=\"{}\"", label, label_text(content));
        text_.append("} ").append(number_text(value)).append("\n");
    }

    void sample(std::string_view suffix, const Labels& labels, std::uint64_t value)
    {
        sample(suffix, labels, static_cast<double>(value));
    }

    // One sample for each state there is: 1 for the one that it is in.
    template <typename States, typename State>
    void states(Labels labels, const States& all, State now)
    {
        labels.emplace_back(name_, "");
        for (const auto state : all) {
            labels.back().second = name(state);
            sample("", labels, std::uint64_t{state == now ? 1U : 0U});
        }
    }

    std::string finish() && { return std::move(text_) + "# EOF\n"; }

private:
    std::string scenario_;
    std::string name_;
    std::string text_;
};

void put_run(Exposition& out, const PreparedReport& report)
{
    const auto& info = report.info;
    out.family("wsrace_run", "info", "", "What was played.");
    out.sample("_info",
               {{"run", to_string(info.run)},
                {"seed", std::to_string(info.seed)},
                {"version", info.version},
                {"target", info.target}},
               std::uint64_t{1});
    if (const auto started = parse_timestamp(info.started)) {
        out.family("wsrace_run_start_time_seconds", "gauge", "seconds",
                   "When the run began, since the epoch.");
        out.sample("", {}, std::chrono::duration<double>{*started}.count());
    }
    out.family("wsrace_run_duration_seconds", "gauge", "seconds", "From the start to the last event.");
    out.sample("", {}, seconds(report.history.duration()));
    out.family("wsrace_verdict", "stateset", "", "Of the run.");
    out.states({}, verdicts, report.verdict.verdict);
    out.family("wsrace_users", "gauge", "", "Simulated users that did anything.");
    out.sample("", {}, report.verdict.counts.users);
}

void put_counts(Exposition& out, const RunVerdict::Counts& counts)
{
    const auto count = [&](std::string_view name, std::uint64_t value, std::string_view help) {
        out.family(name, "counter", "", help);
        out.sample("_total", {}, value);
    };
    count("wsrace_connections_attempted", counts.connections_attempted, "WebSocket connections begun.");
    count("wsrace_connections_opened", counts.connected, "Upgrades that were answered by 101.");
    count("wsrace_requests", counts.requests, "Messages sent that start an agent.");
    count("wsrace_runs_completed", counts.runs_completed,
          "Runs of an agent that ended with agent_completed.");
    count("wsrace_history_events", counts.events, "Events that the harness recorded.");
}

void put_wire(Exposition& out, const History& history)
{
    std::map<std::string_view, std::uint64_t> frames;
    std::map<std::pair<std::string_view, int>, std::uint64_t> ends;
    std::uint64_t bytes = 0;
    for (const auto& event : history.events) {
        if (event.kind == EventKind::frame) {
            ++frames[name(event.frame())];
            bytes += static_cast<std::uint64_t>(std::max(event.value, 0));
        }
        if (event.kind == EventKind::end) ++ends[{name(event.end()), event.value}];
    }
    out.family("wsrace_received_frames", "counter", "", "Frames that arrived, by their type.");
    for (const auto& [type, count] : frames) out.sample("_total", {{"type", std::string{type}}}, count);
    out.family("wsrace_received_bytes", "counter", "bytes", "Payload of the frames that arrived.");
    out.sample("_total", {}, bytes);
    out.family("wsrace_connection_ends", "counter", "",
               "Opened connections that ended, by how, and the close code (0: none).");
    for (const auto& [how, count] : ends)
        out.sample("_total", {{"end", std::string{how.first}}, {"code", std::to_string(how.second)}}, count);
}

void put_checks(Exposition& out, const std::vector<CheckResult>& checks)
{
    if (checks.empty()) return;
    out.family("wsrace_violations", "counter", "", "Violations that a check found.");
    for (const auto& check : checks) out.sample("_total", {{"check", check.id}}, check.violation_count);
    out.family("wsrace_judged", "counter", "", "What a check had to judge, in units of its own.");
    for (const auto& check : checks)
        out.sample("_total", {{"check", check.id}, {"of", check.sample_unit}}, check.sample_size);
    out.family("wsrace_check_verdict", "stateset", "", "Of each check.");
    for (const auto& check : checks) out.states({{"check", check.id}}, verdicts, check.verdict);
}

// Value and bounds of the 95 % interval of the service levels of one unit, in base units.
void put_levels_in(Exposition& out, const std::vector<Metric>& metrics, std::string_view unit,
                   std::string_view name, std::string_view base, double scale)
{
    bool any = false;
    for (const auto& metric : metrics) {
        if (metric.unit != unit) continue;
        if (!any)
            out.family(name, "gauge", base, "What was measured for a service level, and its 95 % interval.");
        any = true;
        const std::array<std::pair<const char*, double>, 3> bounds{
            {{"value", metric.value}, {"low", metric.low}, {"high", metric.high}}};
        for (const auto& [bound, value] : bounds)
            out.sample("", {{"metric", metric.id}, {"bound", bound}}, value * scale);
    }
}

void put_service_levels(Exposition& out, const std::vector<Metric>& metrics)
{
    if (metrics.empty()) return;
    out.family("wsrace_service_level", "stateset", "", "How a service level stands to its limits.");
    for (const auto& metric : metrics) out.states({{"metric", metric.id}}, levels, metric.level);
    put_levels_in(out, metrics, "rate", "wsrace_service_level_ratio", "ratio", 1);
    put_levels_in(out, metrics, "ns", "wsrace_service_level_seconds", "seconds", 1e-9);
    put_levels_in(out, metrics, "per hour", "wsrace_service_level_per_hour", "per_hour", 1);
}

void put_buckets(Exposition& out, const Latency& latency)
{
    static const auto limits = bucket_limits();
    std::uint64_t below = 0;
    auto bin = latency.bins.begin();
    for (const auto limit : limits) {
        for (; bin != latency.bins.end() && bin->until <= limit; ++bin) below += bin->count;
        out.sample("_bucket", {{"operation", latency.id}, {"le", number_text(seconds(limit))}}, below);
    }
    out.sample("_bucket", {{"operation", latency.id}, {"le", "+Inf"}}, latency.count);
    out.sample("_count", {{"operation", latency.id}}, latency.count);
    if (latency.sum >= Duration::zero())
        out.sample("_sum", {{"operation", latency.id}}, seconds(latency.sum));
}

void put_latencies(Exposition& out, const std::vector<Latency>& latencies)
{
    if (latencies.empty()) return;
    out.family("wsrace_latency_seconds", "histogram", "seconds",
               "From when an operation was due to when it was done.");
    for (const auto& latency : latencies) put_buckets(out, latency);
    out.family("wsrace_latency_quantiles_seconds", "summary", "seconds",
               "The same, exact over all samples of the run.");
    for (const auto& latency : latencies) {
        const std::array<std::pair<const char*, Duration>, 6> quantiles{{{"0.5", latency.p50},
                                                                         {"0.9", latency.p90},
                                                                         {"0.95", latency.p95},
                                                                         {"0.99", latency.p99},
                                                                         {"0.999", latency.p999},
                                                                         {"1.0", latency.max}}};
        for (const auto& [quantile, value] : quantiles)
            if (latency.count > 0)
                out.sample("", {{"operation", latency.id}, {"quantile", quantile}},
                           seconds(std::max(value, Duration{})));
    }
}

void put_target(Exposition& out, const History& history)
{
    const auto usages = target_usage(history);
    if (usages.empty()) return;
    const auto instance = [](const TargetUsage& usage) {
        return Labels{{"instance_number", std::to_string(usage.instance)}};
    };
    out.family("wsrace_target_cpu_seconds", "counter", "seconds",
               "Processor time that a supervised target used.");
    for (const auto& usage : usages) out.sample("_total", instance(usage), seconds(usage.cpu));
    out.family("wsrace_target_memory_max_bytes", "gauge", "bytes",
               "Resident memory of it, the most that was seen.");
    for (const auto& usage : usages) out.sample("", instance(usage), usage.memory_kib * 1024);
    out.family("wsrace_target_threads_max", "gauge", "", "Threads of it, the most that were seen.");
    for (const auto& usage : usages) out.sample("", instance(usage), std::uint64_t{usage.threads});
}

} // namespace

std::string openmetrics_text(const ReportInput& input)
{
    const PreparedReport report{input};
    Exposition out{report.info.scenario};
    put_run(out, report);
    put_counts(out, report.verdict.counts);
    put_wire(out, report.history);
    put_checks(out, report.verdict.checks);
    put_service_levels(out, report.verdict.metrics);
    put_latencies(out, report.verdict.latencies);
    put_target(out, report.history);
    return std::move(out).finish();
}

std::string live_openmetrics(const LiveFigures& figures)
{
    Exposition out{clean_text(figures.scenario)};
    const auto put = [&](std::string_view name, std::string_view type, std::uint64_t value,
                         std::string_view help) {
        out.family(name, type, "", help);
        out.sample(type == "counter" ? "_total" : "", {}, value);
    };
    out.family("wsrace_live_duration_seconds", "gauge", "seconds", "Since the first user could arrive.");
    out.sample("", {}, seconds(figures.passed));
    put("wsrace_live_users", "gauge", figures.users, "Users that have arrived.");
    put("wsrace_live_connections", "gauge", figures.connections, "Connections that are open.");
    put("wsrace_live_requests", "counter", figures.requests, "Messages sent that start an agent.");
    put("wsrace_live_runs_ended", "counter", figures.runs_ended, "Runs of an agent that ended, well or not.");
    put("wsrace_live_frames", "counter", figures.frames, "Frames that arrived.");
    put("wsrace_live_suspicious", "counter", figures.suspicious,
        "Data of others, and ends that nobody asked for.");
    return std::move(out).finish();
}

} // namespace wsrace
