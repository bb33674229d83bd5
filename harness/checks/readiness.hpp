// When an instance of the target was ready to serve, by its own word.
#pragma once

#include "core/history.hpp"

#include <map>
#include <optional>
#include <vector>

namespace wsrace {

class Readiness {
public:
    // `by_word`: it says itself when it is ready (Expectations::ready_by_word).
    Readiness(const History& history, bool by_word);

    // Whether the instance was not ready at that time: spawned, and it had not said yet that it was; or asked
    // to end. Of one that does not say itself when it is ready, its open port does where nothing else did.
    // Never of one without a life cycle.
    bool starting(std::uint16_t instance, Instant at) const;
    bool ending(std::uint16_t instance, Instant at) const;

    // When it said so for the last time before `at`, if it was still up then.
    std::optional<Instant> said_ready(std::uint16_t instance, Instant at) const;

private:
    enum class State : std::uint8_t { starting, ready, ending, gone };
    struct Change {
        Instant at{};
        State state = State::gone;
    };

    const Change* last_change(std::uint16_t instance, Instant at) const;

    std::map<std::uint16_t, std::vector<Change>> changes_; // by instance, in order
    bool port_speaks_ = false;                             // nothing else says when it is ready
};

} // namespace wsrace
