#include "limit_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static const char stamp_key[] = "\"timestamp\":\"";
static const size_t stamp_size = sizeof "2026-01-01T00:00:00.000000Z" - 1;
static const long long day_us = 86400LL * 1000000LL;
static const long long settling_us = 300000;

double monotonic_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static long long two_digits(const char* at) { return (at[0] - '0') * 10 + (at[1] - '0'); }

/* Microseconds since midnight of "2026-01-01T00:00:00.000000Z". */
static long long stamp_us(const char* stamp)
{
    const long long seconds =
        (two_digits(stamp + 11) * 60 + two_digits(stamp + 14)) * 60 + two_digits(stamp + 17);
    return seconds * 1000000 + two_digits(stamp + 20) * 10000 + two_digits(stamp + 22) * 100 +
           two_digits(stamp + 24);
}

static void keep(struct report* report, unsigned late_us)
{
    if (report->late_count == report->late_capacity) {
        report->late_capacity = report->late_capacity == 0 ? 65536 : 2 * report->late_capacity;
        report->late_us = realloc(report->late_us, report->late_capacity * sizeof *report->late_us);
        if (report->late_us == NULL) abort();
    }
    report->late_us[report->late_count++] = late_us;
}

void report_lateness(struct report* report, const char* bytes, size_t size)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const long long now_us = (long long)(now.tv_sec % 86400) * 1000000 + now.tv_nsec / 1000;
    const char* const end = bytes + size;
    for (;;) {
        const char* key = memmem(bytes, (size_t)(end - bytes), stamp_key, sizeof stamp_key - 1);
        if (key == NULL) return;
        bytes = key + sizeof stamp_key - 1;
        if ((size_t)(end - bytes) < stamp_size) return;
        const long long stamp = stamp_us(bytes);
        if (report->first_stamp == 0) report->first_stamp = stamp;
        if ((stamp - report->first_stamp + day_us) % day_us < settling_us) continue;
        keep(report, (unsigned)((now_us - stamp + day_us) % day_us));
    }
}

static int by_size(const void* left, const void* right)
{
    const unsigned a = *(const unsigned*)left;
    const unsigned b = *(const unsigned*)right;
    return (a > b) - (a < b);
}

static unsigned quantile(const struct report* report, double part)
{
    return report->late_us[(size_t)(part * (double)(report->late_count - 1))];
}

void report_print(const struct report* report, const char* state)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    printf("{\"state\":\"%s\",\"journeys\":%ld,\"failures\":%ld,\"welcomed\":%ld,\"cpu_seconds\":%.6f,"
           "\"wall_seconds\":%.6f,\"all_welcomed_seconds\":%.6f",
           state, report->journeys, report->failures, report->welcomed, cpu,
           monotonic_seconds() - report->began, report->all_welcomed);
    if (report->late_count > 0) {
        qsort(report->late_us, report->late_count, sizeof *report->late_us, by_size);
        printf(",\"late_us\":{\"count\":%zu,\"p50\":%u,\"p99\":%u,\"max\":%u}", report->late_count,
               quantile(report, 0.5), quantile(report, 0.99), quantile(report, 1.0));
    }
    printf("}\n");
    fflush(stdout);
}
