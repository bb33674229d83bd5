#include "cli/interruption.hpp"

#include "cli/commands.hpp"

#include <csignal>
#include <ctime>
#include <unistd.h>

namespace wsrace::cli {

Interruption::Interruption()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    waiter_ = std::jthread{[this, signals](const std::stop_token& over) {
        constexpr timespec a_moment{.tv_sec = 0, .tv_nsec = 100'000'000};
        while (!over.stop_requested()) {
            if (sigtimedwait(&signals, nullptr, &a_moment) < 0) continue;
            if (!stop_.request_stop()) _exit(exit_interrupted);
        }
    }};
}

} // namespace wsrace::cli
