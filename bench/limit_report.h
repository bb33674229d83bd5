/* What the limit client has measured: counts, times and, when asked for, how late each event reached it. */
#ifndef WSRACE_BENCH_LIMIT_REPORT_H
#define WSRACE_BENCH_LIMIT_REPORT_H

#include <stddef.h>

struct report {
    long journeys;
    long failures;
    long welcomed;
    double began;        /* monotonic seconds */
    double all_welcomed; /* seconds from `began` until every user had its first welcome; 0 if it never came */
    long long first_stamp; /* of all events; microseconds of the day, 0 until there is one */
    unsigned* late_us;     /* one per event that was stamped later than a settling time after that */
    size_t late_count;
    size_t late_capacity;
};

double monotonic_seconds(void);

/* Finds each event's timestamp in freshly received bytes and keeps its age, but for those of the first 300
   ms, while users are still connecting. A timestamp that is cut by the end of the bytes is not counted. The
   server writes microseconds of the same machine's wall clock. */
void report_lateness(struct report* report, const char* bytes, size_t size);

/* One line of JSON on stdout. */
void report_print(const struct report* report, const char* state);

#endif
