// What one check has found so far, and the verdict that follows from it. Every check ends in exactly one of these calls.
#pragma once

#include "core/history.hpp"
#include "core/verdict.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

inline constexpr std::uint32_t nowhere = 0xFFFFFFFFU; // a position in History::events that there is not

class Findings {
  public:
    Findings(std::string_view check, std::string_view sample_unit);

    void judged(std::uint64_t count = 1) { result_.sample_size += count; }
    std::uint64_t sample_size() const { return result_.sample_size; }
    bool clean() const { return result_.violation_count == 0; }

    // Takes `violation` over: its check and the check's name in front of its signature are filled in, evidence is sorted and cut.
    void add(Violation violation);

    // fail when something was found, else pass when something was judged, else inconclusive because of `why_nothing`.
    CheckResult result(std::string_view why_nothing) &&;
    // As result(), but where nothing was judged and nothing found: the check does not apply.
    CheckResult result_or_skipped(std::string_view why_not_applicable) &&;

  private:
    void keep_first();

    CheckResult result_;
};

CheckResult skipped(std::string_view check, std::string_view why);
CheckResult inconclusive(std::string_view check, std::string_view why);

// A violation seen in the event at `position`, whose connection, request and time it takes.
Violation violation_at(const History& history, std::uint32_t position, std::string signature, std::string message,
                       std::string expected);

// "1.234 s": an instant as messages name it.
std::string moment(Instant at);

// "user 3, connection 1, request 0" or without the request where the event has none.
std::string who(const Event& event);

} // namespace wsrace
