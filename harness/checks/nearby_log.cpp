#include "checks/nearby_log.hpp"

#include "checks/log_patterns.hpp"
#include "checks/runs.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <string>
#include <unordered_map>

namespace wsrace {

namespace {

constexpr Duration nearby = std::chrono::seconds{1};
constexpr std::size_t lines_each = 3;
constexpr std::size_t looked_at_each = 3;     // violations of one signature
constexpr std::size_t looked_at_in_all = 200; //
constexpr std::size_t lines_read = 4000;      // for one violation
constexpr std::size_t kept_evidence = 16;
constexpr std::size_t shortest_id = 3; // "1" stands in every line

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool contains_word(std::string_view line, std::string_view word)
{
    return std::search(line.begin(), line.end(), word.begin(), word.end(),
                       [](char a, char b) { return lower(a) == b; }) != line.end();
}

bool speaks_of_trouble(std::string_view line)
{
    static constexpr std::array<std::string_view, 5> words{"error", "exception", "warn", "fatal", "panic"};
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return contains_word(line, word); });
}

bool is_id_part(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// "u-1" is not in "u-17".
bool carries(std::string_view line, std::string_view id)
{
    for (auto at = line.find(id); at != std::string_view::npos; at = line.find(id, at + 1)) {
        const auto end = at + id.size();
        const bool begins = at == 0 || !is_id_part(line[at - 1]);
        if (begins && (end == line.size() || !is_id_part(line[end]))) return true;
    }
    return false;
}

class NearbyLog {
public:
    explicit NearbyLog(const CheckInput& input)
        : input_(input), history_(input.history), patterns_(patterns(input.expectations.log_patterns))
    {
        for (std::uint32_t position = 0; position < history_.events.size(); ++position) {
            const Event& event = history_.events[position];
            if (event.kind == EventKind::log) lines_.push_back(position);
            if (event.is_step(StepKind::login) && event.outcome == Outcome::ok)
                user_ids_[event.user] = event.text;
        }
    }

    void attach(CheckResult& check)
    {
        if (lines_.empty()) return;
        std::map<std::string_view, std::size_t> seen;
        for (Violation& violation : check.violations) {
            if (looked_at_ >= looked_at_in_all) return;
            if (seen[violation.signature]++ >= looked_at_each) continue;
            ++looked_at_;
            attach(violation);
        }
    }

private:
    // A pattern that is none has made `server_log` inconclusive already.
    static LogPatterns patterns(const std::vector<std::string>& own)
    {
        try {
            return LogPatterns(own);
        } catch (const std::runtime_error&) {
            return LogPatterns({});
        }
    }

    std::vector<std::string> ids_of(const Violation& violation) const
    {
        std::vector<std::string> ids;
        if (!violation.connection) return ids;
        const auto add = [&](std::string_view id) {
            if (id.size() >= shortest_id) ids.emplace_back(id);
        };
        const ConnectionId& connection = *violation.connection;
        if (const auto user = user_ids_.find(connection.user.value); user != user_ids_.end())
            add(history_.text(user->second));
        if (violation.request) {
            const RequestId request{connection.user, connection.slot, *violation.request};
            add(make_canary({history_.info.run, request}));
            const Run* run = input_.runs.find(request);
            if (run != nullptr && run->first != nowhere) add(history_.text(history_.events[run->first].run));
        }
        const auto trace = std::lower_bound(
            input_.connections.begin(), input_.connections.end(), connection,
            [](const ConnectionTrace& candidate, const ConnectionId& id) { return candidate.id < id; });
        if (trace == input_.connections.end() || trace->id != connection) return ids;
        for (const auto position : trace->events) {
            const Event& event = history_.events[position];
            const bool mention = event.kind == EventKind::mention;
            if (mention && history_.text(event.item).ends_with("connection_id"))
                add(history_.text(event.text));
        }
        return ids;
    }

    bool tells(std::uint32_t position, const std::vector<std::string>& ids)
    {
        const auto line = history_.text(history_.events[position].text);
        const bool own =
            std::any_of(ids.begin(), ids.end(), [&](const std::string& id) { return carries(line, id); });
        return own || trouble(position, line);
    }

    bool trouble(std::uint32_t position, std::string_view line)
    {
        const auto [known, added] = trouble_.try_emplace(position, false);
        if (added) known->second = speaks_of_trouble(line) || !patterns_.matching(line).empty();
        return known->second;
    }

    // Outwards from the violation, the nearer side first.
    void attach(Violation& violation)
    {
        const auto ids = ids_of(violation);
        const auto at = [&](std::ptrdiff_t line) {
            return history_.events[lines_[static_cast<std::size_t>(line)]].at;
        };
        auto after = std::lower_bound(
                         lines_.begin(), lines_.end(), violation.at,
                         [&](std::uint32_t line, Instant when) { return history_.events[line].at < when; }) -
                     lines_.begin();
        auto before = after - 1;
        std::vector<std::uint32_t> found;
        for (std::size_t read = 0; read < lines_read && found.size() < lines_each; ++read) {
            const bool has_before = before >= 0 && violation.at - at(before) <= nearby;
            const bool has_after = after < std::ssize(lines_) && at(after) - violation.at <= nearby;
            if (!has_before && !has_after) break;
            const bool back =
                has_before && (!has_after || violation.at - at(before) <= at(after) - violation.at);
            const auto line = lines_[static_cast<std::size_t>(back ? before-- : after++)];
            if (tells(line, ids)) found.push_back(line);
        }
        add(violation.evidence, found);
    }

    static void add(std::vector<std::uint32_t>& evidence, const std::vector<std::uint32_t>& lines)
    {
        if (lines.empty()) return;
        evidence.resize(std::min(evidence.size(), kept_evidence - lines.size()));
        evidence.insert(evidence.end(), lines.begin(), lines.end());
        std::sort(evidence.begin(), evidence.end());
        evidence.erase(std::unique(evidence.begin(), evidence.end()), evidence.end());
    }

    const CheckInput& input_;
    const History& history_;
    LogPatterns patterns_;
    std::vector<std::uint32_t> lines_; // positions, in the order of time
    std::unordered_map<std::uint32_t, Symbol> user_ids_;
    std::unordered_map<std::uint32_t, bool> trouble_; // by position, of those that were looked at
    std::size_t looked_at_ = 0;
};

} // namespace

void attach_nearby_log(std::vector<CheckResult>& checks, const CheckInput& input)
{
    const bool found = std::any_of(checks.begin(), checks.end(),
                                   [](const CheckResult& check) { return !check.violations.empty(); });
    if (!found) return;
    NearbyLog log(input);
    for (CheckResult& check : checks)
        if (check.id != "server_log" && check.id != "sanitizer") log.attach(check);
}

} // namespace wsrace
