#include "cli/preparation.hpp"

#include "cli/machine.hpp"
#include "cli/options.hpp"
#include "cli/version.hpp"
#include "core/redact.hpp"
#include "net/endpoint.hpp"
#include "net/tls.hpp"
#include "run/capacity.hpp"
#include "run/forgery.hpp"
#include "run/login.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace wsrace::cli {

namespace {

std::string unusable_ca_file(const TargetSpec& target)
{
    if (target.tls_ca_file.empty()) return {};
    try {
        make_tls_context({.verify = target.tls_verify, .ca_file = target.tls_ca_file});
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return {};
}

// Why nothing may be sent to the host, or empty. `name` is what was typed, or an address of it.
std::string denial(const std::string& host, const std::string& name)
{
    const auto* const patterns = std::getenv(deny_list_variable);
    const auto pattern = patterns == nullptr ? std::string{} : denied_by(name, patterns);
    if (pattern.empty()) return {};
    return fmt::format("{} is on the deny list ({}: {}): nothing may be sent to it; give another target",
                       host, deny_list_variable, pattern);
}

// What is typed can be read by everybody on this machine, and stays in a shell's history.
void find_secrets(const RunOptions& options, std::vector<Problem>& problems)
{
    const auto look_at = [&](const char* option, const std::string& text) {
        if (redact(text) == text) return;
        problems.push_back(
            {.file = option,
             .path = {},
             .message = fmt::format("\"{}\" holds a secret, which everybody on this machine can read; "
                                    "put it into the environment (docs/scenario_format.md, "
                                    "\"Profiles\": token_env, password_env)",
                                    redact(text))});
    };
    look_at("--target", options.target);
    // Elsewhere "token" is a word of the scenario: which forged one a user brings.
    RunOptions changes;
    changes.set = options.set;
    const auto overrides = overrides_of(changes);
    for (const auto& [path, value] : overrides.set)
        if (path.starts_with("target") || path.starts_with("profile")) look_at("--set", value);
}

} // namespace

std::string is_seed(const std::string& text)
{
    std::uint64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc{} && stop == end) return {};
    return fmt::format("\"{}\" is not a seed; expected a whole number from 0 to 2^64 - 1", text);
}

std::string repeat_command(std::string_view name, const Arguments& arguments, const RunOptions& options,
                           bool has_seed)
{
    auto out = fmt::format("wsrace {}", name);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto& word = arguments[i];
        bool is_left_out = false; // it says where something goes, not what happens
        for (const std::string option : {"--out", "--store", "--label"}) {
            if (word == option) ++i;
            is_left_out = is_left_out || word == option || word.starts_with(option + "=");
        }
        if (!is_left_out) out += " " + quote(word);
    }
    return has_seed ? out : out + fmt::format(" --seed {}", options.seed);
}

int reject(std::string_view name, const std::vector<Problem>& problems)
{
    for (const auto& problem : problems) fmt::print(stderr, "{}\n", to_string(problem));
    fmt::print(stderr, "wsrace {}: {} mistake{}; nothing was started\n", name, problems.size(),
               problems.size() == 1 ? "" : "s");
    return exit_usage;
}

RunInfo describe(const Scenario& scenario, const RunOptions& options)
{
    const auto& target = scenario.target;
    RunInfo info;
    info.seed = options.seed;
    info.scenario = scenario.name;
    info.scenario_digest = scenario.digest;
    info.version = version;
    info.command = options.command;
    info.target = target.server ? fmt::format("{}", fmt::join(target.server->command, " "))
                                : target.url.substr(0, target.url.find('?'));
    info.started = format_wall_clock(std::chrono::system_clock::now());
    info.machine = machine_description();
    return info;
}

std::vector<Problem> obstacles(const Scenario& scenario)
{
    std::vector<Problem> out;
    const auto add = [&](std::string path, std::string message) {
        if (!message.empty())
            out.push_back({.file = scenario.file, .path = std::move(path), .message = std::move(message)});
    };
    const auto& target = scenario.target;
    if (target.url.empty() && !target.server)
        add("$.target", "the scenario names no target; give --target URL or --server 'COMMAND {port}'");
    bool tls = false;
    if (!target.url.empty()) {
        const auto url = parse_target_url(target.url);
        if (const auto* const problem = std::get_if<std::string>(&url))
            add("$.target.url", *problem);
        else
            tls = std::get<TargetUrl>(url).tls;
    }
    add("$.target.tls.ca_file", unusable_ca_file(target));
    add("$.profile", missing_credentials(scenario.profile));
    add("$.profile.login.secret_env", provide_signing_secret(scenario));
    for (const auto& shortage : shortages(scenario, tls, measure_capacity())) add("$.users", shortage);
    return out;
}

bool is_allowed(std::string_view host, const std::vector<std::string>& allowed)
{
    return std::find(allowed.begin(), allowed.end(), host) != allowed.end();
}

void define_remote_limits(CLI::App& app, RunOptions& options)
{
    app.add_option("--allow-faults-on", options.allow_faults_on,
                   "HOST that faults of the link may reach although it is another machine")
        ->expected(1)
        ->take_all();
    app.add_option("--remote-users", options.remote.users,
                   "at most so many users where the target is another machine")
        ->check(CLI::Range(1U, 1'000'000U))
        ->capture_default_str();
    app.add_option("--remote-rate", options.remote.connections_per_second,
                   "at most so many new connections within a second, likewise")
        ->check(CLI::Range(1U, 1'000'000U))
        ->capture_default_str();
}

std::vector<Problem> unsafe(const Scenario& scenario, const Plan& plan, const RunOptions& options)
{
    const auto parsed = parse_target_url(scenario.target.url);
    const auto* const url = std::get_if<TargetUrl>(&parsed);
    if (scenario.target.url.empty() || url == nullptr) return {}; // a wrong URL is another mistake
    std::vector<Problem> out;
    const auto add = [&](const char* path, std::string message) {
        out.push_back({.file = scenario.file, .path = path, .message = std::move(message)});
    };
    if (auto denied = denial(url->host, url->host); !denied.empty()) {
        add("$.target.url", std::move(denied));
        return out; // its name is not even looked up
    }
    const auto endpoint = resolve(*url);
    const auto* const address = std::get_if<boost::asio::ip::tcp::endpoint>(&endpoint);
    auto denied = address == nullptr ? std::string{} : denial(url->host, address->address().to_string());
    if (!denied.empty()) add("$.target.url", std::move(denied));
    if (address != nullptr && address->address().is_loopback()) return out;
    if (!plan.link_faults.empty() && !is_allowed(url->host, options.allow_faults_on))
        add("$.faults",
            fmt::format("faults of the link would reach {}, which is not this machine and was not "
                        "started by the harness; give --allow-faults-on {} if they may",
                        url->host, url->host));
    for (auto& excess : beyond(options.remote, plan, url->host)) add("$.users", std::move(excess));
    return out;
}

std::vector<Problem> mistakes_in(const RunOptions& options)
{
    namespace fs = std::filesystem;
    std::vector<Problem> out;
    try {
        split_command(options.server);
    } catch (const std::runtime_error& error) {
        out.push_back({.file = "--server", .path = {}, .message = error.what()});
    }
    find_secrets(options, out);
    std::error_code ignored;
    const auto add = [&](const char* message) {
        out.push_back({.file = "--out", .path = options.out.string(), .message = message});
    };
    auto existing = fs::absolute(options.out.empty() ? fs::path{"out"} : options.out);
    if (!options.out.empty() && fs::exists(existing) && !fs::is_directory(existing))
        add("is not a folder");
    else if (!options.out.empty() && fs::exists(existing) && !fs::is_empty(existing, ignored))
        add("is not empty; choose another folder");
    while (!fs::exists(existing, ignored) && existing.has_relative_path()) existing = existing.parent_path();
    if (::access(existing.c_str(), W_OK) != 0) add("cannot be written to; choose another folder");
    return out;
}

Problem not_a_duration(const char* option, const std::string& text)
{
    return {.file = option,
            .path = {},
            .message = fmt::format("\"{}\" is not a duration; expected one as 90s or 5m", text)};
}

std::filesystem::path out_folder(const RunOptions& options, const Scenario& scenario)
{
    if (!options.out.empty()) return options.out;
    return std::filesystem::path{"out"} / fmt::format("{}-{}", scenario.name, to_string(random_run_id()));
}

} // namespace wsrace::cli
