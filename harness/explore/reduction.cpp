#include "explore/reduction.hpp"

#include "explore/reducer.hpp"
#include "explore/repeats.hpp"

#include <fmt/format.h>

namespace wsrace {

namespace {

std::string rate_of(const Trials& trials)
{
    const auto interval = trials.interval();
    return fmt::format("{} ({} to {})", format_rate(trials.rate()), format_rate(interval.low),
                       format_rate(interval.high));
}

} // namespace

std::string_view to_string(ReductionStage stage)
{
    switch (stage) {
    case ReductionStage::replaying: return "replaying";
    case ReductionStage::sampling: return "sampling";
    case ReductionStage::delta_debugging: return "delta debugging";
    case ReductionStage::minimality: return "minimality";
    case ReductionStage::confirming: return "confirming";
    case ReductionStage::giving_back: break;
    }
    return "giving back";
}

Reduction reduce(const ElementLinks& links, const PlayElements& play, const ReductionOptions& options)
{
    return Reducer{links, play, options}.run();
}

std::string summary(const Reduction& reduction, bool interrupted)
{
    const auto* const ended = interrupted ? "it was interrupted" : "the budget ended";
    const auto whole = fmt::format("the plan fails in {} of executions", rate_of(reduction.before));
    switch (reduction.end) {
    case Reduction::End::void_only:
        return fmt::format("not shrunk: all {} executions were void", reduction.plays);
    case Reduction::End::never_failed:
        return fmt::format("not shrunk: no failure in {} executions", reduction.before.played);
    case Reduction::End::too_rare:
        return fmt::format("not shrunk: {}, too rare to tell one plan from another", whole);
    case Reduction::End::out_of_budget:
        if (reduction.before.failed == 0)
            return fmt::format("not shrunk: {} after {} play{} without that failure", ended, reduction.plays,
                               reduction.plays == 1 ? "" : "s");
        break;
    case Reduction::End::complete: break;
    }
    const auto stopped =
        reduction.end == Reduction::End::out_of_budget ? fmt::format(" ({})", ended) : std::string{};
    return fmt::format("{} elements to {} in {} plays{}; {}, what is left in {}", reduction.keep.size(),
                       kept_count(reduction.keep), reduction.plays, stopped, whole, rate_of(reduction.after));
}

} // namespace wsrace
