// Sees to it that nothing of a supervised target outlives the harness, however the harness ends.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace wsrace {

// A small process that does nothing until the harness is gone (its end of a pipe closes: at a normal end as
// well as at SIGKILL). It then kills every process group that is still registered, and removes the folders it
// was told of.
class Reaper {
public:
    // `folders`: removed in this order, if empty. Throws std::system_error.
    explicit Reaper(std::vector<std::string> folders = {});
    ~Reaper(); // waits for it
    Reaper(const Reaper&) = delete;
    Reaper& operator=(const Reaper&) = delete;

    // Where a process about to become a group's leader writes its own id, between fork and exec: so that it
    // is registered even if the harness is killed in between. Closed by exec.
    int registration() const { return pipe_; }
    void forget(pid_t group) const;

private:
    pid_t process_ = -1;
    int pipe_ = -1;
};

} // namespace wsrace
