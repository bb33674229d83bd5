#include "reports/html/scene.hpp"

#include "core/canary.hpp"
#include "core/look_up.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace wsrace {

namespace {

using Positions = std::vector<std::uint32_t>;

constexpr std::size_t looked_back = 20'000; // events, for who did something just before
constexpr Duration just_before = std::chrono::seconds{1};
constexpr std::size_t context_before = 5;  // events of the subject that the focus holds in any case
constexpr std::uint32_t notes_within = 64; // events, between a frame and what was noted of it
constexpr Duration narrowest = std::chrono::milliseconds{2};

bool is_shown(const Event& event)
{
    return event.kind != EventKind::sample && event.kind != EventKind::mention;
}

bool is_deed(const Event& event)
{
    return event.user != no_user && (event.kind == EventKind::step || event.kind == EventKind::end) &&
           !event.is_step(StepKind::journey_done) && !event.is_step(StepKind::pause);
}

// Who is on a scene, before anybody knows what they did.
struct Cast {
    const Violation* violation = nullptr;
    std::uint32_t moment = 0;                              // the position around which lanes are cut
    std::vector<std::pair<std::uint32_t, LaneRole>> users; // each once; those nearby: the latest first

    bool add(std::uint32_t user, LaneRole role)
    {
        const auto is_it = [user](const auto& one) { return one.first == user; };
        if (std::any_of(users.begin(), users.end(), is_it)) return false;
        users.emplace_back(user, role);
        return true;
    }
};

std::uint32_t moment_of(const Violation& violation, const History& history)
{
    std::uint32_t latest = 0;
    for (const auto position : violation.evidence)
        if (position < history.events.size() && history.events[position].user != no_user)
            latest = std::max(latest, position);
    if (latest > 0) return latest;
    const auto at = std::lower_bound(history.events.begin(), history.events.end(), violation.at,
                                     [](const Event& event, Instant when) { return event.at < when; });
    return static_cast<std::uint32_t>(at - history.events.begin());
}

void add_nearby(Cast& cast, const History& history, std::size_t most)
{
    std::size_t found = 0;
    const auto first = cast.moment > looked_back ? cast.moment - looked_back : 0;
    for (auto position = cast.moment; position-- > first && found < most;) {
        const Event& event = history.events[position];
        if (history.events[cast.moment].at - event.at > just_before) return;
        if (is_deed(event) && cast.add(event.user, LaneRole::nearby)) ++found;
    }
}

// Where the evidence says that data came from, if a canary tells.
std::optional<RequestId> canary_owner(const History& history, const Event& event)
{
    if (event.kind != EventKind::canary) return std::nullopt;
    const auto canary = parse_canary(history.text(event.text));
    if (!canary || canary->run != history.info.run) return std::nullopt;
    return canary->request;
}

Cast cast_of(const Violation& violation, const History& history, const SceneLimits& limits)
{
    Cast cast{.violation = &violation, .moment = moment_of(violation, history), .users = {}};
    if (cast.moment >= history.events.size())
        cast.moment = static_cast<std::uint32_t>(history.events.size() - 1);
    if (violation.connection) cast.add(violation.connection->user.value, LaneRole::subject);
    if (violation.other_user) cast.add(violation.other_user->value, LaneRole::owner);
    for (const auto position : violation.evidence) {
        if (position >= history.events.size()) continue;
        const Event& event = history.events[position];
        if (const auto owner = canary_owner(history, event)) cast.add(owner->user.value, LaneRole::owner);
        if (event.user != no_user && cast.users.size() < 1 + limits.nearby)
            cast.add(event.user, LaneRole::named);
    }
    add_nearby(cast, history, limits.nearby);
    return cast;
}

bool has_place(const Violation& violation) { return violation.connection || !violation.evidence.empty(); }

// One of each user first: the same failure of somebody else says more than a second one of the same.
std::vector<const Violation*> examples_of(const SignatureGroup& group, std::size_t most)
{
    std::vector<const Violation*> out;
    std::set<std::optional<UserId>> seen;
    for (const auto* violation : group.violations) {
        if (out.size() == most) break;
        const auto user = violation->connection ? std::optional{violation->connection->user} : std::nullopt;
        if (has_place(*violation) && seen.insert(user).second) out.push_back(violation);
    }
    return out;
}

// Everything that the users of all casts did, by user, and what happened without one: one pass.
struct Record {
    std::unordered_map<std::uint32_t, Positions> users;
    Positions target;
};

Record record_of(const History& history, const std::vector<std::vector<Cast>>& casts)
{
    Record record;
    std::unordered_set<std::uint32_t> proofs; // an id that was mentioned is of interest only as one of these
    for (const auto& group : casts)
        for (const auto& cast : group) {
            for (const auto& [user, role] : cast.users) record.users.try_emplace(user);
            proofs.insert(cast.violation->evidence.begin(), cast.violation->evidence.end());
        }
    if (casts.empty()) return record;
    for (std::uint32_t position = 0; position < history.events.size(); ++position) {
        const Event& event = history.events[position];
        if (!is_shown(event) && !proofs.contains(position)) continue;
        if (event.user == no_user) {
            record.target.push_back(position);
        } else if (const auto user = record.users.find(event.user); user != record.users.end()) {
            user->second.push_back(position);
        }
    }
    return record;
}

// The events nearest to the moment, two thirds of them before it, and the proofs in any case.
void cut(Lane& lane, const Positions& all, std::uint32_t moment, const std::set<std::uint32_t>& proofs,
         std::size_t most)
{
    const auto size = static_cast<std::ptrdiff_t>(all.size());
    const auto width = std::min(static_cast<std::ptrdiff_t>(most), size);
    const auto middle = std::lower_bound(all.begin(), all.end(), moment) - all.begin();
    const auto begin = std::clamp<std::ptrdiff_t>(middle - width * 2 / 3, 0, size - width);
    const auto end = begin + width;
    for (std::ptrdiff_t i = 0; i < size; ++i) {
        const auto position = all[static_cast<std::size_t>(i)];
        if ((i >= begin && i < end) || proofs.contains(position))
            lane.events.push_back(position);
        else
            ++(i < begin ? lane.before : lane.after);
    }
}

class SceneMaker {
public:
    SceneMaker(const History& history, const Record& record, const SceneLimits& limits)
        : history_{history}, record_{record}, limits_{limits}
    {}

    Scene make(const Cast& cast)
    {
        Scene scene{.violation = cast.violation,
                    .lanes = {},
                    .arrows = arrows_of(cast),
                    .focus_from = {},
                    .focus_until = {}};
        proofs_ = {cast.violation->evidence.begin(), cast.violation->evidence.end()};
        for (const auto& arrow : scene.arrows) proofs_.insert({arrow.from, arrow.to});
        Lane target{.role = LaneRole::target, .user = {}, .slot = {}, .events = {}};
        cut(target, record_.target, cast.moment, proofs_, limits_.events);
        scene.lanes.push_back(std::move(target));
        for (const auto role : {LaneRole::owner, LaneRole::subject, LaneRole::named, LaneRole::nearby})
            for (const auto& [user, its_role] : cast.users)
                if (its_role == role) add_user(scene, cast, user, role);
        set_focus(scene);
        return scene;
    }

private:
    const Event& event(std::uint32_t position) const { return history_.events[position]; }

    void add_user(Scene& scene, const Cast& cast, std::uint32_t user, LaneRole role)
    {
        std::map<std::uint16_t, Positions> tabs;
        for (const auto position : record_.users.at(user)) tabs[event(position).slot].push_back(position);
        const auto most = role == LaneRole::nearby ? std::size_t{1} : limits_.tabs;
        for (const auto slot : nearest_tabs(tabs, cast, most)) {
            const auto its_role = role_of(scene, UserId{user}, SlotId{slot}, role);
            Lane lane{.role = its_role, .user = UserId{user}, .slot = SlotId{slot}, .events = {}};
            cut(lane, tabs.at(slot), cast.moment, proofs_, limits_.events);
            scene.lanes.push_back(std::move(lane));
        }
    }

    LaneRole role_of(const Scene& scene, UserId user, SlotId slot, LaneRole role) const
    {
        const auto is_origin = [&](const Arrow& arrow) {
            return event(arrow.from).user == user.value && event(arrow.from).slot == slot.value;
        };
        const auto is_owner = std::any_of(scene.arrows.begin(), scene.arrows.end(), is_origin);
        if (role == LaneRole::subject && scene.violation->connection->slot != slot)
            return is_owner ? LaneRole::owner : LaneRole::sibling;
        return role == LaneRole::owner && !scene.arrows.empty() && !is_owner ? LaneRole::sibling : role;
    }

    // Those with a proof first, then those whose nearest event is nearest; in the order of their numbers.
    std::vector<std::uint16_t> nearest_tabs(const std::map<std::uint16_t, Positions>& tabs, const Cast& cast,
                                            std::size_t most) const
    {
        std::vector<std::pair<std::uint32_t, std::uint16_t>> by_distance;
        for (const auto& [slot, positions] : tabs) {
            auto distance = std::numeric_limits<std::uint32_t>::max();
            for (const auto position : positions) {
                const auto away = position > cast.moment ? position - cast.moment : cast.moment - position;
                distance = proofs_.contains(position) ? 0 : std::min(distance, away);
                if (distance == 0) break;
            }
            by_distance.emplace_back(distance, slot);
        }
        std::sort(by_distance.begin(), by_distance.end());
        std::vector<std::uint16_t> out;
        for (std::size_t i = 0; i < by_distance.size() && i < most; ++i) out.push_back(by_distance[i].second);
        std::sort(out.begin(), out.end());
        return out;
    }

    std::vector<Arrow> arrows_of(const Cast& cast) const
    {
        std::vector<Arrow> arrows;
        for (const auto position : with_canaries(cast.violation->evidence)) {
            const auto owner = canary_owner(history_, event(position));
            const auto from = owner ? request_of(*owner, position) : std::nullopt;
            if (from) arrows.push_back({*from, frame_of(position)});
        }
        if (!arrows.empty() || !cast.violation->other_user || cast.violation->evidence.empty()) return arrows;
        const auto to = cast.violation->evidence.front();
        if (to >= history_.events.size()) return arrows;
        if (const auto from = origin_of(*cast.violation, cast.violation->other_user->value, to))
            arrows.push_back({*from, to});
        return arrows;
    }

    // The evidence that is in the history; of a frame that carried foreign canaries the first of them, too.
    std::set<std::uint32_t> with_canaries(const Positions& evidence) const
    {
        std::set<std::uint32_t> out;
        for (const auto position : evidence) {
            if (position >= history_.events.size()) continue;
            out.insert(position);
            const auto carries =
                event(position).kind == EventKind::frame && event(position).has(Flag::other_canary);
            if (const auto note = carries ? canary_of(position) : std::nullopt) out.insert(*note);
        }
        return out;
    }

    std::optional<std::uint32_t> canary_of(std::uint32_t frame) const
    {
        const auto end = std::min<std::size_t>(history_.events.size(), frame + notes_within);
        for (auto note = frame + 1; note < end; ++note) {
            if (event(note).connection() != event(frame).connection()) continue;
            if (event(note).kind == EventKind::canary) return note;
            if (event(note).kind == EventKind::frame) break;
        }
        return std::nullopt;
    }

    std::optional<std::uint32_t> request_of(const RequestId& owner, std::uint32_t before) const
    {
        const auto positions = record_.users.find(owner.user.value);
        if (positions == record_.users.end()) return std::nullopt;
        std::optional<std::uint32_t> found;
        for (const auto position : positions->second) {
            const Event& sent = event(position);
            if (position < before && sent.is_step(StepKind::request_sent) && sent.slot == owner.slot.value &&
                sent.request == owner.request)
                found = position;
        }
        return found;
    }

    // An id instead of a canary: the owner's first frame with that run id, else what the owner did last.
    std::optional<std::uint32_t> origin_of(const Violation& violation, std::uint32_t owner,
                                           std::uint32_t before) const
    {
        std::set<Symbol> tokens;
        for (const auto position : violation.evidence)
            if (position < history_.events.size())
                for (const auto symbol : {event(position).run, event(position).text})
                    if (symbol != no_symbol) tokens.insert(symbol);
        std::optional<std::uint32_t> last;
        for (const auto position : record_.users.at(owner)) {
            if (position >= before) break;
            const Event& its = event(position);
            if (its.run != no_symbol && tokens.contains(its.run)) return position;
            if (is_deed(its)) last = position;
        }
        return last;
    }

    // A canary's own event follows the frame that carried it.
    std::uint32_t frame_of(std::uint32_t note) const
    {
        for (auto position = note; position-- > 0 && note - position < notes_within;) {
            const Event& before = event(position);
            if (before.kind == EventKind::frame && before.connection() == event(note).connection())
                return position;
        }
        return note;
    }

    void set_focus(Scene& scene) const
    {
        auto from = scene.violation->at;
        auto until = scene.violation->at;
        const auto hold = [&](std::uint32_t position) {
            from = std::min(from, event(position).at);
            until = std::max(until, event(position).at);
        };
        for (const auto proof : proofs_)
            if (proof < history_.events.size() && event(proof).user != no_user) hold(proof);
        for (const auto& lane : scene.lanes)
            if (lane.role == LaneRole::subject) hold_context(lane, from, hold);
        const auto margin = std::max((until - from) / 10, narrowest / 2);
        scene.focus_from = from - margin;
        scene.focus_until = until + margin;
    }

    // What the subject did just before the first proof, unless that was long ago.
    template <typename Hold>
    void hold_context(const Lane& lane, Instant first, const Hold& hold) const
    {
        const auto at = std::find_if(lane.events.begin(), lane.events.end(),
                                     [&](std::uint32_t position) { return event(position).at >= first; });
        const auto most = std::min<std::ptrdiff_t>(at - lane.events.begin(), context_before);
        for (auto before = at - most; before != at; ++before)
            if (first - event(*before).at < just_before) hold(*before);
    }

    const History& history_;
    const Record& record_;
    const SceneLimits& limits_;
    std::set<std::uint32_t> proofs_;
};

} // namespace

std::string_view name(LaneRole role)
{
    static constexpr auto names =
        std::to_array<std::string_view>({"subject", "owner", "sibling", "named", "nearby", "target"});
    return look_up(names, role);
}

std::vector<std::vector<Scene>> scenes_of(const PreparedReport& report,
                                          const std::vector<const SignatureGroup*>& groups,
                                          const SceneLimits& limits)
{
    const auto& history = report.history;
    std::vector<std::vector<Cast>> casts;
    for (const auto* group : groups) {
        if (casts.size() == limits.groups || history.events.empty()) break;
        auto& its = casts.emplace_back();
        for (const auto* violation : examples_of(*group, limits.examples))
            its.push_back(cast_of(*violation, history, limits));
    }
    const auto record = record_of(history, casts);
    SceneMaker maker{history, record, limits};
    std::size_t total = 0;
    std::vector<std::vector<Scene>> out(groups.size());
    for (std::size_t i = 0; i < casts.size(); ++i) {
        for (const auto& cast : casts[i]) {
            auto scene = maker.make(cast);
            std::size_t events = 0;
            for (const auto& lane : scene.lanes) events += lane.events.size();
            if (total + events > limits.total) return out;
            total += events;
            out[i].push_back(std::move(scene));
        }
    }
    return out;
}

} // namespace wsrace
