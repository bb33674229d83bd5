#include "reference_server/server.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>

namespace wsrace::reference {

namespace {

constexpr auto examples = R"(Examples:
  wsrace serve                                         the correct server on a free port
  wsrace serve --port 8080 --threads 2                 on a fixed port, with two threads
  wsrace serve --bug shared_manager,two_emitters       with two mistakes switched on
  wsrace serve --cold-start 800ms                      the port is open at once, the dependencies take 0.8 s
  wsrace serve --step-delay 0ms                        all events of a run at once
  wsrace serve --tls-cert cert.pem --tls-key key.pem   with TLS
  wsrace serve --dependencies                          auth and store are asked over TCP
  wsrace serve --list-bugs                             what can go wrong, and when

Durations are numbers with a unit: 500us, 5ms, 2s, 1m; a bare number counts milliseconds.
Exit status: 0 stopped by SIGTERM or SIGINT, 2 wrong options, 3 no such port or host.)";

// Reads "5ms", "1.5s", "2m" or "5"; throws CLI11's error otherwise.
std::chrono::microseconds parse_duration(const std::string& option, const std::string& text)
{
    double number = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    const std::string_view unit{rest, static_cast<std::size_t>(end - rest)};
    double factor = 0;
    if (unit == "us") factor = 1;
    if (unit == "ms" || unit.empty()) factor = 1e3;
    if (unit == "s") factor = 1e6;
    if (unit == "m" || unit == "min") factor = 60e6;
    if (error != std::errc{} || factor == 0 || !(number >= 0 && number * factor < 1e14)) {
        throw CLI::ValidationError{option, fmt::format("\"{}\" is not a duration such as 5ms or 2s", text)};
    }
    return std::chrono::microseconds{static_cast<std::int64_t>(number * factor)};
}

template <class Duration>
void add_duration(CLI::App& app, const std::string& name, Duration& target, const std::string& description)
{
    const auto shown = std::chrono::duration_cast<std::chrono::milliseconds>(target).count();
    app.add_option_function<std::string>(
           name,
           [name, &target](const std::string& text) {
               target = std::chrono::duration_cast<Duration>(parse_duration(name, text));
           },
           description)
        ->type_name("DURATION")
        ->default_str(fmt::format("{}ms", shown));
}

// "50" or "50/s".
void read_rate(const std::string& text, double& rate)
{
    const auto number = text.ends_with("/s") ? text.substr(0, text.size() - 2) : text;
    const auto* end = number.data() + number.size();
    const auto [rest, error] = std::from_chars(number.data(), end, rate);
    if (error != std::errc{} || rest != end || !(rate >= 0)) {
        throw CLI::ValidationError{"--rate-limit", fmt::format("\"{}\" is not a rate such as 50/s", text)};
    }
}

void read_bugs(const std::string& list, BugSet& bugs)
{
    const auto parsed = parse_bugs(list);
    if (!parsed.problems.empty()) {
        throw CLI::ValidationError{"--bug", fmt::format("{}", fmt::join(parsed.problems, "; "))};
    }
    for (const auto& bug : bug_catalogue()) {
        if (parsed.bugs.has(bug.bug)) bugs.add(bug.bug);
    }
}

void read_secret(const std::string& variable, std::string& secret)
{
    const char* value = std::getenv(variable.c_str());
    if (value == nullptr || *value == '\0') {
        throw CLI::ValidationError{"--jwt-secret-env", fmt::format("{} is not set", variable)};
    }
    secret = value;
}

// Empty when it has the form HOST:PORT; whether there is such a host is found out when the server starts.
std::string check_address(const std::string& address)
{
    const auto colon = address.rfind(':');
    const auto* end = address.data() + address.size();
    std::uint16_t port = 0;
    if (colon != std::string::npos && colon > 0) {
        const auto [rest, error] = std::from_chars(address.data() + colon + 1, end, port);
        if (error == std::errc{} && rest == end && port > 0) return {};
    }
    return fmt::format("\"{}\" is not an address; expected HOST:PORT, such as 127.0.0.1:9001", address);
}

void add_network_options(CLI::App& app, Options& options)
{
    app.add_option("--port", options.port, "Port to listen on; 0: a free one")->capture_default_str();
    app.add_option("--bind", options.bind, "Address to listen on")->capture_default_str();
    app.add_option("--threads", options.threads, "Threads; each connection lives on one")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    auto* certificate =
        app.add_option("--tls-cert", options.tls_certificate, "Certificate chain (PEM); needs --tls-key");
    auto* key = app.add_option("--tls-key", options.tls_key, "Private key (PEM)");
    certificate->check(CLI::ExistingFile)->needs(key);
    key->check(CLI::ExistingFile)->needs(certificate);
    app.add_option("--allow-origin", options.allowed_origins,
                   "Origin to accept, others get 403; default: any");
}

void add_timing_options(CLI::App& app, Options& options)
{
    add_duration(app, "--step-delay", options.step_delay, "Pause between two events of a run");
    add_duration(app, "--cold-start", options.cold_start, "Time the dependencies take behind the open port");
    add_duration(app, "--auth-delay", options.auth_delay,
                 "Time each authentication takes; see --dependency-timeout");
    add_duration(app, "--heartbeat", options.heartbeat, "Time between two heartbeat frames; 0: none");
    add_duration(app, "--access-ttl", options.access_ttl, "Life of an access token");
    add_duration(app, "--manager-delay", options.manager_delay, "Time a user's manager takes to be built");
    add_duration(app, "--bug-window", options.bug_window,
                 "Time of small writes behind the scenes (a ticket used up, a connection tidied up, what was "
                 "kept read back), in which some bugs have their window");
    add_duration(app, "--connection-ttl", options.connection_ttl,
                 "A connection that has said nothing for so long counts as idle; 0: never");
}

void add_limit_options(CLI::App& app, Options& options)
{
    app.add_option("--max-message-size", options.max_message_size,
                   "Largest message, in bytes; beyond: close 1009")
        ->check(CLI::Range(128, 16'777'216))
        ->capture_default_str();
    app.add_option("--max-connections", options.max_connections, "Beyond: 503 and Retry-After; 0: unlimited")
        ->capture_default_str();
    app.add_option("--send-queue", options.send_queue,
                   "Bytes that may wait for a connection that is slow to read; beyond: close 1013")
        ->check(CLI::Range(1'024, 1'073'741'824))
        ->capture_default_str();
    app.add_option("--send-buffer", options.send_buffer,
                   "Send buffer of each socket, in bytes, as the system rounds it; 0: the system's choice")
        ->check(CLI::Range(0, 67'108'864))
        ->capture_default_str();
    app.add_option_function<std::string>(
           "--rate-limit", [&options](const std::string& text) { read_rate(text, options.rate_limit); },
           "Upgrades, and messages, per second and user; beyond: 429, or close 1008; 0: unlimited")
        ->type_name("N/s")
        ->default_str("0");
    app.add_option_function<std::string>(
           "--jwt-secret-env", [&options](const std::string& name) { read_secret(name, options.jwt_secret); },
           "Environment variable with the key that signs tokens; default: a fixed key for development")
        ->type_name("NAME");
    app.add_option("--audience", options.audience, "A token that names audiences must name this one")
        ->capture_default_str();
}

void add_dependency_options(CLI::App& app, Options& options)
{
    auto* wanted = app.add_flag("--dependencies", options.dependencies,
                                "Starts an auth and a store service, and asks them over TCP");
    app.add_option("--auth-port", options.auth_port, "Port of the auth service; 0: a free one")
        ->needs(wanted)
        ->capture_default_str();
    app.add_option("--store-port", options.store_port, "Port of the store service; 0: a free one")
        ->needs(wanted)
        ->capture_default_str();
    app.add_option(
           "--auth-address", options.auth_address,
           "Where the server looks for auth, such as a proxy in front of it; default: the service itself")
        ->needs(wanted)
        ->check(check_address)
        ->type_name("HOST:PORT");
    app.add_option("--store-address", options.store_address, "The same for the store")
        ->needs(wanted)
        ->check(check_address)
        ->type_name("HOST:PORT");
    add_duration(app, "--dependency-timeout", options.dependency_timeout,
                 "Time that auth and store may take to answer");
    add_duration(app, "--store-delay", options.store_delay, "Time each call to the store takes");
    app.add_option("--auth-workers", options.auth_workers, "Authentications at a time; 0: all")
        ->capture_default_str();
    app.add_option("--store-workers", options.store_workers, "Calls to the store at a time; 0: all")
        ->capture_default_str();
}

void list_bugs()
{
    for (const auto& bug : bug_catalogue()) {
        const auto text = fmt::format(
            "{} ({})\n  mistake: {}\n  trigger: {}\n  symptom: {}\n  checks:  {}\n  place:   {}\n", bug.name,
            bug.difficulty, bug.mechanism, bug.trigger, bug.symptom, bug.check, bug.file);
        std::fputs(text.c_str(), stdout);
    }
}

// "isolation,five_events" as "`isolation`, `five_events`".
std::string as_code(std::string_view list)
{
    std::string out;
    for (const char c : list) out += c == ',' ? std::string{"`, `"} : std::string{c};
    return fmt::format("`{}`", out);
}

// docs/races.md.
void print_bugs_page()
{
    std::fputs(
        "# The races of the reference server\n\n"
        "Mistakes that real servers make, each a few lines where it would really sit; `wsrace serve --bug "
        "NAME` "
        "switches one\non, and what opens its window further is `--bug-window`. This page is the output of\n"
        "`wsrace serve --list-bugs --markdown`; which scenario finds which is in "
        "[scenarios](../scenarios/README.md).\n\n"
        "T: plain load shows it. TT: it needs the right fault. TTT: it needs the right few milliseconds.\n\n"
        "| bug | mistake | trigger | symptom | checks | | place |\n|---|---|---|---|---|---|---|\n",
        stdout);
    for (const auto& bug : bug_catalogue()) {
        const auto row = fmt::format("| `{}` | {} | {} | {} | {} | {} | `{}` |\n", bug.name, bug.mechanism,
                                     bug.trigger, bug.symptom, as_code(bug.check), bug.difficulty, bug.file);
        std::fputs(row.c_str(), stdout);
    }
}

} // namespace

int serve_main(int argc, char** argv)
{
    Options options;
    CLI::App app{
        "The reference server: speaks the agent-event protocol, correct unless a bug is switched on.",
        "wsrace serve"};
    app.footer(examples);
    add_network_options(app, options);
    add_timing_options(app, options);
    add_limit_options(app, options);
    add_dependency_options(app, options);
    bool wants_list = false, wants_page = false;
    app.add_option_function<std::string>(
           "--bug", [&options](const std::string& list) { read_bugs(list, options.bugs); },
           "Mistakes to switch on, comma separated")
        ->type_name("NAME[,NAME]");
    auto* const list = app.add_flag("--list-bugs", wants_list, "Describes the mistakes and exits");
    app.add_flag("--markdown", wants_page, "With --list-bugs: as a page")->needs(list);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (wants_list) {
        wants_page ? print_bugs_page() : list_bugs();
        return 0;
    }
    return serve(options);
}

} // namespace wsrace::reference
