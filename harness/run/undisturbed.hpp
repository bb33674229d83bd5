// Work of a thread that the system does not interrupt for others.
#pragma once

#include <sched.h>

namespace wsrace {

// While it lives the calling thread has real-time priority, where the system allows that (root, or
// CAP_SYS_NICE; sched(7)); elsewhere nothing changes. For work that is short, or that mostly waits and has to
// be on time: what a thread writes to sockets wakes the server on the same machine, which would otherwise
// take the processor from it.
class Undisturbed {
public:
    Undisturbed();
    ~Undisturbed();
    Undisturbed(const Undisturbed&) = delete;
    Undisturbed& operator=(const Undisturbed&) = delete;

private:
    int policy_ = SCHED_OTHER; // before
    sched_param parameters_{};
    bool raised_ = false;
};

} // namespace wsrace
