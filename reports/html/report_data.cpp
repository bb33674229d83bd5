#include "reports/html/report_data.hpp"

#include "core/canary.hpp"
#include "reports/clean_text.hpp"
#include "reports/evidence.hpp"
#include "reports/html/over_time.hpp"
#include "reports/target_usage.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace wsrace {

namespace {

using Json = nlohmann::ordered_json;

constexpr int format_version = 1;

std::int64_t microseconds(Duration duration)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

template <typename Items, typename ToJson>
Json array_of(const Items& items, ToJson to_json)
{
    Json array = Json::array();
    for (const auto& item : items) array.push_back(to_json(item));
    return array;
}

Json run_json(const PreparedReport& report)
{
    const auto& info = report.info;
    const auto& counts = report.verdict.counts;
    return {{"id", to_string(info.run)},
            {"scenario", info.scenario},
            {"scenario_digest", info.scenario_digest},
            {"plan_digest", info.plan_digest},
            {"seed", std::to_string(info.seed)},
            {"target", info.target},
            {"version", info.version},
            {"started", info.started},
            {"machine", info.machine},
            {"folder", report.out},
            {"duration_us", microseconds(report.history.duration())},
            {"users", counts.users},
            {"users_planned", info.users},
            {"connections_per_user", info.connections},
            {"connections_attempted", counts.connections_attempted},
            {"connected", counts.connected},
            {"requests", counts.requests},
            {"runs_completed", counts.runs_completed},
            {"frames", counts.frames},
            {"events", counts.events},
            {"instances", info.instances},
            {"interrupted", info.interrupted},
            {"truncated", info.truncated}};
}

// For a POSIX shell.
std::string quoted(const std::string& argument)
{
    static constexpr std::string_view plain{
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:,=+-"};
    if (!argument.empty() && argument.find_first_not_of(plain) == std::string::npos) return argument;
    std::string out{"'"};
    for (const char c : argument) c == '\'' ? out.append("'\\''") : out.append(1, c);
    return out + "'";
}

Json repeat_json(const PreparedReport& report)
{
    auto commands = Json::array();
    const auto add = [&commands](const char* what, const std::string& command) {
        commands.push_back({{"what", what}, {"command", command}});
    };
    add("the whole run, with the same plan", report.info.command);
    if (report.out.empty() || report.groups.empty()) return commands;
    const auto folder = quoted(report.out);
    add("how often this plan fails, with its interval", fmt::format("wsrace repro {} --times 20", folder));
    add("the smallest plan that still fails", fmt::format("wsrace shrink {}", folder));
    return commands;
}

Json level_json(const Metric& metric)
{
    return {{"id", metric.id},
            {"level", name(metric.level)},
            {"value", value_text(metric)},
            {"samples", metric.sample_size},
            {"explanation", metric.explanation}};
}

Json check_json(const CheckResult& check)
{
    return {{"id", check.id},
            {"verdict", name(check.verdict)},
            {"required", check.required},
            {"judged", sample_text(check)},
            {"reason", check.reason},
            {"violations", check.violation_count},
            {"not_kept", not_kept(check)},
            {"affected", check.affected_users.size()}};
}

// What somebody should look at first: failures that the harness did not cause itself.
bool is_trouble(const Event& event)
{
    switch (event.kind) {
    case EventKind::step:
        return event.outcome != Outcome::ok && event.outcome != Outcome::skipped &&
               event.outcome != Outcome::cancelled && event.outcome != Outcome::closed; // its end says more
    case EventKind::frame:
        return event.has(Flag::other_canary) || event.is_frame(FrameType::agent_error) ||
               event.is_frame(FrameType::error_message) || event.is_frame(FrameType::not_json);
    case EventKind::end:
        return event.end() != EndKind::we_closed && event.end() != EndKind::we_dropped &&
               event.end() != EndKind::cancelled;
    case EventKind::canary:
    case EventKind::schema: return true;
    case EventKind::log: return event.value == static_cast<std::int32_t>(LogStream::report);
    case EventKind::life_cycle:
        return event.life_cycle() == LifeCycle::killed ||
               (event.life_cycle() == LifeCycle::exited && event.value != 0);
    case EventKind::constraint: return event.outcome == Outcome::timeout;
    default: return false;
    }
}

std::string_view short_name(const Event& event)
{
    switch (event.kind) {
    case EventKind::step: return name(event.step());
    case EventKind::frame: return name(event.frame());
    case EventKind::end: return name(event.end());
    case EventKind::life_cycle: return name(event.life_cycle());
    case EventKind::log: return log_stream_name(event.value);
    case EventKind::gate: return name(event.gate());
    default: return name(event.kind);
    }
}

// Whose canary an event tells of.
std::optional<ConnectionId> owner_of(const PreparedReport& report, const Event& event)
{
    if (event.kind != EventKind::canary) return std::nullopt;
    const auto canary = parse_canary(report.history.text(event.text));
    if (!canary || canary->run != report.history.info.run) return std::nullopt;
    return ConnectionId{canary->request.user, canary->request.slot, 0};
}

Json failure_json(const ReportedFailure& failure)
{
    return {{"key", failure.key}, {"also_seen", failure.also_seen}};
}

class Writer {
public:
    Writer(const PreparedReport& report, const HtmlLimits& limits)
        : report_{report}, history_{report.history}, limits_{limits}, frames_left_{limits.frames}
    {}

    Json group(const SignatureGroup& group, const std::vector<Scene>& scenes)
    {
        std::set<std::uint32_t> users;
        for (const auto* violation : group.violations) {
            if (violation->connection) users.insert(violation->connection->user.value);
            if (violation->other_user) users.insert(violation->other_user->value);
        }
        Json some = Json::array();
        for (const auto user : users)
            if (some.size() < limits_.users) some.push_back(user);
        Json rows = Json::array();
        for (const auto* violation : group.violations)
            if (rows.size() < limits_.rows) rows.push_back(row(*violation));
        const auto& first = *group.violations.front();
        return {{"check", group.check},
                {"signature", group.signature},
                {"count", group.count},
                {"how_often", how_often(group)},
                {"users", some},
                {"users_left", users.size() - some.size()},
                {"expected", first.expected},
                {"evidence", evidence(first)},
                {"scenes", array_of(scenes, [this](const Scene& one) { return scene(one); })},
                {"rows", rows},
                {"rows_left", group.count - rows.size()}};
    }

private:
    Json row(const Violation& violation) const
    {
        return {{"at_us", microseconds(violation.at)},
                {"who", who(violation)},
                {"message", one_line(violation.message, 2 * limits_.longest_line)}};
    }

    Json evidence(const Violation& violation) const
    {
        Json out = Json::array();
        for (const auto position : violation.evidence) {
            const auto is_there = position < history_.events.size();
            out.push_back({{"at_us", is_there ? microseconds(history_.events[position].at) : 0},
                           {"text", event_line(history_, position)}});
        }
        return out;
    }

    Json scene(const Scene& scene)
    {
        const auto& violation = *scene.violation;
        std::map<std::uint32_t, std::pair<std::size_t, std::size_t>> places; // lane and event of a position
        const std::set<std::uint32_t> proofs{violation.evidence.begin(), violation.evidence.end()};
        Json lanes = Json::array();
        for (const auto& its : scene.lanes) {
            for (std::size_t i = 0; i < its.events.size(); ++i) places[its.events[i]] = {lanes.size(), i};
            lanes.push_back(lane(its, proofs));
        }
        Json arrows = Json::array();
        for (const auto& arrow : scene.arrows) {
            const auto from = places.find(arrow.from);
            const auto to = places.find(arrow.to);
            if (from != places.end() && to != places.end())
                arrows.push_back(
                    {from->second.first, from->second.second, to->second.first, to->second.second});
        }
        auto out = row(violation);
        out["message"] = violation.message;
        out["expected"] = violation.expected;
        out["focus_us"] = {microseconds(scene.focus_from), microseconds(scene.focus_until)};
        out["lanes"] = std::move(lanes);
        out["arrows"] = std::move(arrows);
        return out;
    }

    Json lane(const Lane& lane, const std::set<std::uint32_t>& proofs)
    {
        Json out{{"role", name(lane.role)}, {"before", lane.before}, {"after", lane.after}};
        if (lane.role != LaneRole::target) {
            out["user"] = lane.user.value;
            out["slot"] = lane.slot.value;
        }
        const auto with_payload = lane.role != LaneRole::nearby;
        out["events"] = array_of(lane.events, [&](std::uint32_t position) {
            return event(position, proofs.contains(position), with_payload);
        });
        return out;
    }

    // Short names, and nothing that is as usual: there are thousands of these.
    Json event(std::uint32_t position, bool is_proof, bool with_payload)
    {
        const Event& event = history_.events[position];
        Json out{{"t", microseconds(event.at)}, {"k", name(event.kind)}, {"n", short_name(event)}};
        const auto is_payload = event.kind == EventKind::frame && event.has(Flag::payload_kept);
        out["w"] =
            one_line(event_words(history_, position, !is_payload || !with_payload), limits_.longest_line);
        if (const auto owner = owner_of(report_, event)) out["o"] = to_string(*owner);
        if (event.user == no_user && history_.info.instances > 1) out["s"] = event.slot;
        if (event.incarnation > 0) out["c"] = event.incarnation;
        if (event.request != no_request) out["r"] = event.request;
        if (event.kind == EventKind::end) out["v"] = event.value;
        if (is_payload && event.text != no_symbol && with_payload)
            put_payload(out, history_.text(event.text));
        else if (is_payload)
            out["q"] = 1;
        if (is_proof) out["e"] = 1;
        if (is_trouble(event)) out["b"] = 1;
        return out;
    }

    // Contents come as long as there is room for them; of the others it is said that there are some.
    void put_payload(Json& out, std::string_view payload)
    {
        auto text = clean_text(payload, limits_.longest_frame);
        if (text.size() > frames_left_) {
            out["q"] = 1;
            return;
        }
        frames_left_ -= text.size();
        out["p"] = std::move(text);
    }

    const PreparedReport& report_;
    const History& history_;
    const HtmlLimits& limits_;
    std::size_t frames_left_; // bytes
};

Json latency_json(const Latency& latency)
{
    return {{"id", latency.id},
            {"count", latency.count},
            {"p50", latency.p50.count()},
            {"p90", latency.p90.count()},
            {"p95", latency.p95.count()},
            {"p99", latency.p99.count()},
            {"p999", latency.p999.count()},
            {"max", latency.max.count()},
            {"bins", array_of(latency.bins, [](const LatencyBin& bin) {
                 return Json{bin.from.count(), bin.until.count(), bin.count};
             })}};
}

Json punctuality_json(const Punctuality& one)
{
    return {{"text", one.text},
            {"result", name(one.result)},
            {"met", one.met},
            {"late", one.late},
            {"missing", one.missing},
            {"p50", one.p50.count()},
            {"p99", one.p99.count()},
            {"max", one.max.count()},
            {"tolerance", one.tolerance.count()},
            {"explanation", one.explanation}};
}

Json over_time_json(const PreparedReport& report)
{
    const auto series = over_time(report.history, report.verdict);
    return {{"bucket_us", microseconds(series.bucket)},
            {"open", series.open},
            {"frames", series.frames},
            {"requests", series.requests},
            {"ends", series.ends},
            {"violations", series.violations}};
}

Json ending_json(const Ending& ending)
{
    return {{"text", ending.text}, {"count", ending.count}, {"by_target", ending.by_target}};
}

Json window_json(const TargetWindow& window)
{
    return {{"from_us", microseconds(window.from)},
            {"until_us", microseconds(window.until)},
            {"text", window.text},
            {"fault", window.fault}};
}

Json usage_json(const TargetUsage& usage)
{
    return {{"instance", usage.instance}, {"text", usage_text(usage)}};
}

} // namespace

std::string report_data(const PreparedReport& report, const QuotedFiles& files, const HtmlLimits& limits)
{
    const auto& verdict = report.verdict;
    std::vector<const SignatureGroup*> shown;
    for (const auto& group : report.groups)
        if (shown.size() < limits.groups) shown.push_back(&group);
    const auto scenes = scenes_of(report, shown, limits.scenes);
    Writer writer{report, limits};
    Json groups = Json::array();
    for (std::size_t i = 0; i < shown.size(); ++i) {
        groups.push_back(writer.group(*shown[i], scenes[i]));
        if (!report.failures.empty()) groups.back()["failure"] = shown[i]->failure;
    }
    const Json json{{"format_version", format_version},
                    {"kind", "run"},
                    {"verdict", name(verdict.verdict)},
                    {"void", verdict.is_void},
                    {"headline", headline(report)},
                    {"summary", verdict.summary},
                    {"volume", volume_text(report)},
                    {"run", run_json(report)},
                    {"repeat", repeat_json(report)},
                    {"levels", array_of(verdict.metrics, level_json)},
                    {"checks", array_of(verdict.checks, check_json)},
                    {"failures", array_of(report.failures, failure_json)},
                    {"groups", std::move(groups)},
                    {"groups_left", report.groups.size() - shown.size()},
                    {"windows", array_of(target_windows(report.history), window_json)},
                    {"latencies", array_of(verdict.latencies, latency_json)},
                    {"over_time", over_time_json(report)},
                    {"endings", array_of(endings_of(report.history), ending_json)},
                    {"refusals", array_of(refusals_of(report.history), ending_json)},
                    {"schedule", array_of(verdict.schedule, punctuality_json)},
                    {"usage", array_of(target_usage(report.history), usage_json)},
                    {"files",
                     {{"scenario.json", clean_text(files.scenario, 2 * longest_quote)},
                      {"plan.json", clean_text(files.plan, 2 * longest_quote)}}}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace wsrace
