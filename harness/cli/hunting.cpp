#include "cli/hunting.hpp"

#include "cli/execution.hpp"
#include "cli/machine.hpp"
#include "cli/version.hpp"
#include "explore/repeats.hpp"
#include "explore/reproducer.hpp"
#include "reports/clean_text.hpp"
#include "reports/hunt.hpp"
#include "reports/report.hpp"
#include "reports/timeline.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace wsrace::cli {

namespace {

namespace fs = std::filesystem;

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t most_plays_for_a_run = 100;
constexpr double shrinking_share = 0.9; // of the budget; the rest is for a failing run of what is left

// One failing execution of what is left, for whoever wants to see what happens; none is begun after the
// limit, but the first.
void keep_failing_run(PlanPlayer& player, const Replay& replay, const fs::path& folder,
                      std::optional<Clock::time_point> limit)
{
    const auto most = std::min(repeats_for(replay.before.interval(), 0.99).value_or(most_plays_for_a_run),
                               most_plays_for_a_run);
    for (std::uint64_t play = 0; play < most && !player.interrupted(); ++play) {
        if (play > 0 && limit && Clock::now() >= *limit) return;
        const auto played = player.play(replay.plan);
        const auto is_it =
            replay.signature.empty() ? played.played == Played::failed : played.shows(replay.signature);
        if (!is_it) {
            fs::remove_all(played.folder);
            continue;
        }
        const auto& execution = played.execution;
        const auto input = report_input(execution.history, execution.verdict, played.folder, folder / "run");
        write_reports(played.folder, input);
        write_timeline(folder, input);
        fs::remove_all(folder / "run");
        fs::rename(played.folder, folder / "run");
        return;
    }
}

} // namespace

Shrunk shrink_to_reproducer(const ShrinkRequest& request, const Replay& replay)
{
    StatusLine line{request.quiet};
    std::optional<Duration> budget;
    std::optional<Clock::time_point> limit;
    if (request.budget) {
        budget = std::chrono::duration_cast<Duration>(*request.budget * shrinking_share);
        limit = Clock::now() + *request.budget;
    }
    auto shrunk = shrink(request.player, replay.plan,
                         {.seed = request.seed,
                          .signature = replay.signature,
                          .budget = budget,
                          .report = [&line](const ShrinkProgress& now) {
                              line.show(fmt::format("{}: {} element{} left, fails in {}, {} play{} so far",
                                                    now.stage, now.elements, now.elements == 1 ? "" : "s",
                                                    rate_text(now.trials.failed, now.trials.played),
                                                    now.plays, now.plays == 1 ? "" : "s"));
                          }});
    line.finish();
    if (!shrunk.fails) return shrunk;
    Replay smaller = replay;
    smaller.plan = shrunk.plan;
    smaller.before = {.failed = shrunk.reproducer.failed, .played = shrunk.reproducer.played};
    write_reproducer(request.folder, smaller, version);
    keep_failing_run(request.player, smaller, request.folder, limit);
    shrunk.reproducer.folder = request.folder.string();
    return shrunk;
}

std::string others_text(const std::map<std::string, std::uint64_t>& otherwise)
{
    std::string text;
    for (const auto& [signature, count] : otherwise)
        text += fmt::format("  failed otherwise, {} time{}: {}\n", count, count == 1 ? "" : "s",
                            clean_text(signature));
    return text;
}

StatusLine::StatusLine(bool quiet) : quiet_{quiet}, terminal_{::isatty(STDERR_FILENO) == 1} {}

void StatusLine::show(const std::string& text)
{
    const auto interval =
        terminal_ ? std::chrono::milliseconds{100} : std::chrono::milliseconds{std::chrono::seconds{10}};
    const auto now = std::chrono::steady_clock::now();
    if (quiet_ || now - last_ < interval) return;
    last_ = now;
    const auto line = terminal_ ? one_line(text, columns_of_errors() - 1) : text;
    fmt::print(stderr, "{}{}{}", terminal_ ? "\r\033[K" : "", line, terminal_ ? "" : "\n");
    std::fflush(stderr);
    shown_ = terminal_;
}

void StatusLine::finish()
{
    if (shown_) fmt::print(stderr, "\r\033[K");
    shown_ = false;
}

} // namespace wsrace::cli
