// What a violation is a symptom of, without what differs between two executions that met the same bug.
#pragma once

#include "core/history.hpp"
#include "core/verdict.hpp"

#include <compare>
#include <cstdint>
#include <string>

namespace wsrace {

// Which symptoms can follow from each other.
enum class Family : std::uint8_t {
    identity, // data reached somebody else, or somebody got in who should not
    content,  // events twice, or out of order
    failure, // the target failed, and said so: a report, a crash, an error in its log, an end of a connection
    leak,    // something stayed behind: may follow from a failure or a loss, not from a bleed
    loss,    // something did not come, came late, or was refused: may follow from any of the others
    remark,  // a line of the log, a field: something else as a rule, and says nothing of what else is wrong
};

struct Symptom {
    int rank = 0;     // how specific: 0 says most of what is wrong
    std::string name; // "isolation: canary of another user"
    Family family = Family::loss;
    std::string detail; // one of the violations' own signatures
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
Symptom symptom_of(const Violation& violation, const History& history);

} // namespace wsrace
