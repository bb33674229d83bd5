#include "checks/unclear_return.hpp"

#include "checks/runs.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace wsrace {

namespace {

struct CutBy {
    const History& history;
    const IngressActs& ingress;
};

struct Opening {
    std::uint32_t position;
    std::uint16_t slot;
};

using Openings = std::map<std::uint32_t, std::vector<Opening>>; // by user

// Where the run was cut whose rest did not come on the next connection of its slot; nowhere: it is no such
// run.
std::uint32_t cut_of_one_away(const CutBy& cut_by, const Run& run)
{
    if (run.ended()) return nowhere;
    const Event* const cut = run.cut == nowhere ? nullptr : &cut_by.history.events[run.cut];
    if (cut != nullptr && cut->is_step(StepKind::drop) && !run.drops.empty()) return run.cut;
    if (cut != nullptr && cut->kind == EventKind::end && cut_by.ingress.cut(cut->connection(), cut->at))
        return run.cut;
    const bool goes_on = !run.frames.empty() && run.frames.back() > run.cut_before;
    return goes_on ? nowhere : run.cut_before;
}

bool is_away(const History& history, const Run& run, std::uint32_t since, Instant at)
{
    const bool never_back = run.cut == since && history.events[since].kind == EventKind::end;
    if (never_back && at >= history.events[since].at) return true;
    return std::any_of(run.away.begin(), run.away.end(),
                       [at](const auto& absence) { return absence.first <= at && at <= absence.second; });
}

Openings openings_of_those_away(const CutBy& cut_by, std::span<const Run> runs)
{
    const auto& history = cut_by.history;
    Openings openings;
    for (const Run& run : runs)
        if (cut_of_one_away(cut_by, run) != nowhere) openings.try_emplace(run.id.user.value);
    if (openings.empty()) return openings;
    for (std::uint32_t position = 0; position < history.events.size(); ++position) {
        const Event& event = history.events[position];
        if (!event.is_step(StepKind::upgrade_answered) || event.outcome != Outcome::ok) continue;
        const auto user = openings.find(event.user);
        if (user != openings.end()) user->second.push_back({.position = position, .slot = event.slot});
    }
    return openings;
}

} // namespace

void excuse_unclear_returns(const History& history, const IngressActs& ingress, std::span<Run> runs)
{
    const CutBy cut_by{history, ingress};
    const auto openings = openings_of_those_away(cut_by, runs);
    for (Run& run : runs) {
        const auto cut = cut_of_one_away(cut_by, run);
        if (cut == nowhere) continue;
        const auto& of_user = openings.at(run.id.user.value);
        const auto opened_meanwhile = [&](std::uint16_t slot) {
            return std::any_of(of_user.begin(), of_user.end(), [&](const Opening& opening) {
                return opening.slot == slot &&
                       is_away(history, run, cut, history.events[opening.position].at);
            });
        };
        const auto taken = [&](const Opening& opening) {
            return opening.slot != run.id.slot.value && opened_meanwhile(opening.slot);
        };
        if (!std::any_of(of_user.begin(), of_user.end(), taken)) continue;
        run.given_up = nowhere;
        run.cut = cut;
        run.return_unclear = true;
        std::erase_if(run.strays, [&](std::uint32_t position) {
            return position > cut && opened_meanwhile(history.events[position].slot);
        });
    }
}

} // namespace wsrace
