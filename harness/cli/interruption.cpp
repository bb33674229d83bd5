#include "cli/interruption.hpp"

#include "cli/commands.hpp"

#include <chrono>
#include <csignal>
#include <ctime>
#include <unistd.h>

namespace wsrace::cli {

namespace {

using Clock = std::chrono::steady_clock;

// One Ctrl-C can come twice: from the terminal, and from a parent that passes on what it gets, as timeout(1)
// does.
constexpr auto one_key = std::chrono::milliseconds{200};

} // namespace

Interruption::Interruption()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    waiter_ = std::jthread{[this, signals](const std::stop_token& over) {
        constexpr timespec a_moment{.tv_sec = 0, .tv_nsec = 100'000'000};
        Clock::time_point first{};
        while (!over.stop_requested()) {
            if (sigtimedwait(&signals, nullptr, &a_moment) < 0) continue;
            if (stop_.request_stop())
                first = Clock::now();
            else if (Clock::now() - first > one_key)
                _exit(exit_interrupted);
        }
    }};
}

} // namespace wsrace::cli
