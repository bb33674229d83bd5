#include "explore/boot.hpp"

#include "core/history_file.hpp"
#include "explore/longest_journey.hpp"
#include "explore/run_folder.hpp"
#include "run/play.hpp"
#include "run/supervision.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {

namespace {

Plan plan_for(const BootRequest& request)
{
    auto scenario = request.scenario;
    scenario.users = static_cast<std::uint32_t>(request.places.size());
    auto plan = make_plan(scenario, request.info.seed);
    for (std::size_t i = 0; i < plan.users.size(); ++i) plan.users[i].arrival = request.places[i];
    return plan;
}

LifeCycle life_cycle_of(Arrival::Anchor anchor)
{
    return anchor == Arrival::Anchor::spawn ? LifeCycle::spawned : LifeCycle::port_open;
}

} // namespace

Scenario for_cold_start(Scenario scenario, Arrival::Anchor anchor, Duration until)
{
    scenario.connections = 1;
    scenario.behaviours.clear();
    scenario.arrival = Arrival{};
    scenario.arrival.after = anchor;
    scenario.retry_refused = false;
    scenario.delays.clear();
    scenario.life_cycle.clear();
    scenario.link_faults.clear();
    scenario.expectations.checks["baseline"].enabled =
        false; // nothing is asked of a starting server but its health
    auto& total = scenario.expectations.deadlines.total;
    total = std::max(total, until + longest_journey(scenario));
    auto& server = *scenario.target.server;
    server.instances = 1;   // each would have an anchor and a readiness of its own
    server.ingress.reset(); // what a user meets is asked of the server itself
    if (server.ready == ServerSpec::Ready::port_open) server.ready = ServerSpec::Ready::http; // its own word
    return scenario;
}

BootResult play_boot(const BootRequest& request)
{
    const auto& scenario = request.scenario;
    const auto plan = plan_for(request);
    const auto info = begin_run_folder(request.folder, scenario, plan, request.info);

    BootResult result;
    const auto start = Clock::now();
    Supervision supervision{scenario, plan, info, request.folder, start};
    result.problem = supervision.start(request.stop);
    if (!result.problem.empty()) {
        result.interrupted = request.stop.stop_requested();
        return result;
    }
    const auto target = supervision.target();
    Progress progress;
    const RunSetup setup{.scenario = scenario,
                         .plan = plan,
                         .target = target,
                         .info = info,
                         .progress = progress,
                         .start = start,
                         .anchor = supervision.anchor()};
    const PlayOptions options{.folder = request.folder, .workers = 0, .stop = request.stop, .report = {}};
    const auto played = play(setup, options);
    supervision.stop(); // one that never got ready is what the search is about, no problem of it
    result.interrupted = played.interrupted;
    if (!played.history_error.empty())
        result.problem = fmt::format("the history is not complete: {}", played.history_error);
    else if (played.overran)
        result.problem =
            fmt::format("the users were not done within {} (deadlines.total); those who were cut "
                        "off say nothing; shorten the deadlines of single steps, or raise it",
                        format_duration(scenario.expectations.deadlines.total));

    const auto history = read_history(request.folder);
    result.classified = classify(history, scenario.expectations, life_cycle_of(plan.anchor), request.number);
    if (!result.classified.anchor) {
        result.problem = "the history does not say when the server was started";
        return result;
    }
    result.ready = result.classified.ready;
    return result;
}

} // namespace wsrace
