#include "run/undisturbed.hpp"

#include <pthread.h>

namespace wsrace {

Undisturbed::Undisturbed()
{
    if (pthread_getschedparam(pthread_self(), &policy_, &parameters_) != 0 || policy_ != SCHED_OTHER) return;
    sched_param lowest{};
    lowest.sched_priority = sched_get_priority_min(SCHED_FIFO);
    raised_ = pthread_setschedparam(pthread_self(), SCHED_FIFO, &lowest) == 0;
}

Undisturbed::~Undisturbed()
{
    if (raised_) pthread_setschedparam(pthread_self(), policy_, &parameters_);
}

} // namespace wsrace
