#include "plan/strategies/parts.hpp"
#include "plan/strategies/step_pairs.hpp"

#include <boost/random/uniform_real_distribution.hpp>

#include <algorithm>
#include <numeric>

namespace wsrace {

namespace {

constexpr std::uint64_t tries = 8; // for one collision: some would wait for themselves

const CandidatePair& draw_pair(const Draft& draft, const std::vector<CandidatePair>& pairs,
                               std::uint64_t number)
{
    const auto sum =
        std::accumulate(pairs.begin(), pairs.end(), 0.0,
                        [](double total, const CandidatePair& pair) { return total + pair.weight; });
    auto random = draft.stream("pair", number);
    auto left = boost::random::uniform_real_distribution<double>{0.0, sum}(random);
    for (const auto& pair : pairs) {
        left -= pair.weight;
        if (left < 0) return pair;
    }
    return pairs.back();
}

struct Reopening {
    DraftConnection connection;
    std::uint16_t end = 0; // the drop or close before it
    std::uint16_t connect = 0;
};

std::vector<Reopening> reopenings(const Draft& draft)
{
    std::vector<Reopening> out;
    for (const auto& connection : draft.connections()) {
        const auto& journey = draft.journey(connection);
        std::optional<std::uint16_t> end;
        for (std::uint16_t step = 0; step < journey.size(); ++step) {
            const auto action = journey[step].action;
            if (action == Action::drop || action == Action::close) end = step;
            if (action == Action::connect && end)
                out.push_back({.connection = connection, .end = *end, .connect = step});
        }
    }
    return out;
}

} // namespace

// A connection's own close and reopen: no constraint is needed, a delay is exact.
void add_reopening(Draft& draft)
{
    const auto all = reopenings(draft);
    if (all.empty()) return;
    const auto& chosen = all[draft.pick("reopening", all.size())];
    auto& delays = draft.plan().users[chosen.connection.user].delays;
    std::erase_if(delays, [&](const PlannedDelay& delay) {
        return delay.slot == chosen.connection.slot && delay.step > chosen.end &&
               delay.step <= chosen.connect && delay.point == PlannedDelay::Point::step;
    });
    draft.add_delay(
        chosen.connection, chosen.connect, PlannedDelay::Point::step,
        draft.time("reopening gap", std::chrono::microseconds{50}, std::chrono::milliseconds{500}));
}

void add_collisions(Draft& draft, std::size_t count)
{
    const auto pairs = candidate_pairs(draft);
    if (pairs.empty()) return;
    for (std::size_t i = 0; i < count; ++i) {
        for (std::uint64_t attempt = 0; attempt < tries; ++attempt) {
            const auto number = i * tries + attempt;
            const auto places = draw_places(draft, draw_pair(draft, pairs, number), number);
            if (draft.bind(places.step, places.after, draw_gap(draft, number))) break;
        }
    }
}

} // namespace wsrace
