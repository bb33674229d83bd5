// Takes processor time away from a process group: by a cgroup where that is allowed, else by stopping it for
// a part of each period.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/types.h>

#include <string>

namespace wsrace {

// A name for a cgroup of an instance, a new one each time; empty where cgroups with a limit for processor
// time cannot be made here (version 1 or 2, for which /sys/fs/cgroup must be writable). It is made when it is
// first used.
std::string cpu_cgroup();

// Used on the io_context's thread. The group's leader must be running.
class CpuShare {
public:
    CpuShare(boost::asio::io_context& io, std::string cgroup) : timer_{io}, cgroup_{std::move(cgroup)} {}
    ~CpuShare() { lift(); }
    CpuShare(const CpuShare&) = delete;
    CpuShare& operator=(const CpuShare&) = delete;

    void limit(pid_t group, double share); // of one core, above 0
    void lift();
    void hold(bool held) { held_ = held; } // somebody else has stopped the group: leave it alone

private:
    bool limit_by_cgroup(double share) const;
    void run_phase();
    void stop_phase();
    void after(double part_of_period, void (CpuShare::*phase)());

    boost::asio::steady_timer timer_;
    std::string cgroup_;
    pid_t group_ = 0; // 0: no limit
    double share_ = 1.0;
    unsigned limits_ = 0; // how many have been lifted
    bool by_signals_ = false;
    bool held_ = false;
};

} // namespace wsrace
