#include "run/play.hpp"

#include "run/meetings.hpp"
#include "run/undisturbed.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

namespace wsrace {

namespace {

constexpr auto report_interval = std::chrono::milliseconds{100};
constexpr auto interruption_limit = std::chrono::milliseconds{1500};

// Threads that have not returned yet, and the first exception that ended one.
class Crew {
public:
    void enter()
    {
        const std::lock_guard lock{mutex_};
        ++running_;
    }

    void leave(const std::exception_ptr& failure)
    {
        const std::lock_guard lock{mutex_};
        --running_;
        if (failure && !failure_) failure_ = failure;
        changed_.notify_all();
    }

    // True when all have returned or one has failed.
    bool wait_for(Duration limit)
    {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, limit, [this] { return running_ == 0 || failure_; });
    }

    std::exception_ptr failure()
    {
        const std::lock_guard lock{mutex_};
        return failure_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t running_ = 0;
    std::exception_ptr failure_;
};

// Who has to act at an exact time must not wait for the processor behind the server, which shares the
// machine. One processor at least stays for everybody else.
bool keeps_exact_times(const Plan& plan, std::size_t workers)
{
    return !plan.constraints.empty() && workers < std::thread::hardware_concurrency();
}

void run_worker(Worker& worker, Crew& crew, bool is_exact)
{
    std::optional<Undisturbed> undisturbed;
    if (is_exact) undisturbed.emplace();
    std::exception_ptr failure;
    try {
        worker.run();
    } catch (...) {
        failure = std::current_exception();
    }
    crew.leave(failure);
}

using Workers = std::vector<std::unique_ptr<Worker>>;

Workers make_workers(const RunSetup& setup, const PlayOptions& options, Meetings& meetings, std::size_t count)
{
    Workers workers;
    for (std::size_t i = 0; i < count; ++i) {
        HistoryWriter writer{options.folder / ("history." + std::to_string(i)), setup.info};
        workers.push_back(std::make_unique<Worker>(setup, std::move(writer), meetings, i, count));
    }
    return workers;
}

// Until everybody is done, the user interrupts, or time is up; then, if need be, ends what does not end.
void supervise(const RunSetup& setup, const PlayOptions& options, Workers& workers, Crew& crew,
               PlayResult& result)
{
    const auto limit = setup.anchor + setup.scenario.expectations.deadlines.total;
    while (!crew.wait_for(report_interval)) {
        if (options.report) options.report(setup.progress);
        result.interrupted = options.stop.stop_requested();
        result.overran = !result.interrupted && Clock::now() > limit;
        if (result.interrupted || result.overran) break;
    }
    if (result.interrupted || result.overran) {
        for (auto& worker : workers) worker->interrupt();
    }
    if (!crew.wait_for(interruption_limit) || crew.failure()) {
        for (auto& worker : workers) worker->halt();
    }
}

} // namespace

std::size_t default_workers(std::size_t connections)
{
    const auto cores = std::max<std::size_t>(1, std::thread::hardware_concurrency());
    return std::clamp<std::size_t>(connections / 1000, 1, cores);
}

namespace {

LinkSetup links_of(const RunSetup& setup)
{
    LinkSetup links{.faults = setup.plan.link_faults,
                    .seed = setup.plan.seed,
                    .start = setup.start,
                    .anchor = setup.anchor,
                    .targets = {},
                    .plain_text = setup.target.tls == nullptr,
                    .slots = setup.plan.most_connections(),
                    .users = setup.plan.users.empty() ? 0 : setup.plan.users.back().id.value + 1,
                    .profile = setup.scenario.profile};
    for (const auto& instance : setup.target.instances) links.targets.push_back(instance.endpoint);
    return links;
}

PlayResult play_directly(const RunSetup& setup, const PlayOptions& options)
{
    PlayResult result;
    const auto connections = std::size_t{setup.plan.connection_count()};
    const auto count = options.workers != 0 ? options.workers : default_workers(connections);
    Meetings meetings{setup.plan, count};
    auto workers = make_workers(setup, options, meetings, count);
    Crew crew;
    const auto is_exact = keeps_exact_times(setup.plan, count);
    {
        std::vector<std::jthread> threads;
        for (auto& worker : workers) {
            crew.enter();
            threads.emplace_back([&worker, &crew, is_exact] { run_worker(*worker, crew, is_exact); });
        }
        supervise(setup, options, workers, crew, result);
    }
    if (options.report) options.report(setup.progress);
    result.took = Clock::now() - setup.anchor;
    for (const auto& worker : workers)
        if (const auto error = worker->history_error()) result.history_error = error.message();
    if (const auto failure = crew.failure()) std::rethrow_exception(failure);
    return result;
}

} // namespace

// Where the link has faults, a proxy stands in front of the target for as long as there are users.
PlayResult play(const RunSetup& setup, const PlayOptions& options)
{
    if (setup.plan.link_faults.empty()) return play_directly(setup, options);
    LinkProxies proxies{links_of(setup), HistoryWriter{options.folder / "history.1002", setup.info}};
    auto target = setup.target;
    target.links = &proxies;
    const RunSetup through{.scenario = setup.scenario,
                           .plan = setup.plan,
                           .target = target,
                           .info = setup.info,
                           .progress = setup.progress,
                           .start = setup.start,
                           .anchor = setup.anchor};
    auto result = play_directly(through, options);
    proxies.stop();
    result.problem = proxies.problem();
    return result;
}

} // namespace wsrace
