#include "target/cpu_share.hpp"

#include "target/usage.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>

namespace wsrace {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view root_v1 = "/sys/fs/cgroup/cpu";
constexpr std::string_view root_v2 = "/sys/fs/cgroup";
constexpr auto cgroup_period = std::chrono::microseconds{20'000};
constexpr auto signal_period = std::chrono::milliseconds{20};

bool write(const fs::path& file, const std::string& text)
{
    std::ofstream out{file};
    out << text;
    out.close();
    return !out.fail();
}

} // namespace

std::string cpu_cgroup()
{
    static std::atomic<unsigned> last{0};
    const auto name = fmt::format("wsrace-{}-{}", ::getpid(), ++last);
    if (::access(fmt::format("{}/cpu.cfs_quota_us", root_v1).c_str(), F_OK) == 0 &&
        ::access(root_v1.data(), W_OK) == 0)
        return fmt::format("{}/{}", root_v1, name);
    std::ifstream controllers{fmt::format("{}/cgroup.subtree_control", root_v2)};
    for (std::string controller; controllers >> controller;)
        if (controller == "cpu" && ::access(root_v2.data(), W_OK) == 0)
            return fmt::format("{}/{}", root_v2, name);
    return {};
}

bool CpuShare::limit_by_cgroup(double share) const
{
    if (cgroup_.empty()) return false;
    std::error_code failed;
    fs::create_directory(cgroup_, failed);
    const auto quota = static_cast<long>(share * static_cast<double>(cgroup_period.count()));
    const fs::path folder{cgroup_};
    const auto limited = fs::exists(folder / "cpu.max")
                             ? write(folder / "cpu.max", fmt::format("{} {}", quota, cgroup_period.count()))
                             : write(folder / "cpu.cfs_period_us", std::to_string(cgroup_period.count())) &&
                                   write(folder / "cpu.cfs_quota_us", std::to_string(quota));
    if (!limited) return false;
    const auto moved = write(folder / "cgroup.procs", std::to_string(group_));
    // Children that end meanwhile cannot be moved, and need not be.
    for (const auto process : family_of(group_)) write(folder / "cgroup.procs", std::to_string(process));
    return moved;
}

void CpuShare::limit(pid_t group, double share)
{
    lift();
    group_ = group;
    share_ = share;
    by_signals_ = !limit_by_cgroup(share);
    if (by_signals_) run_phase();
}

void CpuShare::lift()
{
    if (group_ == 0) return;
    timer_.cancel();
    ++limits_; // a phase that is due already must find that it is nobody's any more
    if (by_signals_ && !held_) ::kill(-group_, SIGCONT);
    if (std::error_code none; !cgroup_.empty() && fs::exists(cgroup_, none)) {
        for (const auto process : family_of(group_))
            write(fs::path{cgroup_}.parent_path() / "cgroup.procs", std::to_string(process));
    }
    std::error_code ignored; // busy while a killed process is still on its way out: the reaper tries again
    if (!cgroup_.empty()) fs::remove(cgroup_, ignored);
    group_ = 0;
}

void CpuShare::run_phase()
{
    if (!held_) ::kill(-group_, SIGCONT);
    after(share_, &CpuShare::stop_phase);
}

void CpuShare::stop_phase()
{
    if (!held_) ::kill(-group_, SIGSTOP);
    after(1.0 - share_, &CpuShare::run_phase);
}

void CpuShare::after(double part_of_period, void (CpuShare::*phase)())
{
    timer_.expires_after(
        std::chrono::duration_cast<std::chrono::nanoseconds>(signal_period * part_of_period));
    timer_.async_wait([this, phase, limit = limits_](const boost::system::error_code& error) {
        if (!error && limit == limits_) (this->*phase)();
    });
}

} // namespace wsrace
