#include "explore/classification.hpp"

#include <algorithm>
#include <map>

namespace wsrace {

namespace {

ArrivalOutcome of_status(int status, bool retry_after)
{
    if (status == 401 || status == 403) return ArrivalOutcome::unauthorized;
    if (status == 429) return ArrivalOutcome::retry_later;
    if (status == 503) return retry_after ? ArrivalOutcome::retry_later : ArrivalOutcome::unavailable;
    return status >= 500 && status < 600 ? ArrivalOutcome::server_error : ArrivalOutcome::http_other;
}

ArrivalOutcome of_close(int code)
{
    if (code == 1011) return ArrivalOutcome::internal_error;
    return code == 1012 || code == 1013 ? ArrivalOutcome::retry_later : ArrivalOutcome::closed;
}

// A login or a step of a handshake that failed. None: not the target's doing, or what follows tells more.
std::optional<ArrivalOutcome> of_step(const Event& step, bool retry_after)
{
    switch (step.outcome) {
    case Outcome::refused: return ArrivalOutcome::refused;
    case Outcome::reset:
    case Outcome::eof: return ArrivalOutcome::reset;
    case Outcome::timeout: return ArrivalOutcome::hang;
    case Outcome::http_status: return of_status(step.value, retry_after);
    case Outcome::tls_failed:
    case Outcome::protocol_error:
    case Outcome::closed: return ArrivalOutcome::closed;
    default: return std::nullopt;
    }
}

// One user's story, told event by event.
class Journey {
public:
    void take(const History& history, const Event& event)
    {
        if (event.kind == EventKind::step) step(history, event);
        if (event.kind == EventKind::frame && is_run_event(event.frame())) frame(event);
        if (event.kind == EventKind::end) end(event);
    }

    std::optional<Probe> outcome(const Expectations& expectations) const
    {
        auto probe = decided_ ? decided_ : by_its_runs(expectations);
        if (probe) probe->login = login_;
        return probe;
    }

private:
    struct Run {
        Instant begun{}; // the attempt whose connection asked for it
        std::uint32_t seen = 0;
        bool ended = false;
        bool failed = false;
    };

    std::optional<Probe> by_its_runs(const Expectations& expectations) const
    {
        if (!done_) return std::nullopt;
        for (const auto& [number, run] : runs_) {
            const auto found = of_run(run, expectations);
            if (found != ArrivalOutcome::good) return Probe{.at = run.begun, .outcome = found};
        }
        if (no_welcome_ && runs_.empty()) return Probe{.at = *no_welcome_, .outcome = ArrivalOutcome::silent};
        return Probe{.at = connected_.value_or(begun_), .outcome = ArrivalOutcome::good};
    }

    void decide(ArrivalOutcome outcome, bool at_login = false)
    {
        if (!decided_) decided_ = Probe{.at = begun_, .at_login = at_login, .outcome = outcome};
    }

    void step(const History& history, const Event& event)
    {
        switch (event.step()) {
        case StepKind::login:
            begun_ = event.planned().value_or(event.at);
            if (!login_) login_ = begun_;
            failed(event, !history.text(event.item).empty());
            break;
        case StepKind::tcp_connect:
            begun_ = event.planned().value_or(event.at);
            if (event.planned()) begun_ += std::chrono::microseconds{event.value};
            failed(event, false);
            break;
        case StepKind::tls:
        case StepKind::upgrade_sent: failed(event, false); break;
        case StepKind::upgrade_answered:
            failed(event, !history.text(event.text).empty());
            if (event.outcome == Outcome::ok && !connected_) connected_ = begun_;
            break;
        case StepKind::welcome:
            if (event.outcome == Outcome::timeout && !no_welcome_) no_welcome_ = begun_;
            break;
        case StepKind::request_sent:
            if (event.outcome == Outcome::ok) runs_[event.request].begun = begun_;
            break;
        case StepKind::events_awaited: awaited_ = true; break;
        case StepKind::drop:
        case StepKind::aborted:
        case StepKind::stop_sent: cut_short_ = true; break;
        case StepKind::journey_done: done_ = event.outcome != Outcome::cancelled; break;
        default: break;
        }
    }

    void failed(const Event& event, bool retry_after)
    {
        if (event.outcome == Outcome::ok) return;
        if (const auto found = of_step(event, retry_after)) decide(*found, event.is_step(StepKind::login));
    }

    void frame(const Event& event)
    {
        if (runs_.empty()) return;
        const auto named = runs_.find(event.request);
        auto& run = named == runs_.end() ? runs_.rbegin()->second : named->second;
        for (std::size_t i = 0; i < five_events.size(); ++i)
            if (event.frame() == five_events[i]) run.seen |= 1U << i;
        if (event.frame() == FrameType::agent_error || event.has(Flag::failed_status)) run.failed = true;
        if (is_terminal_event(event.frame())) run.ended = true;
    }

    void end(const Event& event)
    {
        const auto owed =
            std::any_of(runs_.begin(), runs_.end(), [](const auto& r) { return !r.second.ended; });
        const auto early = (owed || !asked()) && !cut_short_;
        switch (event.end()) {
        case EndKind::peer_closed:
            if (event.value == 1011 || early) decide(of_close(event.value));
            break;
        case EndKind::we_closed:
            if (event.value == 1011) decide(ArrivalOutcome::internal_error);
            break;
        case EndKind::eof:
        case EndKind::reset:
            if (early) decide(ArrivalOutcome::reset);
            break;
        case EndKind::protocol_error: decide(ArrivalOutcome::closed); break;
        case EndKind::we_dropped:
        case EndKind::timeout:
        case EndKind::cancelled: break;
        }
    }

    bool asked() const { return !runs_.empty(); }

    ArrivalOutcome of_run(const Run& run, const Expectations& expectations) const
    {
        if (!awaited_ || (cut_short_ && !run.ended)) return ArrivalOutcome::good;
        if (run.seen == 0 && !run.failed) return ArrivalOutcome::silent;
        if (!run.ended) return ArrivalOutcome::hang;
        if (expectations.failed_runs_allowed || cut_short_) return ArrivalOutcome::good;
        if (run.failed) return ArrivalOutcome::incomplete;
        const auto check = expectations.checks.find("five_events");
        const auto all_wanted = check == expectations.checks.end() || check->second.enabled;
        unsigned wanted = 0;
        for (std::size_t i = 0; i < five_events.size(); ++i)
            if (expectations.run_events.has(five_events[i])) wanted |= 1U << i;
        const auto all_seen = (run.seen & wanted) == wanted;
        return all_seen || !all_wanted ? ArrivalOutcome::good : ArrivalOutcome::incomplete;
    }

    Instant begun_{};
    std::optional<Instant> login_; // the first one
    std::optional<Probe> decided_;
    std::optional<Instant> connected_;
    std::optional<Instant> no_welcome_;
    std::map<std::uint16_t, Run> runs_; // by request
    bool awaited_ = false;
    bool cut_short_ = false; // by the journey itself
    bool done_ = false;
};

std::optional<Instant> first_of(const History& history, LifeCycle what)
{
    for (const Event& event : history.events)
        if (event.kind == EventKind::life_cycle && event.life_cycle() == what) return event.at;
    return std::nullopt;
}

// The first sign that something listened: nobody is refused after it unless the server has gone away.
Instant first_accepted(const History& history)
{
    for (const Event& event : history.events) {
        const auto noted = event.kind == EventKind::life_cycle && event.life_cycle() == LifeCycle::port_open;
        if (noted || (event.is_step(StepKind::tcp_connect) && event.outcome == Outcome::ok)) return event.at;
    }
    return Instant::max();
}

} // namespace

ClassifiedBoot classify(const History& history, const Expectations& expectations, LifeCycle anchor,
                        std::uint32_t boot)
{
    ClassifiedBoot classified;
    const auto zero = first_of(history, anchor);
    if (!zero) return classified;
    classified.anchor = zero;
    const auto accepted = first_accepted(history);
    if (const auto ready = first_of(history, LifeCycle::ready)) classified.ready = *ready - *zero;
    std::map<std::uint32_t, Journey> journeys;
    for (const Event& event : history.events)
        if (event.user != no_user) journeys[event.user].take(history, event);
    for (const auto& [user, journey] : journeys) {
        auto probe = journey.outcome(expectations);
        if (!probe) {
            ++classified.voided;
            continue;
        }
        if (probe->outcome == ArrivalOutcome::refused && probe->at > accepted)
            probe->outcome = ArrivalOutcome::gone;
        probe->at -= *zero;
        if (probe->login) *probe->login -= *zero;
        probe->boot = boot;
        probe->user = user;
        classified.probes.push_back(*probe);
    }
    return classified;
}

} // namespace wsrace
