// Whose is an id that the target made? Worked out from the canaries that accompany it, since ids on the wire
// are incomplete.
//
// - A user id belongs to the user whose login named it.
// - A run id belongs to the request whose canary accompanies it most often; the first wins a tie.
// - A thread id belongs to the user who named it in a request; else to the user whose canary accompanied it
// (in
//   a field "thread_id") most often, the first winning a tie.
//
// No evidence, so nobody's: ids shorter than three characters; ids that two users logged in with or named;
// observed thread ids without a digit ("default"); observed ids of a kind of which more than half are shared
// by several users: a constant, or numbers that the target gives out for each user anew.
#pragma once

#include "core/history.hpp"

#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace wsrace {

class IdOwners {
public:
    IdOwners(const History& history, const std::vector<ConnectionTrace>& connections);

    std::optional<RequestId> request_of(Symbol run_id) const;
    std::optional<UserId> user_of(Symbol id) const; // of any kind

    // "user id", "run id" or "thread id"; only for one that user_of() knows.
    std::string_view kind_of(Symbol id) const;

private:
    enum class Kind : std::uint8_t { user, run, thread };
    struct Owner {
        UserId user;
        Kind kind;
        bool ambiguous = false;
    };
    struct Claim {
        RequestId request; // of a thread: only the user counts
        std::uint32_t count = 0;
        std::uint32_t first = 0; // position
    };
    using Claims = std::unordered_map<Symbol, std::vector<Claim>>;

    void read_steps(const History& history);
    void read_frames(const History& history, const ConnectionTrace& connection, Claims& runs,
                     Claims& threads) const;
    void settle(const History& history, const Claims& claims, Kind kind);
    void assign(const History& history, Symbol id, UserId user, Kind kind);
    static bool are_unique(const Claims& claims);
    static void claim(Claims& claims, Symbol id, RequestId by, std::uint32_t position);

    std::unordered_map<Symbol, Owner> owners_;
    std::unordered_map<Symbol, RequestId> requests_;
};

} // namespace wsrace
