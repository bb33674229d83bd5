// What a violation is a symptom of, without what differs between two executions that met the same bug.
#pragma once

#include "core/history.hpp"
#include "core/verdict.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

// Which symptoms can follow from each other.
enum class Family : std::uint8_t {
    identity, // data reached somebody else, or somebody got in who should not
    content,  // events twice, or out of order
    race,     // a sanitizer saw two threads at the same memory
    memory,   // a sanitizer saw memory misused, which may follow from a race
    failure, // the target failed, and said so: a report, a crash, an error in its log, an end of a connection
    leak,    // something stayed behind: may follow from a failure or a loss, not from a bleed
    loss,    // something did not come, came late, or was refused: may follow from any of the others
    remark,  // a line of the log, a field: something else as a rule, and says nothing of what else is wrong
};

constexpr int last_rank_of_reports = 2; // of sanitizers, without crashes

struct Symptom {
    int rank = 0;     // how specific: 0 says most of what is wrong
    std::string name; // "isolation: canary of another user"
    Family family = Family::loss;
    std::string detail;             // one of the violations' own signatures
    std::vector<std::string> files; // that a sanitizer's report names, without extension, ascending
    auto operator<=>(const Symptom&) const = default;
};

// The rank is the check's, from a report of a sanitizer (which names the place in the code) over isolation,
// routing, exactly_once, event_order, errors in the log and ends of connections down to missing events and
// refused handshakes; within isolation the kind of evidence counts, too.
//
// Left out of the name, because one bug shows several of them: which frame and field a canary was in; in
// which situation a connection was closed; which of the five events did not come (all that is heard of a run
// that never ends is "silence", whichever check says so); what another tab had done. An error in the log that
// is a Python traceback is named by the exception at its end.
//
// A data race is named by the source files of its two accesses, without folder and extension: one lock that
// is missing shows as a race between any two of the lines that should have held it, some others in each
// execution. The detail has the lines.
Symptom symptom_of(const Violation& violation, const History& history);

// Whether a symptom of this name is a race by its very nature, however few users it takes: a sanitizer saw
// two threads.
bool names_a_race(std::string_view symptom);

// Whether it is a report of a sanitizer: each stands for itself, also beside one that may explain it.
bool names_a_report(std::string_view symptom);

// Whether it begins with a check that judge() knows, or is empty.
bool names_a_check(std::string_view symptom);

// A name that was written down when each pair of lines had one.
std::string as_named_now(const std::string& symptom);

} // namespace wsrace
