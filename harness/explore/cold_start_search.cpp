#include "explore/cold_start_search.hpp"

#include "core/statistics.hpp"
#include "core/verdict.hpp"
#include "explore/boot.hpp"
#include "explore/readiness_lie.hpp"
#include "explore/strip.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t most_kept = 5;           // folders
constexpr std::uint32_t most_failed_boots = 3; // of a server that comes up at other times
constexpr double most_isolated = 0.05;         // share of users; more are no outliers
constexpr int interrupted_status = 130;

class Search {
public:
    Search(const Scenario& scenario, const RunInfo& info, const ColdStartOptions& options)
        : scenario_{for_cold_start(scenario, options.anchor, options.search.until)}, info_{info},
          options_{options}, search_{options.search}
    {
        report_.scenario = info.scenario;
        report_.scenario_digest = info.scenario_digest;
        report_.target = info.target;
        report_.command = info.command;
        report_.version = info.version;
        report_.machine = info.machine;
        report_.started = info.started;
        report_.anchor = options.anchor == Arrival::Anchor::spawn ? "spawn" : "port_open";
        report_.seed = options.search.seed;
        report_.range_from = options.search.from;
        report_.range_until = options.search.until;
        report_.rate = options.rate;
    }

    ColdStartReport run() &&
    {
        while (goes_on()) {
            const auto begin = Clock::now();
            boot();
            longest_boot_ = std::max<Duration>(longest_boot_, Clock::now() - begin);
        }
        report_.took = Clock::now() - begin_;
        conclude();
        return std::move(report_);
    }

private:
    bool goes_on()
    {
        report_.converged = search_.nothing_left();
        if (report_.converged || report_.interrupted || !report_.problem.empty()) return false;
        if (number_ >= options_.search.boots) return false;
        return !options_.budget || Clock::now() - begin_ + longest_boot_ <= *options_.budget;
    }

    void boot()
    {
        ++number_;
        if (options_.report)
            options_.report({number_, options_.search.boots, report_.users, search_.windows()});
        const auto places = search_.next_boot();
        const auto folder = options_.folder / fmt::format("boot-{:04}", number_);
        const BootRequest request{.scenario = scenario_,
                                  .info = info_,
                                  .places = places,
                                  .number = number_,
                                  .folder = folder,
                                  .stop = options_.stop};
        const auto result = play_boot(request);
        report_.interrupted = result.interrupted || options_.stop.stop_requested();
        if (!result.problem.empty()) return failed(result, folder);
        ++report_.boots;
        report_.voided += result.classified.voided;
        report_.users += static_cast<std::uint32_t>(result.classified.probes.size());
        if (result.ready) ready_[number_] = *result.ready;
        search_.add(result.classified.probes);
        if (is_news(result.classified.probes) && report_.kept.size() < most_kept)
            report_.kept.push_back(folder.string());
        else
            fs::remove_all(folder);
    }

    void failed(const BootResult& result, const fs::path& folder)
    {
        if (report_.interrupted) {
            fs::remove_all(folder);
            return;
        }
        ++report_.failed_boots;
        if (report_.kept.size() < most_kept)
            report_.kept.push_back(folder.string());
        else
            fs::remove_all(folder);
        if (report_.boots == 0 || report_.failed_boots >= most_failed_boots)
            report_.problem = fmt::format("boot {}: {}", number_, result.problem);
    }

    // Whether a bad outcome is among them that no boot has shown before.
    bool is_news(const std::vector<Probe>& probes)
    {
        bool news = false;
        for (const auto& probe : probes) {
            auto& seen = report_.outcomes[static_cast<std::size_t>(probe.outcome)];
            news = news || (seen == 0 && is_bad(probe.outcome));
            ++seen;
        }
        return news;
    }

    void conclude()
    {
        report_.stretches = search_.stretches();
        report_.windows = search_.windows();
        report_.isolated_bad = search_.isolated_bad();
        report_.lie = find_readiness_lie(search_.probes(), report_.windows, ready_);
        std::vector<Duration> times;
        for (const auto& [boot, at] : ready_) times.push_back(at);
        report_.ready = median_of(std::move(times));
        report_.cells =
            strip_cells(search_.probes(), report_.windows, report_.range_from, report_.range_until);
        if (report_.problem.empty() && !report_.interrupted && report_.windows.empty())
            report_.problem = why_inconclusive();
    }

    std::string why_inconclusive() const
    {
        if (report_.users == 0) return "no user had an outcome; nothing can be said";
        if (report_.boots < 3)
            return fmt::format(
                "only {} boots were played, and a window is confirmed in three; allow more with "
                "--boots or --budget",
                report_.boots);
        if (report_.outcomes[static_cast<std::size_t>(ArrivalOutcome::good)] == 0)
            return fmt::format("nobody was served up to {}; search further with --offsets 0..TIME",
                               offset_text(report_.range_until));
        if (search_.unexplained())
            return "users failed, and the budget ended before that was confirmed or refuted; allow more with "
                   "--boots or --budget";
        if (!search_.filled())
            return fmt::format(
                "the budget ended before the range was filled ({} boots failed, {} users had no "
                "outcome): a window may lie between; allow more with --boots or --budget, or "
                "search less with --offsets",
                report_.failed_boots, report_.voided);
        if (wilson_interval(report_.isolated_bad, report_.users).low > most_isolated)
            return fmt::format("{} of {} users failed, scattered over the range: no window of time, but no "
                               "working server either; see the run folders that were kept",
                               report_.isolated_bad, report_.users);
        return {};
    }

    Scenario scenario_;
    const RunInfo& info_;
    const ColdStartOptions& options_;
    WindowSearch search_;
    ColdStartReport report_;
    Clock::time_point begin_ = Clock::now();
    Duration longest_boot_{};
    std::uint32_t number_ = 0;
    std::map<std::uint32_t, Duration> ready_; // by boot
};

} // namespace

ColdStartReport search_cold_start(const Scenario& scenario, const RunInfo& info,
                                  const ColdStartOptions& options)
{
    return Search{scenario, info, options}.run();
}

int exit_status(const ColdStartReport& report)
{
    if (report.interrupted) return interrupted_status;
    if (!report.windows.empty() || report.lie) return exit_status(Verdict::fail);
    return exit_status(report.problem.empty() ? Verdict::pass : Verdict::inconclusive);
}

} // namespace wsrace
