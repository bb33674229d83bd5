// A scenario: target, profile, users, journeys, arrival, faults, expectations. Read from JSON, never changed
// afterwards.
#pragma once

#include "core/expectation.hpp"
#include "core/problem.hpp"
#include "core/step_spec.hpp"
#include "scenario/profile.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace wsrace {

// A target that the harness starts, watches and stops. `{port}` in the command becomes a free port.
struct ServerSpec {
    std::vector<std::string> command; // argv; a first word "wsrace" means this program
    std::vector<std::pair<std::string, std::string>> environment;
    std::string working_directory;
    enum class Ready { port_open, http } ready = Ready::http;
    std::string ready_path; // http: answered 200; default the profile's health path
    Duration ready_within = std::chrono::seconds{20};
    Duration stop_within = std::chrono::seconds{10}; // SIGTERM, then SIGKILL
};

struct TargetSpec {
    std::string url; // ws://host:port/path or wss://...; empty with `server`
    std::optional<ServerSpec> server;
    bool tls_verify = true;
    std::string tls_ca_file;
};

// When users arrive, relative to the anchor.
struct Arrival {
    enum class Pattern {
        all_at_once, // everybody at 0
        ramp,        // evenly over `over`
        poisson,     // open model: exponential gaps at `rate` per second
        constant,    // open model: equal gaps at `rate` per second
    } pattern = Pattern::all_at_once;
    Duration over{};
    double rate = 0;
    enum class Anchor {
        ready,
        port_open,
        spawn
    } after = Anchor::ready; // a URL target is ready from the start
};

// A delay before a step of some users: what moves a race into its window.
struct DelayFault {
    std::string at; // name of the step (Action) that is delayed
    Distribution delay;
    double share = 1.0; // of users, drawn per user
};

struct Scenario {
    std::string name;
    std::string description;
    std::string file;   // as given
    std::string canonical; // the JSON after --set, as it is stored with a run
    std::string digest; // SHA-256 of the canonical JSON after --set, hex
    TargetSpec target;
    Profile profile;
    std::uint32_t users = 1;
    std::uint16_t connections = 1;
    bool retry_refused = true; // a refusal with Retry-After is repeated after that time, within deadlines.retry
    std::vector<TokenCarrier> carriers; // user i uses carriers[i mod n]; never empty
    std::vector<std::vector<StepSpec>>
        journeys; // connection k follows journeys[k mod n]; repetition is unrolled
    Arrival arrival;
    std::vector<DelayFault> delays;
    Expectations expectations;
};

struct LoadedScenario {
    std::optional<Scenario> scenario; // only if there are no problems
    std::vector<Problem> problems;
};

struct ScenarioOverrides {
    std::vector<std::pair<std::string, std::string>>
        set; // --set path=value: "users.count" = "20"; value is JSON, else a string
};

// Strict: unknown fields, wrong types, duplicate keys, impossible combinations are all reported, each with
// its JSON path. `file` is a path, or the name of a shipped scenario ("golden_path").
LoadedScenario load_scenario(const std::filesystem::path& file, const ScenarioOverrides& overrides = {});

// The same for text that is already in memory; `name` stands in messages, relative profiles are looked up
// beside `directory`.
LoadedScenario parse_scenario(const std::string& text, const std::string& name,
                              const std::filesystem::path& directory,
                              const ScenarioOverrides& overrides = {});

// The shipped folders: WSRACE_DATA, else beside the program (build tree or installed), else the compiled-in
// path.
std::vector<std::filesystem::path> data_folders();

} // namespace wsrace
