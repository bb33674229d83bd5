// After all users have left, what the target holds is back at its level before the load: its own counters
// exactly, memory, threads, sockets and files within the scenario's margins.
//
// The level before is the last sample before the first thing that any user did, once the instance was up. An
// instance that came up later (it was started again, or users came while it started) has no such level: its
// sockets, files and counters are held against its first sample after it was up, its memory and threads,
// which still grow then, are not judged; one that came up after the last user is left out. The level after is
// the last sample after the last thing that any user did. Counters that only ever count up by their name
// ("total_connections", "uptime") have no level.
#include "checks/findings.hpp"
#include "checks/judge.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace wsrace {

namespace {

constexpr Instant never = Instant::max();
constexpr Instant always = Instant::min();

bool only_counts_up(std::string_view counter)
{
    static constexpr std::array<std::string_view, 5> words{"total", "uptime", "cumulative", "accumulated",
                                                           "timestamp"};
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return counter.find(word) != std::string_view::npos; });
}

// The life of the process that an instance consists of at the end of the load.
struct Life {
    bool known = false;    // any life-cycle event was seen
    Instant born = always; // spawned
    Instant port = never;
    Instant ready = never;
    Instant gone = never; // asked to end, or ended

    Instant up() const
    {
        if (!known) return always;
        if (ready != never) return ready;
        return port != never ? port : born;
    }
};

// One thing that is measured: kind, and a counter's name.
using Quantity = std::pair<SampleKind, Symbol>;

struct Measured {
    std::uint32_t before = nowhere;   // the last sample before the load
    std::uint32_t first_up = nowhere; // the first one once the instance was up
    std::uint32_t after = nowhere;    // the last one after the load
};

class Baseline {
public:
    explicit Baseline(const CheckInput& input)
        : history_(input.history), margins_(input.expectations.baseline), findings_("baseline", "quantities")
    {}

    CheckResult judge() &&
    {
        if (history_.events.empty()) return inconclusive("baseline", "nothing happened");
        if (!has_samples()) return skipped("baseline", "the target was not measured");
        if (!find_load()) return inconclusive("baseline", "no user did anything");
        if (history_.info.interrupted)
            return inconclusive("baseline", "the run was interrupted while users were there");
        read_lives();
        read_samples();
        for (const auto& [instance, quantities] : instances_) judge(instance, quantities);
        const auto reasons = fmt::format("{}", fmt::join(reasons_, "; "));
        if (not_measured_after_) return std::move(findings_).result(reasons);
        return std::move(findings_).result_or_skipped(reasons);
    }

private:
    using Quantities = std::map<Quantity, Measured>;

    const Event& at(std::uint32_t position) const { return history_.events[position]; }

    bool has_samples() const
    {
        return std::any_of(history_.events.begin(), history_.events.end(),
                           [](const Event& event) { return event.kind == EventKind::sample; });
    }

    bool find_load()
    {
        for (const Event& event : history_.events) {
            if (event.user == no_user) continue;
            if (!first_) first_ = event.at;
            last_ = event.at;
        }
        return first_.has_value();
    }

    // What happens after the load is the harness taking the target down.
    void read_lives()
    {
        for (const Event& event : history_.events) {
            if (event.kind != EventKind::life_cycle) continue;
            Life& life = lives_[event.slot];
            life.known = true;
            switch (event.life_cycle()) {
            case LifeCycle::spawned: life = {.known = true, .born = event.at}; break;
            case LifeCycle::port_open: life.port = std::min(life.port, event.at); break;
            case LifeCycle::ready: life.ready = std::min(life.ready, event.at); break;
            case LifeCycle::terminating:
            case LifeCycle::exited:
            case LifeCycle::killed: life.gone = std::min(life.gone, event.at); break;
            case LifeCycle::paused:
            case LifeCycle::resumed:
            case LifeCycle::slowed:
            case LifeCycle::restored: break;
            }
        }
    }

    void read_samples()
    {
        for (std::uint32_t position = 0; position < history_.events.size(); ++position) {
            const Event& event = at(position);
            if (event.kind != EventKind::sample || event.sample() == SampleKind::cpu) continue;
            Quantities& quantities = instances_[event.slot];
            const bool counter = event.sample() == SampleKind::counter;
            if (counter && only_counts_up(history_.text(event.text))) continue;
            const Life& life = lives_[event.slot];
            if (event.at < life.born || event.at > life.gone) continue;
            Measured& measured = quantities[{event.sample(), counter ? event.text : no_symbol}];
            if (event.at >= life.up() && event.at < *first_) measured.before = position;
            if (event.at >= life.up() && measured.first_up == nowhere) measured.first_up = position;
            if (event.at > last_) measured.after = position;
        }
    }

    void judge(std::uint16_t instance, const Quantities& quantities)
    {
        const Life& life = lives_[instance];
        if (life.gone <= last_) {
            reasons_.push_back(fmt::format("instance {} had ended before the users left", instance));
            return;
        }
        if (life.up() > last_) {
            reasons_.push_back(fmt::format("instance {} came up only after the users had left", instance));
            return;
        }
        const bool came_later = life.up() > *first_;
        std::size_t judged = 0;
        bool seen_after = false;
        for (const auto& [quantity, measured] : quantities) {
            seen_after = seen_after || measured.after != nowhere;
            const bool settled =
                quantity.first != SampleKind::memory && quantity.first != SampleKind::threads;
            if (came_later && !settled) continue;
            const auto level = came_later ? measured.first_up : measured.before;
            if (level == nowhere || measured.after == nowhere || level == measured.after) continue;
            ++judged;
            compare(level, measured.after, came_later);
        }
        findings_.judged(judged);
        if (judged == 0) nothing_judged(instance, came_later, seen_after);
    }

    void nothing_judged(std::uint16_t instance, bool came_later, bool seen_after)
    {
        not_measured_after_ = not_measured_after_ || !seen_after;
        if (!seen_after)
            reasons_.push_back(
                fmt::format("instance {} was not measured after the users had left", instance));
        else if (came_later)
            reasons_.push_back(fmt::format(
                "instance {} came up while users were there, and was not measured then", instance));
        else
            reasons_.push_back(fmt::format("instance {} was not measured before the load", instance));
    }

    // The highest value that still counts as back.
    std::int64_t allowed(SampleKind kind, std::int64_t before) const
    {
        switch (kind) {
        case SampleKind::memory:
            return before + static_cast<std::int64_t>(margins_.memory_share * static_cast<double>(before)) +
                   margins_.memory_kib;
        case SampleKind::threads: return before + margins_.threads;
        case SampleKind::sockets:
        case SampleKind::files: return before + margins_.sockets;
        case SampleKind::counter:
        case SampleKind::cpu: break;
        }
        return before;
    }

    void compare(std::uint32_t level, std::uint32_t after, bool came_later)
    {
        const Event& sample = at(after);
        const std::int64_t before = at(level).value;
        const bool counter = sample.sample() == SampleKind::counter;
        const bool negative = counter && sample.value < 0 && before >= 0;
        const auto limit = allowed(sample.sample(), before);
        if (sample.value <= limit && !negative) return;
        const auto what = counter ? fmt::format("counter {}", history_.text(sample.text))
                                  : std::string{name(sample.sample())};
        const std::string_view unit = sample.sample() == SampleKind::memory ? " KiB" : "";
        const auto whose =
            history_.info.instances > 1 ? fmt::format(" of instance {}", sample.slot) : std::string{};
        findings_.add(with_level(
            level,
            violation_at(
                history_, after,
                fmt::format("{} {}", what, negative ? "below zero" : "above the level before the load"),
                fmt::format("{}{}: {}{} {} at {}, {}{} after all users had left, at {}", what, whose, before,
                            unit, came_later ? "when it had come up," : "before the load,",
                            moment(at(level).at), sample.value, unit, moment(sample.at)),
                negative ? std::string{"zero or more"} : fmt::format("at most {}{}", limit, unit))));
    }

    static Violation with_level(std::uint32_t level, Violation violation)
    {
        violation.evidence.push_back(level);
        return violation;
    }

    const History& history_;
    const BaselineMargins& margins_;
    Findings findings_;
    std::optional<Instant> first_; // when the first user did something
    Instant last_{};               // when the last user did something
    std::map<std::uint16_t, Life> lives_;
    std::map<std::uint16_t, Quantities> instances_;
    std::vector<std::string> reasons_; // why an instance was not judged
    bool not_measured_after_ = false;
};

} // namespace

CheckResult judge_baseline(const CheckInput& input) { return Baseline{input}.judge(); }

} // namespace wsrace
