// What a supervised target uses before its users come, and after they have left.
#pragma once

#include "run/instance.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace wsrace {

using Instances = std::vector<std::unique_ptr<Instance>>;

// Samples go into the journal; the check `baseline` judges them. Used on the supervising thread only.
class Levels {
public:
    Levels(Supervisees& shared, const Instances& instances) : shared_{shared}, instances_{instances} {}

    Task<void> take_before();

    // Samples until every instance is back at the level before, or deadlines.baseline has passed. Nothing
    // without a level before.
    Task<void> await_return();

    // Processor time, memory and threads now and then, until all naps end.
    Task<void> watch();

private:
    struct Level {
        pid_t process = 0;
        Usage usage;
        std::map<std::string, std::int64_t> counters;
    };

    Task<Level> take(const Instance& instance);
    bool is_back(const Level& before, const Level& now) const;

    Supervisees& shared_;
    const Instances& instances_;
    std::vector<Level> before_; // by instance
};

} // namespace wsrace
