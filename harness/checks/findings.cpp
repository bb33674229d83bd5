#include "checks/findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace wsrace {

namespace {

constexpr std::size_t kept_evidence = 16;

bool earlier(const Violation& a, const Violation& b) { return a.at < b.at; }

} // namespace

Findings::Findings(std::string_view check, std::string_view sample_unit)
{
    result_.id = check;
    result_.sample_unit = sample_unit;
}

void Findings::add(Violation violation)
{
    violation.check = result_.id;
    violation.signature = result_.id + ": " + violation.signature;
    std::sort(violation.evidence.begin(), violation.evidence.end());
    const auto last = std::unique(violation.evidence.begin(), violation.evidence.end());
    violation.evidence.erase(last, violation.evidence.end());
    if (violation.evidence.size() > kept_evidence) violation.evidence.resize(kept_evidence);
    if (violation.connection) result_.affected_users.push_back(violation.connection->user);
    if (violation.other_user) result_.affected_users.push_back(*violation.other_user);
    ++result_.violation_count;
    result_.violations.push_back(std::move(violation));
    // Now and then, not each time: a broken target must not make judging quadratic, nor fill the memory with messages.
    if (result_.violations.size() > 4 * kept_violations) keep_first();
}

void Findings::keep_first()
{
    auto& kept = result_.violations;
    std::stable_sort(kept.begin(), kept.end(), earlier);
    if (kept.size() > kept_violations) kept.resize(kept_violations);
    auto& users = result_.affected_users;
    std::sort(users.begin(), users.end());
    users.erase(std::unique(users.begin(), users.end()), users.end());
}

CheckResult Findings::result(std::string_view why_nothing) &&
{
    keep_first();
    if (!clean()) {
        result_.verdict = Verdict::fail;
    } else if (result_.sample_size > 0) {
        result_.verdict = Verdict::pass;
    } else {
        result_.verdict = Verdict::inconclusive;
        result_.reason = why_nothing;
    }
    return std::move(result_);
}

CheckResult Findings::result_or_skipped(std::string_view why_not_applicable) &&
{
    auto result = std::move(*this).result(why_not_applicable);
    if (result.verdict == Verdict::inconclusive) result.verdict = Verdict::skipped;
    return result;
}

CheckResult skipped(std::string_view check, std::string_view why)
{
    CheckResult result;
    result.id = check;
    result.verdict = Verdict::skipped;
    result.reason = why;
    return result;
}

CheckResult inconclusive(std::string_view check, std::string_view why)
{
    CheckResult result = skipped(check, why);
    result.verdict = Verdict::inconclusive;
    return result;
}

Violation violation_at(const History& history, std::uint32_t position, std::string signature, std::string message,
                       std::string expected)
{
    const Event& event = history.events[position];
    Violation violation;
    violation.signature = std::move(signature);
    violation.message = std::move(message);
    violation.expected = std::move(expected);
    if (event.user != no_user) violation.connection = event.connection();
    if (event.request != no_request) violation.request = event.request;
    violation.at = event.at;
    violation.evidence = {position};
    return violation;
}

std::string moment(Instant at) { return fmt::format("{:.3f} s", std::chrono::duration<double>(at).count()); }

std::string who(const Event& event)
{
    if (event.user == no_user) return "the target";
    if (event.request == no_request) return to_string(event.connection());
    return fmt::format("{}, request {}", to_string(event.connection()), event.request);
}

} // namespace wsrace
