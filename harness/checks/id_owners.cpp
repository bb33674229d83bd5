#include "checks/id_owners.hpp"

#include "checks/noted_frames.hpp"

#include <algorithm>

namespace wsrace {

namespace {

constexpr std::size_t shortest_id = 3;

bool has_digit(std::string_view text) { return text.find_first_of("0123456789") != std::string_view::npos; }

// Whose canary accompanies what this frame says; nobody's where there is none, or more than one.
std::optional<RequestId> accompanying_request(const History& history, const NotedFrame& noted)
{
    const Event& frame = history.events[noted.frame];
    if (frame.has(Flag::own_canary)) {
        if (frame.has(Flag::other_canary)) return std::nullopt;
        return RequestId{UserId{frame.user}, SlotId{frame.slot}, frame.request};
    }
    std::optional<RequestId> found;
    for (const auto position : noted.notes) {
        const Event& note = history.events[position];
        if (note.kind != EventKind::canary) continue;
        const auto canary = parse_canary(history.text(note.text));
        if (!canary || canary->run != history.info.run) return std::nullopt;
        if (found && *found != canary->request) return std::nullopt;
        found = canary->request;
    }
    return found;
}

} // namespace

IdOwners::IdOwners(const History& history, const std::vector<ConnectionTrace>& connections)
{
    read_steps(history);
    Claims runs;
    Claims threads;
    for (const auto& connection : connections) read_frames(history, connection, runs, threads);
    settle(history, runs, Kind::run);
    settle(history, threads, Kind::thread);
}

void IdOwners::read_steps(const History& history)
{
    for (const Event& event : history.events) {
        if (event.outcome != Outcome::ok || event.text == no_symbol) continue;
        if (event.is_step(StepKind::login)) assign(history, event.text, UserId{event.user}, Kind::user);
        if (event.is_step(StepKind::request_sent))
            assign(history, event.text, UserId{event.user}, Kind::thread);
    }
}

void IdOwners::read_frames(const History& history, const ConnectionTrace& connection, Claims& runs,
                           Claims& threads) const
{
    for_each_frame(history, connection, [&](const NotedFrame& noted) {
        const Event& frame = history.events[noted.frame];
        if (frame.run == no_symbol && noted.notes.empty()) return;
        const auto by = accompanying_request(history, noted);
        if (!by) return;
        if (frame.run != no_symbol) claim(runs, frame.run, *by, noted.frame);
        if (!frame.has(Flag::own_canary)) return;
        for (const auto position : noted.notes) {
            const Event& note = history.events[position];
            if (note.kind != EventKind::mention || !history.text(note.item).ends_with("/thread_id")) continue;
            if (has_digit(history.text(note.text))) claim(threads, note.text, *by, noted.frame);
        }
    });
}

void IdOwners::claim(Claims& claims, Symbol id, RequestId by, std::uint32_t position)
{
    auto& all = claims[id];
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Claim& earlier) { return earlier.request == by; });
    if (found == all.end()) {
        all.push_back({by, 1, position});
    } else {
        ++found->count;
        found->first = std::min(found->first, position);
    }
}

// Whether the target's ids are unique over all users, as far as can be seen: most of them have one user only.
// Where it numbers them for each user, or uses a constant, most are shared.
bool IdOwners::are_unique(const Claims& claims)
{
    const auto shared = std::count_if(claims.begin(), claims.end(), [](const auto& entry) {
        const auto& all = entry.second;
        return std::any_of(all.begin(), all.end(), [&](const Claim& claim) {
            return claim.request.user != all.front().request.user;
        });
    });
    return 2 * static_cast<std::size_t>(shared) <= claims.size();
}

void IdOwners::settle(const History& history, const Claims& claims, Kind kind)
{
    if (!are_unique(claims)) return;
    for (const auto& [id, all] : claims) {
        if (kind == Kind::thread && owners_.contains(id)) continue; // whoever named it has made it
        const auto best = std::max_element(all.begin(), all.end(), [](const Claim& a, const Claim& b) {
            return a.count != b.count ? a.count < b.count : a.first > b.first;
        });
        if (kind == Kind::run) requests_.emplace(id, best->request);
        assign(history, id, best->request.user, kind);
    }
}

void IdOwners::assign(const History& history, Symbol id, UserId user, Kind kind)
{
    if (history.text(id).size() < shortest_id) return;
    const auto [place, added] = owners_.try_emplace(id, Owner{user, kind});
    if (!added && place->second.user != user) place->second.ambiguous = true;
}

std::optional<RequestId> IdOwners::request_of(Symbol run_id) const
{
    const auto found = requests_.find(run_id);
    if (found == requests_.end()) return std::nullopt;
    return found->second;
}

std::optional<UserId> IdOwners::user_of(Symbol id) const
{
    const auto found = owners_.find(id);
    if (found == owners_.end() || found->second.ambiguous) return std::nullopt;
    return found->second.user;
}

std::string_view IdOwners::kind_of(Symbol id) const
{
    switch (owners_.at(id).kind) {
    case Kind::user: return "user id";
    case Kind::run: return "run id";
    case Kind::thread: return "thread id";
    }
    return "id";
}

} // namespace wsrace
