// A few milliseconds in which the system lets this thread finish what it does.
#pragma once

#include <sched.h>

namespace wsrace {

// While it lives the calling thread has real-time priority, where the system allows that (root, or
// CAP_SYS_NICE; sched(7)); elsewhere nothing changes. For work that is short and does not wait: what a thread
// writes to sockets wakes the server on the same machine, which would otherwise take the processor from it.
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
