// The reference server: the embedded target, correct unless a bug of the catalogue is switched on.
#pragma once

#include "reference_server/bugs.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace::reference {

struct BugInfo {
    Bug bug{};
    std::string_view name;
    std::string_view mechanism;
    std::string_view trigger;
    std::string_view symptom;
    std::string_view check;      // ids of the checks that must catch it, comma separated
    std::string_view difficulty; // T: plain load, TT: the right fault, TTT: the right few milliseconds
    std::string_view file;       // where the mistake sits
};

std::span<const BugInfo> bug_catalogue();

struct ParsedBugs {
    BugSet bugs;
    std::vector<std::string> problems; // one sentence for each unknown name, with the nearest known one
};

// Reads "a,b"; blanks around names and empty names are ignored.
ParsedBugs parse_bugs(std::string_view list);

inline constexpr std::string_view development_secret = "wsrace-development-secret-not-for-production";

struct Options {
    std::string bind{"127.0.0.1"};
    std::uint16_t port{0}; // 0: the system chooses
    std::size_t threads{1};
    BugSet bugs;

    std::chrono::microseconds step_delay{5'000}; // between two events of a run; 0 sends them at once
    std::chrono::milliseconds cold_start{0};     // how long the dependencies take behind the open port
    std::chrono::milliseconds auth_delay{0};     // how long each authentication takes
    std::chrono::milliseconds manager_delay{0};  // how long building a user's manager takes
    std::chrono::milliseconds heartbeat{25'000}; // 0: none
    std::size_t auth_workers{0};                 // authentications at a time; 0: all
    std::chrono::milliseconds store_delay{0};    // how long each call to the store takes
    std::size_t store_workers{0};                // calls to the store at a time; 0: all
    std::chrono::milliseconds dependency_timeout{1'000}; // how long auth and store may take to answer
    std::chrono::microseconds bug_window{1'000};         // how long the small writes behind the scenes take
    std::chrono::milliseconds connection_ttl{0}; // a connection not heard of for so long is idle; 0: never

    bool dependencies{false};   // ask auth and store over TCP, of which `serve` starts one each
    std::uint16_t auth_port{0}; // where they listen; 0: the system chooses
    std::uint16_t store_port{0};
    std::string auth_address; // "HOST:PORT", where the server looks for them; empty: where they listen
    std::string store_address;

    std::chrono::seconds access_ttl{900};
    std::chrono::seconds refresh_ttl{86'400};

    std::string tls_certificate; // PEM files; both or neither
    std::string tls_key;
    std::string jwt_secret{development_secret};
    std::string audience{"wsrace"};           // a token that names an audience must name this one
    std::vector<std::string> allowed_origins; // empty: any

    std::size_t max_message_size{65'536};
    std::size_t max_connections{0};    // 0: as many as the system gives
    std::size_t send_queue{1'048'576}; // bytes a connection may have waiting before it is closed with 1013
    int send_buffer{0};                // bytes of each socket's send buffer; 0: the system's choice
    double rate_limit{0};              // upgrades, and messages, per second and user; 0: unlimited
};

// Runs until SIGTERM or SIGINT, then closes every connection with 1001 and returns the exit status. Prints
// "wsrace serve: listening on ADDRESS:PORT" on standard output when the port is open, and with dependencies a
// line for each, "wsrace serve: auth on ADDRESS:PORT, asked at ADDRESS:PORT".
int serve(const Options& options);

// `wsrace serve`: argv[0] is the command's own name and is skipped.
int serve_main(int argc, char** argv);

} // namespace wsrace::reference
