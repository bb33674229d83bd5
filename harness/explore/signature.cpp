#include "explore/signature.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace wsrace {

namespace {

struct Seen {
    Symptom symptom;
    std::set<std::string> details;
};

// Each symptom once, most specific first.
std::vector<Seen> symptoms_of(const RunVerdict& verdict, const History& history)
{
    std::map<std::pair<int, std::string>, Seen> seen;
    for (const CheckResult& check : verdict.checks) {
        if (check.verdict != Verdict::fail) continue;
        for (const Violation& violation : check.violations) {
            auto symptom = symptom_of(violation, history);
            auto& one = seen[{symptom.rank, symptom.name}];
            one.details.insert(symptom.detail);
            one.symptom = std::move(symptom);
        }
    }
    std::vector<Seen> out;
    out.reserve(seen.size());
    for (auto& [place, one] : seen) out.push_back(std::move(one));
    return out;
}

bool share_a_file(const Symptom& a, const Symptom& b)
{
    return std::find_first_of(a.files.begin(), a.files.end(), b.files.begin(), b.files.end()) !=
           a.files.end();
}

bool is_report(const Symptom& symptom) { return symptom.rank <= last_rank_of_reports; }

// Each names its own place in the code. But whoever takes no lock races wherever he is met, and what he
// leaves behind is misused there, too, or crashes somebody else.
bool report_explains(const Symptom& more, const Symptom& less)
{
    if (more.family != Family::race) return false;
    const bool is_segv = less.family == Family::memory && less.name.find("SEGV") != std::string::npos;
    const bool may_follow = less.family == Family::race || less.family == Family::memory;
    return is_segv || (may_follow && share_a_file(more, less));
}

} // namespace

bool explains(const Symptom& more, const Symptom& less)
{
    if (more.family == Family::remark || less.family == Family::remark) return false;
    if (is_report(less)) return is_report(more) && report_explains(more, less);
    const bool target_failed = is_report(more) || more.family == Family::failure;
    switch (less.family) {
    case Family::loss: return true;
    case Family::leak: return target_failed || more.family == Family::loss || more.family == Family::leak;
    case Family::failure: return target_failed;
    default: return less.family == more.family;
    }
}

std::vector<FailureSignature> failure_signatures(const RunVerdict& verdict, const History& history)
{
    std::vector<FailureSignature> found;
    if (verdict.is_void || verdict.verdict != Verdict::fail) return found;
    std::vector<Symptom> founders;
    for (const Seen& one : symptoms_of(verdict, history)) {
        bool explained = false;
        for (std::size_t i = 0; i < founders.size(); ++i) {
            if (!explains(founders[i], one.symptom)) continue;
            explained = true;
            found[i].also_seen.push_back(one.symptom.name);
        }
        if (explained) continue;
        founders.push_back(one.symptom);
        found.push_back(
            {.key = one.symptom.name, .details = {one.details.begin(), one.details.end()}, .also_seen = {}});
    }
    return found;
}

} // namespace wsrace
