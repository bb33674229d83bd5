// A scenario: target, profile, users, journeys, arrival, faults, expectations. Read from JSON, never changed
// afterwards.
#pragma once

#include "core/behaviour.hpp"
#include "core/expectation.hpp"
#include "core/moment.hpp"
#include "core/problem.hpp"
#include "core/step_spec.hpp"
#include "scenario/ingress_spec.hpp"
#include "scenario/link_fault.hpp"
#include "scenario/profile.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace wsrace {

// What each instance of a supervised target may use; 0: as much as there is.
struct ResourceLimits {
    double cpu = 0;               // share of one core, 0.5 is half of one
    std::uint32_t open_files = 0; // descriptors
    std::uint64_t memory = 0;     // bytes of address space
};

// Options for the tools that a supervised target may have been built with or may run under; each is appended
// to what the harness itself sets, so that it wins.
struct ToolOptions {
    std::string thread_sanitizer;      // TSAN_OPTIONS
    std::string address_sanitizer;     // ASAN_OPTIONS, LeakSanitizer's included
    std::string undefined_sanitizer;   // UBSAN_OPTIONS
    std::string go_race;               // GORACE
    std::string python_warnings;       // PYTHONWARNINGS; empty: as it is
    bool python_asyncio_debug = false; // PYTHONASYNCIODEBUG: slows Python down, so only when asked for
};

// Something the server depends on (authentication, a cache, a database). The harness puts a TCP proxy in
// front of it, whose address is `{dependency.NAME}` in the server's command and environment.
struct Dependency {
    std::string name;
    std::string upstream; // HOST:PORT; empty: the server starts it itself, on the port `{upstream.NAME}`
};

// A target that the harness starts, watches and stops. `{port}` in the command becomes a free port of the
// instance, `{instance}` its number.
struct ServerSpec {
    std::vector<std::string> command; // argv; a first word "wsrace" means this program
    std::vector<std::pair<std::string, std::string>> environment;
    std::string working_directory;
    std::uint16_t instances = 1; // user i is served by instance i mod n, or by the next one that is up
    enum class Ready { port_open, http, log } ready = Ready::http;
    std::string ready_path; // http: answered 200; default the profile's health path
    std::string ready_log;  // log: a regular expression (ECMAScript) that a line of its output matches
    Duration port_within = std::chrono::seconds{20};  // from spawn to an open port
    Duration ready_within = std::chrono::seconds{20}; // from spawn to ready
    Duration stop_within = std::chrono::seconds{10};  // SIGTERM, then SIGKILL
    ResourceLimits limits;
    ToolOptions tools;
    std::vector<Dependency> dependencies;
    std::optional<IngressSpec> ingress; // all users then connect to it, and it chooses the instance

    // Instances are numbered: those of `command`, those of the ingress's other revision, those added later.
    std::uint16_t instances_at_start() const;
    std::uint16_t instances_in_all() const;
    bool is_other_revision(std::uint16_t instance) const;
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
        spawn,
        terminating,         // the first SIGTERM of a life-cycle fault
    } after = Anchor::ready; // a URL target is ready from the start
};

// What some of the users do instead of the ordinary journeys: a preset of `users.behaviours`, written out.
struct BehaviourSpec {
    Behaviour kind = Behaviour::leaver;
    double share = 0;        // of all users, drawn per user; 0: `users` says how many
    std::uint32_t users = 0; // so many, drawn
    std::uint16_t connections = 1;
    std::vector<std::vector<StepSpec>> journeys; // connection k: journeys[k mod n]
};

// A delay before a step of some users: what moves a race into its window.
struct DelayFault {
    std::string at; // name of the step (Action) that is delayed, "tls" or "upgrade_sent"
    Distribution delay;
    double share = 1.0;      // of users, drawn per user
    std::uint16_t event = 0; // with at "await_event": what follows that many events is delayed
};

// Something that happens to the supervised server itself.
struct LifeCycleFault {
    enum class Kind {
        pause,           // SIGSTOP, and SIGCONT after `lasting`
        kill,            // SIGKILL, then started again
        terminate,       // SIGTERM; not started again
        restart,         // SIGTERM with grace, then started again
        rolling_restart, // the same for one instance after the other, each once the one before is ready again
        slow_cpu,        // only `share` of a core for `lasting`
    } kind = Kind::pause;
    Arrival::Anchor after = Arrival::Anchor::ready; // of the first start; never terminating
    Duration at{};                                  // after the anchor
    Duration lasting{};
    double share = 1.0;
    std::optional<std::uint16_t> instance{}; // none: all of them
};

std::string_view name(LifeCycleFault::Kind kind);

// What arrivals "after server.sigterm" count from.
bool sends_sigterm(const LifeCycleFault& fault);

// Something that happens to a dependency of the supervised server, on its proxy.
struct DependencyFault {
    enum class Kind {
        delay,  // each answer is held back
        hang,   // connections are accepted, and nothing is passed on
        refuse, // connections are closed at once (RST)
        cut,    // connections that are open are cut (RST) when the time comes
    } kind = Kind::delay;
    std::string dependency;
    Distribution delay;                 // delay
    Duration from{};                    // since the server was spawned
    Duration until = Duration::max();   //
    bool during_start = false;          // only until the server is ready (for the first time)
    std::uint32_t first_connection = 0; // of the dependency, counted from 0
    std::uint32_t last_connection = 0xFFFFFFFFU;
};

// Connections that wait for each other at a moment of their journeys and go on together.
struct StartingGate {
    Moment at;
    std::uint16_t occurrence = 1; // of the moment in each journey that has it so often
    double share = 1.0;           // of users, drawn per user
    std::uint32_t size = 0;       // released in groups of so many, in the order of the users; 0: all
    Duration within = std::chrono::seconds{2}; // how long the first waits for the last
    Duration tolerance = std::chrono::milliseconds{5};
};

// One end of a constraint: a moment of one connection of each of some users.
struct ConstraintEnd {
    Moment at;
    std::uint16_t occurrence = 1;
    std::uint16_t connection = 0;
    enum class Users { all, odd, even, same, previous, next, one } users = Users::all;
    std::uint32_t user = 0; // Users::one
};

// "`step` happens `gap` after `after`". `step` picks users (all, odd, even, one); `after` says for each of
// them whose moment it is (same, previous, next, one). Who has no such other user is not bound.
struct Constraint {
    ConstraintEnd step;
    ConstraintEnd after;
    Distribution gap;
    Duration within = std::chrono::seconds{5}; // how long `step` waits for `after`
    Duration tolerance = std::chrono::milliseconds{1};
};

struct Scenario {
    std::string name;
    std::string description;
    std::string file;      // as given
    std::string canonical; // the JSON after --set, with the whole profile: can be read without another file
    std::string digest;    // SHA-256 of the same without white space, hex
    TargetSpec target;
    Profile profile;
    std::uint32_t users = 1;
    std::uint16_t connections = 1;
    std::vector<TokenCarrier> carriers;          // user i uses carriers[i mod n]; never empty
    std::vector<std::vector<StepSpec>> journeys; // connection k: journeys[k mod n]; repetition is unrolled
    std::vector<BehaviourSpec> behaviours;       // at most one of them for a user
    Arrival arrival;
    bool retry_refused = true; // a refusal with Retry-After is repeated as told, within deadlines.retry
    std::vector<DelayFault> delays;
    std::vector<LifeCycleFault> life_cycle; // as the scenario has them
    std::vector<DependencyFault> dependency_faults;
    std::vector<StartingGate> gates;
    std::vector<Constraint> constraints;
    std::vector<LinkFault> link_faults;
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
