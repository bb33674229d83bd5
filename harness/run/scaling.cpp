#include "run/scaling.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace wsrace {

std::vector<ScaleStep> scale_steps(const ServerSpec& server)
{
    std::vector<ScaleStep> out;
    if (!server.ingress) return out;
    std::vector<std::uint16_t> there;
    std::uint16_t next = 0;
    while (next < server.instances_at_start()) there.push_back(next++);
    for (const auto& change : server.ingress->scale) {
        for (std::int32_t i = 0; i < std::abs(change.change); ++i) {
            const bool add = change.change > 0;
            if (add) there.push_back(next++);
            out.push_back({.at = change.at, .instance = there.back(), .add = add});
            if (!add) there.pop_back();
        }
    }
    return out;
}

Task<std::string> play_scale_step(Supervisees& shared, Instance& instance, ScaleStep step,
                                  Clock::time_point ready)
{
    std::string problem;
    const auto time = ready + step.at;
    const auto slept = co_await shared.naps.until(time);
    if (!slept) {
        problem = fmt::format("instance {} was not {}, due {} after the server was ready: the users had left "
                              "before",
                              step.instance, step.add ? "added" : "removed", format_duration(step.at));
        co_return problem;
    }
    if (step.add) {
        problem = co_await instance.start();
        if (shared.naps.over()) problem.clear(); // nobody waits for it any more
    } else {
        const auto grace = shared.scenario.target.server->ingress->drain;
        co_await instance.end_for_good(grace);
    }
    co_return problem;
}

} // namespace wsrace
