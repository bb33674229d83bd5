// All starting gates and constraints of an execution, and each connection's part in them.
#pragma once

#include "run/gate.hpp"
#include "run/step_board.hpp"

#include <memory>
#include <unordered_map>
#include <vector>

namespace wsrace {

// Made before the workers and outlives them; constant while they run, but for what gates and board share.
class Meetings {
public:
    Meetings(const Plan& plan, std::size_t workers);

    void attach(std::size_t worker, DeadlineQueue& deadlines, Recorder& recorder); // before the workers run

    struct Gated {
        std::uint16_t step = 0;
        Moment moment;
        Gate* gate = nullptr;
    };
    struct Bound {
        std::uint16_t step = 0;
        Moment moment;
        std::uint32_t constraint = 0; // its place in the plan
    };
    struct Watched {
        std::uint16_t step = 0;
        Moment moment;
        std::uint32_t watch = 0; // on the board
    };
    // What one connection has to do with others.
    struct Part {
        std::vector<Gated> gates;
        std::vector<Bound> bounds;
        std::vector<Watched> watched;
    };
    const Part* part_of(UserId user, std::uint16_t slot) const; // null: nothing

    StepBoard& board() { return board_; }

private:
    Part& part(const PlannedMoment& place);

    std::vector<std::unique_ptr<Gate>> gates_;
    StepBoard board_;
    std::unordered_map<std::uint64_t, Part> parts_;
};

} // namespace wsrace
