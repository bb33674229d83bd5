#include "explore/window_search.hpp"

#include "explore/holes.hpp"
#include "explore/told_by_logins.hpp"

#include <boost/math/distributions/normal.hpp>
#include <boost/random/uniform_real_distribution.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace wsrace {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr Duration filling_gap =
    microseconds{1250}; // mean; the largest is twice that, half the narrowest window
constexpr Duration largest_hole = milliseconds{5}; // between arrivals
constexpr std::uint32_t fewest_probes = 40;
constexpr std::uint32_t most_probes = 400;
constexpr double filling_share = 0.4; // of the boots, in which the range is to be full
constexpr std::uint32_t fewest_boots = 4;

constexpr Duration edge_reach = milliseconds{150}; // of an edge's region beyond the probes beside it
constexpr Duration precise = microseconds{1500};   // half an interval of a window's edge
constexpr int probes_of_window_edge = 8;
constexpr int probes_of_other_edge = 2;

constexpr Duration neighbourhood = microseconds{2500}; // of a suspect
constexpr std::array retries{microseconds{-2000}, microseconds{-700}, microseconds{700}, microseconds{2000}};
constexpr std::uint32_t enough_retries = 6;
constexpr double dismissed_below = 0.15; // share of bad outcomes among the retries

constexpr Duration narrowest_hole = milliseconds{5}; // in a window; what is narrower is jitter

constexpr std::uint32_t confirming_users = 6;
constexpr std::uint32_t confirming_boots = 3;
constexpr double confirming_share = 0.6;
constexpr double pure = 0.8; // share of one outcome among the failures of a stretch

bool confirmed(const ColdStartStretch& stretch)
{
    return is_bad(stretch.outcome) && stretch.alike >= confirming_users &&
           stretch.boots >= confirming_boots && stretch.failed >= confirming_share * stretch.users;
}

// Joins segment i - 1 with i + 1; where their outcomes differ, that of the larger one stays.
void join_around(std::vector<Segment>& segments, std::size_t i)
{
    auto& left = segments[i - 1];
    const auto& right = segments[i + 1];
    if (right.last - right.first > left.last - left.first) left.outcome = right.outcome;
    left.last = right.last;
    const auto from = segments.begin() + static_cast<std::ptrdiff_t>(i);
    segments.erase(from, from + 2);
}

Duration halfway(Duration a, Duration b) { return a + (b - a) / 2; }

} // namespace

WindowSearch::WindowSearch(const WindowSearchOptions& options)
    : options_{options}, sequence_{options.seed}, random_{random_stream(options.seed, "cold start probes")}
{
    needed_ = static_cast<std::uint64_t>((options_.until - options_.from) / filling_gap) + 1;
    if (options_.probes == 0) {
        const auto boots = std::max(1.0, filling_share * options_.boots);
        const auto wanted = std::ceil(static_cast<double>(needed_) / boots);
        options_.probes = static_cast<std::uint32_t>(std::clamp<double>(wanted, fewest_probes, most_probes));
    }
}

std::vector<Duration> WindowSearch::next_boot()
{
    std::vector<Duration> places;
    probe_suspects(places);
    probe_edges(places);
    const auto still_filling = filling_ < needed_;
    const auto share = still_filling ? options_.probes : options_.probes / 8;
    for (std::uint32_t i = 0; i < share; ++i) {
        const auto span = static_cast<double>((options_.until - options_.from).count());
        places.push_back(options_.from + Duration{std::llround(sequence_.next() * span)});
    }
    if (!still_filling) fill_holes(places);
    placed_ = share;
    std::erase_if(places, [this](Duration place) { return !in_range(place); });
    for (auto& place : places) place = std::chrono::duration_cast<microseconds>(place); // as plans have it
    std::sort(places.begin(), places.end());
    return places;
}

bool WindowSearch::filled() const
{
    return filling_ >= needed_ && holes(arrivals_, options_.from, options_.until, largest_hole).empty();
}

// Users that failed to be played leave holes, and whole boots do.
void WindowSearch::fill_holes(std::vector<Duration>& places) const
{
    auto budget = options_.probes;
    for (const auto& hole : holes(arrivals_, options_.from, options_.until, largest_hole))
        for (auto place = hole.from; place <= hole.until && budget > 0; place += filling_gap, --budget)
            places.push_back(place);
}

void WindowSearch::remember_arrivals(const std::vector<Probe>& probes)
{
    filling_ += std::min<std::uint64_t>(placed_, probes.size());
    placed_ = 0;
    for (const auto& probe : probes)
        if (in_range(probe.arrival())) arrivals_.push_back(probe.arrival());
    std::sort(arrivals_.begin(), arrivals_.end());
}

void WindowSearch::add(const std::vector<Probe>& probes)
{
    ++boots_;
    remember_arrivals(probes);
    for (const auto& probe : probes)
        if (in_range(probe.at)) probes_.push_back(probe);
    std::stable_sort(probes_.begin(), probes_.end(),
                     [](const Probe& a, const Probe& b) { return a.at < b.at; });
    analyse();
}

EdgePosterior WindowSearch::edge_between(const Segment& left, const Segment& right) const
{
    return edge_between(left, right, is_told_by_logins(probes_, left, right));
}

EdgePosterior WindowSearch::edge_between(const Segment& left, const Segment& right, bool by_login) const
{
    const auto time = [by_login](const Probe& probe) { return by_login ? probe.arrival() : probe.at; };
    const auto last = time(probes_[left.last]);
    const auto first = time(probes_[right.first]);
    constexpr Duration least = microseconds{100};
    const auto one = std::max(halfway(time(probes_[left.first]), last), last - edge_reach);
    const auto other = std::min(halfway(first, time(probes_[right.last])), first + edge_reach);
    const auto from = std::min(one, other) - least; // logins need not be in the order of what they led to
    const auto until = std::max(one, other) + least;
    const auto by_badness = is_bad(left.outcome) != is_bad(right.outcome);
    std::vector<EdgeEvidence> evidence;
    for (auto i = left.first; i <= right.last; ++i) {
        const auto& probe = probes_[i];
        const auto at = time(probe);
        if (at < from || at > until) continue;
        const auto like_left =
            by_badness ? is_bad(probe.outcome) == is_bad(left.outcome) : probe.outcome == left.outcome;
        const auto like_right = by_badness ? !like_left : probe.outcome == right.outcome;
        if (like_left || like_right) evidence.push_back({.at = at, .before = like_left, .boot = probe.boot});
    }
    return locate_edge(evidence, from, until);
}

// Where a boot's own edge is a matter of chance, probes of several boots lie mixed, and chance makes little
// stretches of them. Between two stretches of the same outcome they are not believed.
bool WindowSearch::is_fuzz(std::size_t i) const
{
    const auto& middle = segments_[i];
    const auto left = segments_[i - 1].outcome, right = segments_[i + 1].outcome;
    if (left != right && !(is_bad(left) && is_bad(right))) return false;
    if (left == right && is_bad(left) && is_bad(middle.outcome)) return true; // bad in turns
    if (is_bad(middle.outcome)) return false; // a narrow window, until there is a wider one beside it
    const auto length = probes_[middle.last].at - probes_[middle.first].at;
    const auto jitter = std::min(edges_[i - 1].jitter, edges_[i].jitter);
    if (length < std::max<Duration>(narrowest_hole, 3 * jitter)) return true;
    return boots_of(middle) < std::min(confirming_boots, boots_); // a boot that was early, between the others
}

std::uint32_t WindowSearch::boots_of(const Segment& segment) const
{
    std::set<std::uint32_t> boots;
    for (auto i = segment.first; i <= segment.last; ++i)
        if (probes_[i].outcome == segment.outcome) boots.insert(probes_[i].boot);
    return static_cast<std::uint32_t>(boots.size());
}

// Two bad outcomes that are mixed are one stretch, of the one that is more frequent.
bool WindowSearch::is_mixed(std::size_t i) const
{
    const auto& left = segments_[i];
    const auto& right = segments_[i + 1];
    if (!is_bad(left.outcome) || !is_bad(right.outcome)) return false;
    for (const auto& one : {left, right}) {
        if (probes_[one.last].at - probes_[one.first].at < neighbourhood) return true;
        std::size_t alike = 0, failed = 0;
        for (auto position = one.first; position <= one.last; ++position) {
            alike += probes_[position].outcome == one.outcome ? 1 : 0;
            failed += is_bad(probes_[position].outcome) ? 1 : 0;
        }
        if (static_cast<double>(alike) < pure * static_cast<double>(failed)) return true;
    }
    return false;
}

void WindowSearch::join_mixed()
{
    for (std::size_t i = 0; i + 1 < segments_.size();) {
        if (!is_mixed(i)) {
            ++i;
            continue;
        }
        std::array<std::uint32_t, arrival_outcomes> counts{};
        auto& joined = segments_[i];
        joined.last = segments_[i + 1].last;
        for (auto position = joined.first; position <= joined.last; ++position)
            if (is_bad(probes_[position].outcome))
                ++counts[static_cast<std::size_t>(probes_[position].outcome)];
        const auto most = std::max_element(counts.begin(), counts.end());
        joined.outcome = static_cast<ArrivalOutcome>(most - counts.begin());
        segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
}

void WindowSearch::locate_edges()
{
    segments_ = segment(probes_);
    join_mixed();
    edges_.clear();
    for (std::size_t i = 0; i + 1 < segments_.size(); ++i)
        edges_.push_back(edge_between(segments_[i], segments_[i + 1]));
    for (std::size_t i = 1; i + 1 < segments_.size();) {
        if (!is_fuzz(i)) {
            ++i;
            continue;
        }
        join_around(segments_, i);
        const auto gone = edges_.begin() + static_cast<std::ptrdiff_t>(i) - 1;
        edges_.erase(gone, gone + 2);
        if (i >= 2) edges_[i - 2] = edge_between(segments_[i - 2], segments_[i - 1]);
        if (i < segments_.size()) edges_[i - 1] = edge_between(segments_[i - 1], segments_[i]);
        i = std::max<std::size_t>(i, 2) - 1;
    }
}

// Edges as they are reported. Where an edge of logins comes out before one of connections to its left, which
// it can by the login's duration, both are told by the logins.
std::vector<EdgePosterior> WindowSearch::edges_in_order() const
{
    auto edges = edges_;
    for (std::size_t i = 1; i < edges.size(); ++i) {
        if (edges[i].median >= edges[i - 1].median) continue;
        edges[i - 1] = edge_between(segments_[i - 1], segments_[i], true);
        edges[i] = edge_between(segments_[i], segments_[i + 1], true);
    }
    return edges;
}

void WindowSearch::analyse()
{
    locate_edges();
    const auto edges = edges_in_order();
    stretches_.clear();
    const auto end_of_range = [](Duration at) { return ColdStartEdge{at, at, at, false}; };
    const auto measured = [](const EdgePosterior& edge) {
        return ColdStartEdge{edge.median, edge.low, edge.high, true};
    };
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        ColdStartStretch stretch;
        stretch.outcome = segments_[i].outcome;
        stretch.from = i == 0 ? end_of_range(options_.from) : measured(edges[i - 1]);
        stretch.until = i == edges.size() ? end_of_range(options_.until) : measured(edges[i]);
        for (auto position = segments_[i].first; position <= segments_[i].last; ++position) {
            const auto& probe = probes_[position];
            ++stretch.users;
            stretch.failed += is_bad(probe.outcome) ? 1 : 0;
            stretch.alike += probe.outcome == stretch.outcome ? 1 : 0;
        }
        stretch.boots = boots_of(segments_[i]);
        stretches_.push_back(stretch);
    }
}

// Whether an edge of a bad stretch explains an outcome that is on its wrong side.
bool WindowSearch::beside_an_edge(Duration at) const
{
    for (std::size_t i = 0; i < edges_.size(); ++i) {
        if (!is_bad(segments_[i].outcome) && !is_bad(segments_[i + 1].outcome)) continue;
        const auto reach = std::max<Duration>(neighbourhood, 3 * edges_[i].jitter);
        if (at >= edges_[i].low - reach && at <= edges_[i].high + reach) return true;
    }
    return false;
}

// Other boots have been asked often enough, and hardly ever said the same.
bool WindowSearch::dismissed(const Probe& suspect) const
{
    std::uint32_t tried = 0, bad = 0;
    const auto earlier = [](const Probe& probe, Duration at) { return probe.at < at; };
    auto other = std::lower_bound(probes_.begin(), probes_.end(), suspect.at - neighbourhood, earlier);
    for (; other != probes_.end() && other->at <= suspect.at + neighbourhood; ++other) {
        if (other->boot == suspect.boot) continue;
        ++tried;
        bad += is_bad(other->outcome) ? 1 : 0;
    }
    return tried >= enough_retries && bad < dismissed_below * tried;
}

// Arrivals with a bad outcome that belongs to no stretch, and has not been dismissed.
std::vector<Duration> WindowSearch::suspects() const
{
    std::vector<Duration> found;
    for (const auto& one : segments_) {
        if (is_bad(one.outcome)) continue;
        for (auto i = one.first; i <= one.last; ++i) {
            const auto& suspect = probes_[i];
            if (is_bad(suspect.outcome) && !beside_an_edge(suspect.at) && !dismissed(suspect))
                found.push_back(suspect.arrival());
        }
    }
    return found;
}

void WindowSearch::probe_suspects(std::vector<Duration>& places) const
{
    auto last = Duration::min();
    std::size_t budget = std::max<std::size_t>(options_.probes, fewest_probes) / 2;
    for (const auto suspect : suspects()) {
        if (last != Duration::min() && suspect - last < neighbourhood / 2) continue;
        if (budget < retries.size()) return;
        budget -= retries.size();
        for (const auto retry : retries) places.push_back(suspect + retry);
        last = suspect;
    }
}

void WindowSearch::probe_edges(std::vector<Duration>& places)
{
    const boost::math::normal standard;
    boost::random::uniform_real_distribution<double> uniform{0.0, 1.0};
    for (std::size_t i = 0; i < edges_.size(); ++i) {
        const auto of_window = is_bad(segments_[i].outcome) || is_bad(segments_[i + 1].outcome);
        const auto count = of_window ? probes_of_window_edge : probes_of_other_edge;
        const auto earlier = lead_of_arrivals(probes_, segments_[i], segments_[i + 1]);
        for (int k = 0; k < count; ++k) {
            const auto q = (k + uniform(random_)) / count;
            const auto spread = boost::math::quantile(standard, 0.02 + 0.96 * uniform(random_));
            const auto jitter = std::chrono::duration_cast<Duration>(edges_[i].jitter * spread);
            places.push_back(edges_[i].quantile(q) + jitter - earlier);
        }
    }
}

bool WindowSearch::nothing_left() const
{
    if (boots_ < fewest_boots || !filled() || !suspects().empty()) return false;
    for (const auto& stretch : stretches_) {
        if (!is_bad(stretch.outcome)) continue;
        if (!confirmed(stretch)) return false;
        for (const auto& edge : {stretch.from, stretch.until})
            if (edge.measured && edge.high - edge.low > 2 * precise) return false;
    }
    return true;
}

bool WindowSearch::unexplained() const
{
    const auto open = [](const ColdStartStretch& one) { return is_bad(one.outcome) && !confirmed(one); };
    return !suspects().empty() || std::any_of(stretches_.begin(), stretches_.end(), open);
}

std::vector<ColdStartStretch> WindowSearch::windows() const
{
    std::vector<ColdStartStretch> found;
    std::copy_if(stretches_.begin(), stretches_.end(), std::back_inserter(found), confirmed);
    return found;
}

std::uint32_t WindowSearch::isolated_bad() const
{
    const auto found = windows();
    const auto explained = [&found](Duration at) {
        return std::any_of(found.begin(), found.end(), [at](const ColdStartStretch& window) {
            return at >= window.from.low - neighbourhood && at <= window.until.high + neighbourhood;
        });
    };
    return static_cast<std::uint32_t>(std::count_if(probes_.begin(), probes_.end(), [&](const Probe& probe) {
        return is_bad(probe.outcome) && !explained(probe.at) && !beside_an_edge(probe.at);
    }));
}

} // namespace wsrace
