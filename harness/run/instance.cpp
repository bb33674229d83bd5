#include "run/instance.hpp"

#include "run/target_http.hpp"
#include "target/listening.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

namespace wsrace {

namespace {

constexpr auto port_interval = std::chrono::microseconds{500};
constexpr Duration shortest_ready_interval = std::chrono::milliseconds{5};
constexpr Duration longest_ready_interval = std::chrono::milliseconds{100};
constexpr auto turn_interval = std::chrono::milliseconds{5};
constexpr auto end_interval = std::chrono::milliseconds{1};
constexpr std::size_t longest_searched = 2000;          // std::regex recurses for each character
constexpr auto group_within = std::chrono::seconds{3};  // for what a server leaves when it has ended itself
constexpr auto killed_within = std::chrono::seconds{5}; // for the kernel to tell what has been done

bool says(const std::regex& pattern, std::string_view line)
{
    const auto searched = line.substr(0, longest_searched);
    return std::regex_search(searched.begin(), searched.end(), pattern);
}

} // namespace

Instance::Instance(Supervisees& shared, std::uint16_t number, ServerCommand command, std::uint16_t port,
                   std::filesystem::path report_prefix, std::string cgroup)
    : shared_{shared}, spec_{*shared.scenario.target.server}, number_{number}, command_{std::move(command)},
      port_{port}, reports_{std::move(report_prefix),
                            [this](std::string_view line) { said(LogStream::report, line); }},
      cpu_{shared.io, std::move(cgroup)}
{
    if (spec_.ready == ServerSpec::Ready::log) ready_log_.emplace(spec_.ready_log);
}

void Instance::said(LogStream stream, std::string_view line)
{
    shared_.journal.line(number_, stream, line);
    if (ready_log_ && !said_ready_) said_ready_ = says(*ready_log_, line);
}

void Instance::may_serve(bool open)
{
    if (shared_.ingress != nullptr) shared_.ingress->set_open(number_, open);
}

void Instance::ended(const ServerExit& exit)
{
    may_serve(false);
    cpu_.lift(); // its group's id may soon be somebody else's
    reports_.poll();
    const auto killed = exit.signal != 0;
    shared_.journal.note(number_, killed ? LifeCycle::killed : LifeCycle::exited,
                         killed ? exit.signal : exit.status);
}

std::string Instance::spawn()
{
    milestones_ = {};
    said_ready_ = false;
    ++life_;
    if (process_) former_.push_back(std::move(process_));
    try {
        process_ = std::make_unique<ServerProcess>(
            shared_.io, command_, shared_.reaper,
            ServerProcess::Observer{.out = [this](std::string_view line) { said(LogStream::out, line); },
                                    .err = [this](std::string_view line) { said(LogStream::err, line); },
                                    .ended =
                                        [this, life = life_](const ServerExit& exit) {
                                            if (life == life_ || ending_) ended(exit);
                                        }});
    } catch (const std::system_error& error) {
        return error.what();
    }
    milestones_.spawned = Clock::now();
    shared_.journal.note(number_, LifeCycle::spawned, process_->pid());
    if (spec_.limits.cpu > 0) cpu_.limit(process_->pid(), spec_.limits.cpu);
    return {};
}

Task<std::string> Instance::start()
{
    auto problem = spawn();
    if (!problem.empty()) co_return problem;
    const auto spawned = *milestones_.spawned;
    const auto life = life_;
    problem = co_await await_port(spawned + port_limit());
    if (life != life_) co_return std::string{}; // a fault has ended it: what comes next is that one's
    if (!problem.empty()) co_return problem;
    milestones_.port_open = Clock::now();
    shared_.journal.note(number_, LifeCycle::port_open);
    may_serve(true);
    problem = co_await await_ready(spawned + spec_.ready_within);
    if (life != life_) co_return std::string{};
    if (!problem.empty()) co_return problem;
    milestones_.ready = Clock::now();
    shared_.journal.note(number_, LifeCycle::ready);
    co_return problem;
}

std::string Instance::why_not(std::string_view what, Duration limit, std::string_view field) const
{
    if (!is_running())
        return fmt::format("the server ended ({}) before {}; its last output:\n{}",
                           to_string(*process_->exit()), what, shared_.journal.last_output(number_));
    if (shared_.naps.over()) return "interrupted while the server was starting";
    return fmt::format("the server was not there in time: not {} within {} (target.server.{}); "
                       "its last output:\n{}",
                       what, format_duration(limit), field, shared_.journal.last_output(number_));
}

// Without a port it is not ready, either.
bool Instance::is_opening_its_port() const
{
    const auto& [spawned, port_open, ready] = milestones_;
    return is_running() && !ending_ && spawned && !port_open && Clock::now() < *spawned + port_limit();
}

Duration Instance::port_limit() const { return std::min(spec_.port_within, spec_.ready_within); }

Task<std::string> Instance::await_port(Clock::time_point deadline)
{
    while (!is_listening(port_)) {
        const auto slept = co_await shared_.naps.lasting(port_interval);
        if (!slept || !is_running() || Clock::now() > deadline)
            co_return why_not("its port was open", port_limit(),
                              spec_.port_within < spec_.ready_within ? "port_within" : "ready_within");
    }
    co_return std::string{};
}

Task<std::string> Instance::await_ready(Clock::time_point deadline)
{
    const auto path = spec_.ready_path.empty() ? shared_.scenario.profile.health_path : spec_.ready_path;
    auto ready = spec_.ready == ServerSpec::Ready::port_open;
    while (!ready) {
        ready = said_ready_;
        if (spec_.ready == ServerSpec::Ready::http)
            ready = co_await says_ready(shared_.deadlines, port_, path);
        if (ready) break;
        // The longer it takes, the less a few per cent matter: a server that starts has other things to do.
        const Duration taken = Clock::now() - *milestones_.spawned;
        const auto interval = std::clamp(taken / 50, shortest_ready_interval, longest_ready_interval);
        const auto slept = co_await shared_.naps.lasting(interval);
        if (!slept || !is_running() || Clock::now() > deadline)
            co_return why_not("it was ready", spec_.ready_within, "ready_within");
    }
    co_return std::string{};
}

Task<void> Instance::await_end(Clock::time_point deadline)
{
    // Not a nap: ends are awaited when all naps have ended, too.
    Waker waker{shared_.deadlines};
    while (is_running() && Clock::now() < deadline) {
        const auto next = Clock::now() + end_interval;
        co_await waker.wait(next);
    }
}

Task<void> Instance::terminate() { return terminate_within(spec_.stop_within); }

Task<void> Instance::terminate_within(Duration grace)
{
    if (!process_) co_return;
    ++life_;
    ending_ = true;
    may_serve(false); // first of all, so that nobody is sent to where nobody listens any more
    if (paused_) resume();
    if (is_running()) {
        shared_.journal.note(number_, LifeCycle::terminating, SIGTERM);
        const auto deadline = Clock::now() + grace;
        process_->signal(SIGTERM);
        co_await await_end(deadline);
        // A shell or a launcher may end without having told the server itself.
        if (!is_running() && process_->group_lives()) {
            process_->signal_group(SIGTERM);
            const auto limit = std::min(deadline, Clock::now() + group_within);
            co_await await_group_end(limit);
        }
    }
    co_await kill();
    ending_ = false;
}

Task<void> Instance::await_group_end(Clock::time_point deadline)
{
    Waker waker{shared_.deadlines};
    while (process_->group_lives() && Clock::now() < deadline) {
        const auto next = Clock::now() + end_interval;
        co_await waker.wait(next);
    }
}

Task<void> Instance::kill()
{
    cpu_.lift();
    process_->signal_group(SIGKILL);
    const auto limit = Clock::now() + killed_within;
    co_await await_end(limit);
    if (!is_running()) process_->release();
}

// Faults of one instance come one after the other.
Task<bool> Instance::take_turn()
{
    auto awake = !shared_.naps.over();
    while (busy_ && awake) awake = co_await shared_.naps.lasting(turn_interval);
    if (awake) busy_ = true;
    co_return awake;
}

Task<void> Instance::end_for_good() { return end_for_good(spec_.stop_within); }

Task<void> Instance::end_for_good(Duration grace)
{
    const auto mine = co_await take_turn();
    if (!mine) co_return;
    shared_.board.set_down(number_, true);
    ended_for_good_ = true;
    co_await terminate_within(grace);
    busy_ = false;
}

Task<std::string> Instance::restart(bool gracefully)
{
    std::string problem;
    const auto mine = co_await take_turn();
    if (!mine || ended_for_good_) {
        if (mine) busy_ = false;
        co_return problem;
    }
    shared_.board.set_down(number_, true);
    if (!gracefully && is_running()) {
        ++life_;
        ending_ = true;
        may_serve(false);
        shared_.journal.note(number_, LifeCycle::terminating, SIGKILL);
        co_await kill();
    }
    co_await terminate();
    if (!shared_.naps.over()) problem = co_await start();
    if (shared_.naps.over()) problem.clear(); // nobody waits for it any more
    shared_.board.set_down(number_, false);
    busy_ = false;
    co_return problem;
}

void Instance::pause()
{
    if (!is_running() || paused_) return;
    paused_ = true;
    cpu_.hold(true);
    shared_.journal.note(number_, LifeCycle::paused);
    process_->signal_group(SIGSTOP);
}

void Instance::resume()
{
    if (!paused_) return;
    paused_ = false;
    process_->signal_group(SIGCONT);
    shared_.journal.note(number_, LifeCycle::resumed);
    cpu_.hold(false);
}

void Instance::limit_cpu(double share)
{
    if (!is_running()) return;
    const auto restored = share >= 1.0;
    const auto usual = spec_.limits.cpu;
    const auto left = restored ? usual : usual > 0 ? std::min(share, usual) : share;
    if (left > 0)
        cpu_.limit(process_->pid(), left);
    else
        cpu_.lift();
    shared_.journal.note(number_, restored ? LifeCycle::restored : LifeCycle::slowed,
                         static_cast<std::int32_t>((left > 0 ? left : 1.0) * 100));
}

std::optional<Usage> Instance::usage(Descriptors descriptors) const
{
    if (!is_running()) return std::nullopt;
    return usage_of(process_->pid(), descriptors);
}

} // namespace wsrace
