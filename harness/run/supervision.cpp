#include "run/supervision.hpp"

#include "faults/dependency_proxies.hpp"
#include "run/life_cycle_faults.hpp"
#include "run/scaling.hpp"
#include "run/server_command.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <future>
#include <thread>

namespace wsrace {

namespace {

constexpr auto hurried_stop = std::chrono::milliseconds{500}; // from SIGTERM to SIGKILL when somebody waits
constexpr auto stop_interval = std::chrono::milliseconds{20};
constexpr auto ready_interval = std::chrono::milliseconds{2};
constexpr auto milestone_interval = std::chrono::microseconds{500};

using Anchor = Arrival::Anchor;
using Milestones = Instance::Milestones;

std::vector<std::string> cgroups_of(const Scenario& scenario, const Plan& plan)
{
    const auto& spec = *scenario.target.server;
    const auto slowed = std::any_of(plan.life_cycle.begin(), plan.life_cycle.end(),
                                    [](const auto& f) { return f.kind == LifeCycleFault::Kind::slow_cpu; });
    std::vector<std::string> out(spec.instances_in_all());
    if (spec.limits.cpu > 0 || slowed) std::generate(out.begin(), out.end(), cpu_cgroup);
    return out;
}

// One fault for each instance that it is meant for, so that they do not wait for one another; but for the one
// whose point that is.
std::vector<LifeCycleFault> by_instance(const LifeCycleFault& fault, std::uint16_t instances)
{
    if (fault.instance || fault.kind == LifeCycleFault::Kind::rolling_restart) return {fault};
    std::vector<LifeCycleFault> out(instances, fault);
    for (std::uint16_t i = 0; i < instances; ++i) out[i].instance = i;
    return out;
}

struct Announcement {
    std::promise<void>& promise;
    ~Announcement() { promise.set_value(); }
};

} // namespace

struct Supervision::State {
    State(const Scenario& scenario_given, const Plan& plan_given, const RunInfo& info,
          const std::filesystem::path& folder, Clock::time_point start)
        : scenario{scenario_given}, plan{plan_given}, cgroups{cgroups_of(scenario_given, plan_given)},
          reaper{cgroups}, journal{HistoryWriter{folder / "history.1000", info}, folder,
                                   scenario_given.target.server->instances_in_all(), start},
          board{scenario_given.target.server->instances_in_all()}, shared{.io = io,
                                                                          .deadlines = deadlines,
                                                                          .naps = naps,
                                                                          .journal = journal,
                                                                          .reaper = reaper,
                                                                          .board = board,
                                                                          .scenario = scenario}
    {
        const auto& spec = *scenario.target.server;
        if (!spec.dependencies.empty()) start_proxies(info, folder, start);
        const auto others = proxies ? proxies->placeholders() : PlaceholderValues{};
        for (std::uint16_t i = 0; i < spec.instances_in_all(); ++i) {
            ports.push_back(std::make_unique<ReservedPort>());
            const auto prefix = std::filesystem::absolute(folder) / fmt::format("sanitizer.{}", i);
            auto command = server_command(spec, i, ports.back()->number(), prefix, others);
            instances.push_back(std::make_unique<Instance>(shared, i, std::move(command),
                                                           ports.back()->number(), prefix, cgroups[i]));
        }
        if (spec.ingress) start_ingress(info, folder, start);
    }

    void start_ingress(const RunInfo& info, const std::filesystem::path& folder, Clock::time_point start)
    {
        const auto& spec = *scenario.target.server;
        IngressSetup setup{.spec = *spec.ingress, .instances = {}, .seed = plan.seed, .start = start};
        for (std::uint16_t i = 0; i < ports.size(); ++i)
            setup.instances.push_back(
                {.port = ports[i]->number(), .other_revision = spec.is_other_revision(i)});
        ingress.emplace(std::move(setup), HistoryWriter{folder / "history.1003", info});
        shared.ingress = &*ingress;
    }

    void start_proxies(const RunInfo& info, const std::filesystem::path& folder, Clock::time_point start)
    {
        DependencySetup setup{.dependencies = scenario.target.server->dependencies,
                              .faults = plan.dependency_faults,
                              .upstream_ports = {},
                              .seed = plan.seed,
                              .start = start};
        for (const auto& dependency : setup.dependencies) {
            if (!dependency.upstream.empty()) continue;
            upstream_ports.push_back(std::make_unique<ReservedPort>());
            setup.upstream_ports.emplace(dependency.name, upstream_ports.back()->number());
        }
        proxies.emplace(setup, HistoryWriter{folder / "history.1001", info});
    }

    // Runs a coroutine on the supervising thread; stop() waits for it.
    void launch(Task<void> task)
    {
        ++active;
        asio::co_spawn(io, std::move(task), [this](const std::exception_ptr& failed) {
            if (failed && !failure) failure = failed;
            --active;
            if (failed) anchor_known({});
        });
    }

    void anchor_known(Clock::time_point time)
    {
        if (std::exchange(announced, true)) return;
        anchor = time;
        start_problem = problem;
        promise.set_value();
    }

    void run()
    {
        try {
            io.run();
        } catch (...) {
            failure = std::current_exception();
            broken = true;
            anchor_known({});
        }
    }

    // What can go wrong is said before the anchor is announced, or by stop().
    void failed(const std::string& what)
    {
        if (problem.empty()) problem = what;
        anchor_known({});
    }

    Task<void> bring_up(Instance& instance)
    {
        const auto trouble = co_await instance.start();
        if (!trouble.empty() && !naps.over()) failed(trouble); // a run may be over before its target is ready
        if (!trouble.empty()) co_return;
        const auto up = co_await await_ready(instance); // a fault may have started it once more
        if (!up || ++ready < scenario.target.server->instances_at_start()) co_return;
        const auto wanted = baseline_wanted();
        if (wanted) co_await levels.take_before();
        reached(Anchor::ready, Clock::now());
        co_await levels.watch();
    }

    Task<bool> await_ready(const Instance& instance)
    {
        auto awake = true;
        while (awake && !instance.milestones().ready && !instance.is_ended_for_good())
            awake = co_await naps.lasting(ready_interval);
        if (instance.is_ended_for_good() && !announced)
            failed("a fault ended the server before it was ready");
        co_return instance.milestones().ready.has_value();
    }

    bool baseline_wanted() const
    {
        const auto setting = scenario.expectations.checks.find("baseline");
        return setting == scenario.expectations.checks.end() || setting->second.enabled;
    }

    // Spawn and open port are milestones that an instance passes on its way.
    Task<void> watch_milestones()
    {
        auto spawned = false, open = false;
        while (!open) {
            const auto passed = [this](auto milestone) {
                return std::all_of(instances.cbegin(), first_added(), [milestone](const auto& instance) {
                    return (instance->milestones().*milestone).has_value();
                });
            };
            if (!spawned && passed(&Milestones::spawned))
                reached(Anchor::spawn, latest(&Milestones::spawned));
            spawned = passed(&Milestones::spawned);
            if (passed(&Milestones::port_open)) reached(Anchor::port_open, latest(&Milestones::port_open));
            open = passed(&Milestones::port_open);
            const auto slept = co_await naps.lasting(milestone_interval);
            if (!slept) break;
        }
    }

    Clock::time_point latest(std::optional<Clock::time_point> Milestones::*milestone) const
    {
        Clock::time_point out{};
        for (auto instance = instances.begin(); instance != first_added(); ++instance)
            out = std::max(out, ((*instance)->milestones().*milestone).value_or(out));
        return out;
    }

    // Behind those that are there from the start.
    Instances::const_iterator first_added() const
    {
        return instances.begin() + scenario.target.server->instances_at_start();
    }

    void start_scaling(Clock::time_point ready_at)
    {
        for (const auto& step : scale_steps(*scenario.target.server)) launch(scale(step, ready_at));
    }

    Task<void> scale(ScaleStep step, Clock::time_point ready_at)
    {
        auto& instance = *instances[step.instance];
        const auto trouble = co_await play_scale_step(shared, instance, step, ready_at);
        if (!trouble.empty()) failed(trouble);
    }

    void reached(Anchor what, Clock::time_point time)
    {
        for (const auto& fault : plan.life_cycle)
            if (fault.after == what)
                for (const auto& one : by_instance(fault, scenario.target.server->instances))
                    launch(play(one, time));
        if (proxies && what == Anchor::spawn) proxies->server_spawned(time);
        if (proxies && what == Anchor::ready) proxies->server_ready(time);
        if (what == Anchor::ready) start_scaling(time);
        if (scenario.arrival.after == what) anchor_known(time);
        if (scenario.arrival.after == Anchor::terminating) announce_end(what, time);
    }

    // The first SIGTERM that a fault will send.
    void announce_end(Anchor what, Clock::time_point time)
    {
        std::optional<Duration> first;
        for (const auto& fault : plan.life_cycle) {
            if (sends_sigterm(fault) && fault.after == what)
                first = std::min(first.value_or(fault.at), fault.at);
        }
        if (first) anchor_known(time + *first);
    }

    Task<void> play(LifeCycleFault fault, Clock::time_point time)
    {
        const auto trouble = co_await play_fault(shared, instances, fault, time);
        if (!trouble.empty()) failed(trouble);
    }

    Task<void> users_left(std::promise<void>& done)
    {
        const Announcement whatever_happens{done};
        co_await await_ports();
        const auto wanted = baseline_wanted();
        if (wanted) co_await levels.await_return();
    }

    // Users who came before the port was open are refused by right: that it was going to open must be seen.
    Task<void> await_ports()
    {
        const auto opening = [](const auto& instance) { return instance->is_opening_its_port(); };
        auto awake = true;
        while (awake && std::any_of(instances.begin(), instances.end(), opening))
            awake = co_await naps.lasting(milestone_interval);
    }

    Task<void> wind_down(End how)
    {
        naps.end_all();
        Waker waker{deadlines};
        while (active > 1) { // itself
            const auto next = Clock::now() + std::chrono::milliseconds{1};
            co_await waker.wait(next);
        }
        for (const auto& instance : instances)
            launch(how == End::soon ? instance->terminate_within(hurried_stop) : instance->terminate());
        while (active > 1) {
            const auto next = Clock::now() + std::chrono::milliseconds{1};
            co_await waker.wait(next);
        }
        for (const auto& instance : instances) instance->finish_reports();
        journal.complete();
        deadlines.shut_down();
        guard.reset();
        io.stop(); // whatever else there is, such as a process that cannot be killed, is not waited for
    }

    const Scenario& scenario;
    const Plan& plan;
    std::vector<std::string> cgroups;
    Reaper reaper; // the first to come, the last to go
    asio::io_context io{1};
    asio::executor_work_guard<Executor> guard{io.get_executor()};
    DeadlineQueue deadlines{io.get_executor()};
    Naps naps{deadlines};
    TargetJournal journal;
    InstanceBoard board;
    Supervisees shared;
    std::vector<std::unique_ptr<ReservedPort>>
        upstream_ports; // of dependencies that the server starts itself
    std::optional<DependencyProxies> proxies;
    std::vector<std::unique_ptr<ReservedPort>> ports;
    std::optional<Ingress> ingress;
    Instances instances;
    Levels levels{shared, instances};
    std::size_t active = 0; // coroutines
    std::size_t ready = 0;  // instances
    bool announced = false;
    std::atomic<bool> broken{false}; // an exception has ended the thread
    std::string problem;             // the first; read by the owner when the thread has ended
    std::string start_problem;       // the same, as it was when the anchor was announced
    std::exception_ptr failure;
    std::promise<void> promise;
    std::future<void> announcement = promise.get_future();
    Clock::time_point anchor;
    std::thread thread;
};

Supervision::Supervision(const Scenario& scenario, const Plan& plan, const RunInfo& info,
                         const std::filesystem::path& folder, Clock::time_point start)
    : state_{std::make_unique<State>(scenario, plan, info, folder, start)}
{}

Supervision::~Supervision()
{
    try {
        stop();
    } catch (const std::exception&) { // told by stop() to whoever calls it; here somebody else's exception is
                                      // under way
    }
}

std::string Supervision::start(const std::stop_token& stop)
{
    auto& state = *state_;
    state.launch(state.watch_milestones());
    for (auto instance = state.instances.cbegin(); instance != state.first_added(); ++instance)
        state.launch(state.bring_up(**instance));
    state.thread = std::thread{[&state] { state.run(); }};
    while (state.announcement.wait_for(stop_interval) != std::future_status::ready) {
        if (stop.stop_requested()) return "interrupted while the server was starting";
    }
    return state.start_problem;
}

Clock::time_point Supervision::anchor() const { return state_->anchor; }

PlayTarget Supervision::target() const
{
    PlayTarget target;
    const auto add = [&target](std::uint16_t port) {
        auto& address = target.instances.emplace_back();
        address.url.host = "127.0.0.1";
        address.url.port = port;
        address.endpoint = {asio::ip::address_v4::loopback(), port};
    };
    target.behind_ingress = state_->ingress.has_value();
    if (target.behind_ingress) {
        const auto& spec = *state_->scenario.target.server->ingress;
        target.cut_on_the_way = spec.idle_cut.has_value() || spec.request_limit.has_value();
        add(state_->ingress->port());
        return target;
    }
    for (const auto& port : state_->ports) add(port->number());
    target.board = &state_->board;
    return target;
}

void Supervision::users_left(const std::stop_token& stop)
{
    auto& state = *state_;
    if (!state.thread.joinable()) return;
    std::promise<void> done;
    asio::post(state.io, [&] { state.launch(state.users_left(done)); });
    const auto back = done.get_future();
    while (back.wait_for(stop_interval) != std::future_status::ready && !state.broken) {
        if (stop.stop_requested()) asio::post(state.io, [&state] { state.naps.end_all(); });
    }
}

std::string Supervision::stop(End end)
{
    auto& state = *state_;
    if (state.thread.joinable()) {
        asio::post(state.io, [&state, end] { state.launch(state.wind_down(end)); });
        state.thread.join();
        if (state.proxies) state.proxies->stop();
        if (state.proxies && state.problem.empty()) state.problem = state.proxies->problem();
        if (state.ingress) state.ingress->stop();
        if (state.ingress && state.problem.empty()) state.problem = state.ingress->problem();
        if (state.failure) std::rethrow_exception(std::exchange(state.failure, nullptr));
    }
    return state.problem;
}

} // namespace wsrace
