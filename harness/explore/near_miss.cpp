#include "explore/near_miss.hpp"

#include "checks/attempts.hpp"
#include "checks/runs.hpp"
#include "core/log_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

namespace wsrace {

namespace {

constexpr std::uint64_t fewest_samples = 200; // of a kind of reply, before any of them can be late
constexpr Duration shortest_delay = std::chrono::milliseconds{5}; // less is what a busy machine does
constexpr std::array late_factors{3, 10, 30, 100};
constexpr std::size_t most_neighbours = 8;  // runs that a run is compared with
constexpr std::size_t most_templates = 500; // of one execution

void add_openings(const History& history, const std::vector<ConnectionTrace>& connections, Replies& out)
{
    for (const Attempt& attempt : attempts_of(history, connections)) {
        if (!attempt.upgraded) continue;
        const Instant answered = history.events[attempt.answered].at;
        if (attempt.sent != nowhere) out.emplace_back("answered", answered - history.events[attempt.sent].at);
        if (attempt.welcome != nowhere)
            out.emplace_back("welcome", history.events[attempt.welcome].at - answered);
    }
}

void add_pings(const History& history, const std::vector<ConnectionTrace>& connections, Replies& out)
{
    for (const auto& connection : connections) {
        const Event* sent = nullptr;
        for (const auto position : connection.events) {
            const Event& event = history.events[position];
            if (event.is_step(StepKind::ping_sent)) sent = &event;
            if (sent == nullptr || !event.is_step(StepKind::pong_awaited)) continue;
            if (event.outcome == Outcome::ok) out.emplace_back("pong", event.at - sent->at);
            sent = nullptr;
        }
    }
}

void add_runs(const History& history, const RunTable& runs, Replies& out)
{
    for (const Run& run : runs.runs()) {
        if (run.paused > Duration{}) continue; // the harness had stopped the target
        const auto at = [&history](std::uint32_t position) { return history.events[position].at; };
        if (run.first != nowhere) out.emplace_back("first_event", at(run.first) - at(run.sent));
        for (std::size_t i = 1; i < run.frames.size(); ++i) {
            const Instant before = at(run.frames[i - 1]);
            const Instant after = at(run.frames[i]);
            if (away(run, before, after) == Duration{}) out.emplace_back("next_event", after - before);
        }
    }
}

std::string_view relation_of(const Run& a, const Run& b)
{
    if (a.id.user != b.id.user) return "other_user";
    return a.id.slot == b.id.slot ? "same_connection" : "same_user";
}

// "s1 s2 f2 t2 f1 t1"
std::string order_of(const Run& a, const Run& b)
{
    std::vector<std::pair<std::uint32_t, std::string_view>> marks;
    const auto mark = [&marks](std::uint32_t position, std::string_view text) {
        if (position != nowhere) marks.emplace_back(position, text);
    };
    mark(a.sent, " s1");
    mark(a.first, " f1");
    mark(a.terminal, " t1");
    mark(b.sent, " s2");
    mark(b.first, " f2");
    mark(b.terminal, " t2");
    std::sort(marks.begin(), marks.end());
    std::string out{relation_of(a, b)};
    for (const auto& [position, text] : marks) out += text;
    return out;
}

std::string outcome_text(const Event& step)
{
    if (step.outcome == Outcome::http_status) return fmt::format("HTTP {}", step.value);
    return std::string{name(step.outcome)};
}

} // namespace

Replies replies_of(const History& history)
{
    const auto connections = connections_of(history);
    const RunTable runs(history, connections);
    Replies out;
    add_openings(history, connections, out);
    add_pings(history, connections, out);
    add_runs(history, runs, out);
    return out;
}

std::set<std::string> late_replies(const Replies& replies,
                                   const std::map<std::string, LatencyBaseline>& latencies)
{
    std::set<std::string> keys;
    for (const auto& [reply, took] : replies) {
        const auto known = latencies.find(std::string{reply});
        if (known == latencies.end() || took < shortest_delay) continue;
        const auto usual = known->second.quantile(0.99, fewest_samples);
        if (!usual) continue;
        for (const auto factor : late_factors)
            if (took >= *usual * factor) keys.insert(fmt::format("late: {} x{}", reply, factor));
    }
    return keys;
}

std::set<std::string> retried_attempts(const History& history)
{
    std::set<std::string> keys;
    for (const Attempt& attempt : attempts_of(history, connections_of(history))) {
        if (attempt.failed == nowhere || !attempt.followed_up || excused(history, attempt)) continue;
        const Event& failed = history.events[attempt.failed];
        keys.insert(fmt::format("retried: {} {}", name(failed.step()), outcome_text(failed)));
    }
    std::unordered_set<std::uint32_t> logged_in; // later in the history
    for (auto event = history.events.rbegin(); event != history.events.rend(); ++event) {
        if (!event->is_step(StepKind::login)) continue;
        if (event->outcome == Outcome::ok)
            logged_in.insert(event->user);
        else if (event->outcome != Outcome::cancelled && logged_in.contains(event->user))
            keys.insert(fmt::format("retried: login {}", outcome_text(*event)));
    }
    return keys;
}

std::set<std::string> run_orders(const History& history)
{
    const auto connections = connections_of(history);
    const RunTable table(history, connections);
    std::vector<const Run*> runs;
    for (const Run& run : table.runs()) runs.push_back(&run);
    std::sort(runs.begin(), runs.end(), [](const Run* a, const Run* b) { return a->sent < b->sent; });
    std::set<std::string> keys;
    for (std::size_t i = 0; i < runs.size(); ++i)
        for (std::size_t j = i + 1; j < runs.size() && j <= i + most_neighbours; ++j)
            if (runs[j]->sent < runs[i]->terminal) keys.insert("order: " + order_of(*runs[i], *runs[j]));
    return keys;
}

std::set<std::string> log_templates(const History& history)
{
    std::set<std::string> keys;
    for (const Event& event : history.events) {
        const bool line =
            event.kind == EventKind::log && (event.value == static_cast<std::int32_t>(LogStream::out) ||
                                             event.value == static_cast<std::int32_t>(LogStream::err));
        if (line && keys.size() < most_templates)
            keys.insert("log: " + log_template(history.text(event.text)));
    }
    return keys;
}

std::vector<std::string> NearMisses::learn(const History& history, bool clean)
{
    auto keys = retried_attempts(history);
    keys.merge(run_orders(history));
    keys.merge(log_templates(history));
    if (clean) {
        const auto replies = replies_of(history);
        keys.merge(late_replies(replies, latencies)); // before its own count
        for (const auto& [reply, took] : replies) latencies[std::string{reply}].add(took);
    }
    std::vector<std::string> fresh;
    for (const auto& key : keys)
        if (known.size() < most_novelties && known.insert(key).second && clean) fresh.push_back(key);
    return fresh;
}

} // namespace wsrace
