// What the users of one worker share. Lives on the worker's thread, as long as its users.
#pragma once

#include "core/canary.hpp"
#include "net/deadline_queue.hpp"
#include "plan/plan.hpp"
#include "run/play_target.hpp"
#include "run/progress.hpp"
#include "run/recorder.hpp"
#include "run/scanner.hpp"
#include "scenario/scenario.hpp"

#include <string>
#include <vector>

namespace wsrace {

class Meetings;

struct WorkerContext {
    const Scenario& scenario;
    const Plan& plan;
    const PlayTarget& target;
    RunId run;
    Clock::time_point anchor; // arrivals count from here
    Progress& progress;
    DeadlineQueue& deadlines;
    Recorder& recorder;
    FrameScanner& scanner;
    Meetings& meetings;
    std::size_t worker; // its number
    std::vector<std::vector<std::string>>
        requests; // templates, by journey and step; empty where a step is none
};

} // namespace wsrace
