// Users who do not behave as the ordinary journey says: the presets of `users.behaviours`, and how the
// history tells what was done on purpose.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace wsrace {

enum class Behaviour : std::uint8_t {
    leaver,              // goes for good, in the middle of something
    aborter,             // breaks a handshake off, then connects properly
    double_connector,    // opens two connections at once and uses one
    instant_reconnector, // cut in the middle of a run, back at once
    early_sender,        // the first message comes right behind the upgrade
    slow_reader,         // does not read for a while
    tab_closer,          // closes one tab while the other one has a run
    silent_witness,      // connected, asks nothing, must receive nothing
    token_sharer,        // several connections at once with one token
    thread_squatter,     // names another user's thread
    ticket_racer,        // several connections at once with one single-use ticket
    forger,              // comes with tokens that must be refused, then with its own
};

constexpr std::string_view name(Behaviour behaviour)
{
    constexpr std::array<std::string_view, 12> names{
        "leaver",       "aborter",         "double_connector", "instant_reconnector",
        "early_sender", "slow_reader",     "tab_closer",       "silent_witness",
        "token_sharer", "thread_squatter", "ticket_racer",     "forger"};
    return names[static_cast<std::size_t>(behaviour)];
}

// Texts of `fault` events that name what a user does on purpose; each is followed by the word that is said
// here.
inline constexpr std::string_view behaviour_mark = "behaviour: ";         // its name; once per user
inline constexpr std::string_view forged_mark = "forged token: ";         // name(Credential); per attempt
inline constexpr std::string_view shared_ticket_mark = "shared ticket: "; // its number; per attempt
inline constexpr std::string_view squat_mark = "thread of user: ";        // that user's number; per request

} // namespace wsrace
