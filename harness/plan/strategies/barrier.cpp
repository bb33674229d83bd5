#include "plan/strategies/parts.hpp"

#include <map>

namespace wsrace {

namespace {

using Kind = Moment::Kind;

struct Place {
    Kind kind = Kind::upgrade_sent;
    std::size_t occurrence = 0; // in each journey, from 0
    auto operator<=>(const Place&) const = default;
};

// What is held by its last byte, by how often the journey has come to such a place before.
std::map<Place, std::vector<PlannedMoment>> places(const Draft& draft)
{
    std::map<Place, std::vector<PlannedMoment>> out;
    for (const auto& connection : draft.connections()) {
        const auto& user = draft.plan().users[connection.user];
        std::map<Kind, std::size_t> seen;
        for (const auto& point : held_points(draft.plan(), user, connection.slot)) {
            const auto& moment = point.place.moment;
            if (moment.is_held_by_bytes()) out[{moment.kind, seen[moment.kind]++}].push_back(point.place);
        }
    }
    std::erase_if(out, [](const auto& entry) { return entry.second.size() < 2; });
    return out;
}

} // namespace

// The first places are what all journeys come to.
void add_barrier(Draft& draft, std::size_t number)
{
    auto all = places(draft);
    if (all.empty()) return;
    auto chosen = all.begin();
    const auto early = draft.decides("first", 0.6, number);
    std::advance(chosen,
                 draft.pick("place", early ? std::min<std::size_t>(all.size(), 2) : all.size(), number));
    auto members = chosen->second;
    if (members.size() > 2 && draft.decides("some only", 0.3, number)) {
        std::vector<PlannedMoment> some;
        for (std::size_t i = 0; i < members.size(); ++i)
            if (draft.decides("member", 0.6, number, i)) some.push_back(members[i]);
        members = some;
    }
    draft.add_gate(std::move(members));
}

} // namespace wsrace
