// When the target was not there to answer: a connection that ends then says nothing about its handling of connections.
#pragma once

#include "core/history.hpp"

#include <vector>

namespace wsrace {

struct Outage {
    Instant begin{};
    Instant end{};     // when it was spawned again; the end of time when it was not
    bool ours = false; // the harness terminated or killed it; else it crashed or left on its own
};

class Outages {
  public:
    explicit Outages(const History& history);

    bool ours(Instant at) const; // the harness had taken the target down at that time
    bool any(Instant at) const;  // it was down, whoever did it

  private:
    std::vector<Outage> outages_; // in order
};

} // namespace wsrace
