#include "plan/strategies/step_pairs.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace wsrace {

namespace {

using namespace std::chrono_literals;

enum class Class { login, open, reopen, send, event, ping, stop, end, wait };

Class class_of(std::string_view type)
{
    if (type.ends_with(" again")) return type.starts_with("ended") ? Class::end : Class::reopen;
    if (type == "login") return Class::login;
    if (type == "connect" || type == "upgrade_sent" || type == "answered" || type == "welcome")
        return Class::open;
    if (type == "request") return Class::send;
    if (type == "ping") return Class::ping;
    if (type == "stop") return Class::stop;
    if (type == "close" || type == "drop" || type == "ended") return Class::end;
    return type.starts_with("await_") ? Class::wait : Class::event;
}

struct Prior {
    Class waits;
    Class awaited;
    double weight;
};

constexpr std::array priors{
    Prior{Class::reopen, Class::end, 8},    Prior{Class::open, Class::end, 4},
    Prior{Class::reopen, Class::reopen, 4}, Prior{Class::open, Class::open, 3},
    Prior{Class::open, Class::send, 3},     Prior{Class::open, Class::event, 3},
    Prior{Class::reopen, Class::event, 4},  Prior{Class::reopen, Class::send, 4},
    Prior{Class::send, Class::send, 6},     Prior{Class::send, Class::open, 4},
    Prior{Class::send, Class::reopen, 4},   Prior{Class::send, Class::event, 3},
    Prior{Class::send, Class::end, 4},      Prior{Class::end, Class::send, 6},
    Prior{Class::end, Class::event, 6},     Prior{Class::end, Class::open, 4},
    Prior{Class::end, Class::reopen, 4},    Prior{Class::end, Class::end, 3},
    Prior{Class::stop, Class::event, 3},    Prior{Class::ping, Class::event, 2},
};

bool on_one_connection(const PlannedMoment& one, const PlannedMoment& other)
{
    return one.user == other.user && one.slot == other.slot;
}

// Those who can wait for somebody else.
std::vector<PlannedMoment> with_others(std::vector<PlannedMoment> waiting,
                                       const std::vector<PlannedMoment>& awaited)
{
    const auto& first = awaited.front();
    const auto all_on_one = std::all_of(awaited.begin(), awaited.end(), [&](const PlannedMoment& one) {
        return on_one_connection(one, first);
    });
    if (all_on_one)
        std::erase_if(waiting, [&](const PlannedMoment& one) { return on_one_connection(one, first); });
    return waiting;
}

} // namespace

double prior_weight(std::string_view waits, std::string_view awaited)
{
    const auto waiting = class_of(waits);
    const auto other = class_of(awaited);
    if (waits == "upgrade_sent" && awaited == "upgrade_sent") return 6;
    if (waiting == Class::wait) return 0.2;
    if (waiting == Class::login || other == Class::login) return 0.5;
    for (const auto& prior : priors)
        if (prior.waits == waiting && prior.awaited == other) return prior.weight;
    return 1;
}

std::vector<CandidatePair> candidate_pairs(const Draft& draft)
{
    std::map<std::string, std::vector<PlannedMoment>> held, observed;
    for (const auto& connection : draft.connections()) {
        const auto& user = draft.plan().users[connection.user];
        for (auto& point : held_points(draft.plan(), user, connection.slot))
            held[point.type].push_back(point.place);
        for (auto& point : observed_points(draft.plan(), user, connection.slot, draft.fewest_events()))
            observed[point.type].push_back(point.place);
    }
    std::vector<CandidatePair> out;
    for (const auto& [waits, waiting] : held)
        for (const auto& [what, awaited] : observed) {
            CandidatePair pair{
                .types = {waits, what}, .waiting = with_others(waiting, awaited), .awaited = awaited};
            const auto factor = draft.input().weights.find(pair.types);
            pair.weight = prior_weight(waits, what);
            if (factor != draft.input().weights.end()) pair.weight *= factor->second;
            if (pair.weight > 0 && !pair.waiting.empty()) out.push_back(std::move(pair));
        }
    return out;
}

BoundPlaces draw_places(const Draft& draft, const CandidatePair& pair, std::uint64_t number)
{
    const auto& step = pair.waiting[draft.pick("waits", pair.waiting.size(), number)];
    std::vector<PlannedMoment> others;
    for (const auto& place : pair.awaited)
        if (!on_one_connection(place, step)) others.push_back(place);
    return {.step = step, .after = others[draft.pick("awaited", others.size(), number)]};
}

Duration draw_gap(const Draft& draft, std::uint64_t number)
{
    if (draft.decides("barrier", 0.2, number)) return {};
    return draft.time("gap", 50us, 2s, number);
}

} // namespace wsrace
