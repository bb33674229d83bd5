#include "core/cold_start.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

namespace wsrace {

namespace {

struct Spelling {
    std::string_view name;
    std::string_view phrase;
    char letter;
    bool bad;
};

// In the order of ArrivalOutcome.
constexpr std::array<Spelling, arrival_outcomes> spellings{{
    {"good", "all they came for", '.', false},
    {"refused", "connection refused", 'r', false},
    {"retry_later", "told to come back later", 'w', false},
    {"reset", "a connection that is cut", 'R', true},
    {"hang", "no answer in time", 'H', true},
    {"unauthorized", "401 or 403", 'A', true},
    {"unavailable", "503 without Retry-After", 'U', true},
    {"server_error", "another HTTP 5xx", 'E', true},
    {"http_other", "another HTTP status", 'O', true},
    {"internal_error", "1011", 'X', true},
    {"closed", "a close before they are done", 'C', true},
    {"silent", "a connection without events", 'S', true},
    {"incomplete", "a run that fails or lacks events", 'I', true},
    {"gone", "connection refused again", 'G', true},
}};

const Spelling& spelling(ArrivalOutcome outcome) { return spellings[static_cast<std::size_t>(outcome)]; }

std::string anchor_text(const ColdStartReport& report)
{
    return report.anchor == "spawn" ? "the server is spawned" : "the port opens";
}

} // namespace

std::string_view name(ArrivalOutcome outcome) { return spelling(outcome).name; }

std::string_view phrase(ArrivalOutcome outcome) { return spelling(outcome).phrase; }

char letter(ArrivalOutcome outcome) { return spelling(outcome).letter; }

bool is_bad(ArrivalOutcome outcome) { return spelling(outcome).bad; }

std::string offset_text(Duration offset)
{
    const auto milliseconds = std::chrono::duration<double, std::milli>{offset}.count();
    const auto rounded = std::round(milliseconds);
    if (std::abs(milliseconds) >= 100 || std::abs(milliseconds - rounded) < 0.05)
        return fmt::format("{:.0f} ms", rounded);
    return fmt::format("{:.1f} ms", milliseconds);
}

std::string sentence(const ColdStartStretch& window, const ColdStartReport& report)
{
    const auto what = phrase(window.outcome);
    const auto anchor = anchor_text(report);
    if (!window.from.measured && !window.until.measured)
        return fmt::format("users get {} whenever they arrive, up to {} after {}", what,
                           offset_text(window.until.at), anchor);
    if (!window.until.measured)
        return fmt::format("users who arrive later than {} after {} get {}, to the end of the search at {}",
                           offset_text(window.from.at), anchor, what, offset_text(window.until.at));
    return fmt::format("users who arrive between {} and {} after {} get {}", offset_text(window.from.at),
                       offset_text(window.until.at), anchor, what);
}

double users_hit(const ColdStartStretch& window, const ColdStartReport& report)
{
    return report.rate * std::chrono::duration<double>{window.until.at - window.from.at}.count();
}

} // namespace wsrace
