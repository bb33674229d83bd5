#include "cli/preparation.hpp"

#include "cli/machine.hpp"
#include "cli/version.hpp"
#include "net/endpoint.hpp"
#include "net/tls.hpp"
#include "run/capacity.hpp"
#include "run/forgery.hpp"
#include "run/login.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <charconv>

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

std::vector<Problem> forbidden_faults(const Scenario& scenario, const std::vector<std::string>& allowed)
{
    if (scenario.link_faults.empty() || scenario.target.url.empty()) return {};
    const auto parsed = parse_target_url(scenario.target.url);
    const auto* const url = std::get_if<TargetUrl>(&parsed);
    if (url == nullptr || is_allowed(url->host, allowed)) return {}; // a wrong URL is another mistake
    const auto endpoint = resolve(*url);
    const auto* const address = std::get_if<boost::asio::ip::tcp::endpoint>(&endpoint);
    if (address != nullptr && address->address().is_loopback()) return {};
    return {
        {.file = scenario.file,
         .path = "$.faults",
         .message = fmt::format("faults of the link would reach {}, which is not this machine and was not "
                                "started by the harness; give --allow-faults-on {} if they may",
                                url->host, url->host)}};
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
