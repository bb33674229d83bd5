#include "cli/interruption.hpp"
#include "cli/options.hpp"
#include "cli/preparation.hpp"
#include "faults/standalone_proxy.hpp"
#include "run/remote_limits.hpp"
#include "scenario/data_folders.hpp"
#include "scenario/link_reader.hpp"
#include "scenario/link_words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

namespace wsrace::cli {

namespace {

constexpr auto proxy_examples = R"(Examples:
  wsrace proxy --upstream 127.0.0.1:8000
  wsrace proxy --listen 127.0.0.1:9000 --upstream 127.0.0.1:8000 \
               --fault '{"link": {"latency": "40ms", "jitter": "20ms"}}'
  wsrace proxy --upstream 127.0.0.1:8000 --fault '{"link": {"reset": true}, "after": {"event": 2}}'
  wsrace proxy --upstream 127.0.0.1:8000 --fault '{"link": {"stall": "2s"}, "on": "tool_executing"}'
  wsrace proxy --upstream 127.0.0.1:8000 --faults faults.json --seed 7 --log activations.jsonl

A fault is what a scenario has in "faults" (docs/scenario_format.md, "Faults of the link"), without "users".
Connections are counted from 0, in the order in which they came.

Prints its address, and at its end (Ctrl-C or SIGTERM) how often each fault acted.
Exit status: 0 ended when asked to, 2 usage or invalid input, 3 the proxy itself failed.)";

struct ProxyOptions {
    std::string listen = "127.0.0.1:0";
    std::string upstream;
    std::vector<std::string> faults; // JSON
    std::string faults_file;
    std::uint64_t seed = 0;
    std::string log;
    std::vector<std::string> allowed;
    bool tls = false;
};

void define(CLI::App& app, ProxyOptions& options)
{
    app.add_option("--listen", options.listen, "HOST:PORT to listen on; port 0: one that is free")
        ->capture_default_str();
    app.add_option("--upstream", options.upstream, "HOST:PORT of the server")->required();
    app.add_option("--fault", options.faults, "a fault, as JSON; may be repeated")->expected(1)->take_all();
    app.add_option("--faults", options.faults_file, "a file with a JSON list of faults");
    app.add_option("--seed", options.seed, "of what is drawn, below 2^64; drawn if not given, and printed")
        ->check(is_seed);
    app.add_option("--log", options.log,
                   "a file that gets one line of JSON each time a fault first acts on a "
                   "connection");
    app.add_flag("--tls", options.tls, "what passes is TLS: only faults of bytes and times");
    app.add_option("--allow-faults-on", options.allowed, "HOST of an upstream on another machine, for faults")
        ->expected(1)
        ->take_all();
    app.footer(proxy_examples);
}

void read_faults(const std::string& text, const std::string& name, bool is_list, const ProxyOptions& options,
                 std::vector<LinkFault>& faults, std::vector<Problem>& problems)
{
    Mistakes mistakes(name, problems);
    const auto document = parse_strict_json(text, mistakes);
    if (!document) return;
    const JsonNode root(*document, "$", mistakes);
    const LinkPlace place{.has_users = false, .plain_text = !options.tls, .users = 0};
    if (!is_list) {
        faults.push_back(read_link_fault(root, place));
        return;
    }
    for (const auto& node : root.items("faults")) faults.push_back(read_link_fault(node, place));
}

std::vector<LinkFault> read_all(const ProxyOptions& options, std::vector<Problem>& problems)
{
    std::vector<LinkFault> faults;
    for (const auto& fault : options.faults) read_faults(fault, "--fault", false, options, faults, problems);
    if (options.faults_file.empty()) return faults;
    if (const auto text = read_text_file(options.faults_file))
        read_faults(*text, options.faults_file, true, options, faults, problems);
    else
        problems.push_back({.file = options.faults_file, .path = {}, .message = "cannot be read"});
    return faults;
}

// What is counted and logged while the proxy runs.
class Activations {
public:
    Activations(const std::vector<LinkFault>& faults, const std::string& log)
        : faults_{faults}, counts_(faults.size())
    {
        if (log.empty()) return;
        file_.open(log);
        if (!file_) throw std::runtime_error{log + ": cannot be written"};
    }

    void add(const faults::LinkActivation& activation, std::chrono::steady_clock::time_point start)
    {
        ++counts_[activation.fault];
        if (!file_.is_open()) return;
        const nlohmann::ordered_json line{{"at_ns", (activation.at - start).count()},
                                          {"connection", activation.connection.number},
                                          {"fault", activation.fault},
                                          {"text", effect_of(faults_[activation.fault])}};
        file_ << line.dump() << std::endl; // a reader may follow it
    }

    void print() const
    {
        for (std::size_t i = 0; i < faults_.size(); ++i)
            fmt::print("fault {}: acted on {} connection{}: {}\n", i, counts_[i], counts_[i] == 1 ? "" : "s",
                       describe(faults_[i]));
    }

private:
    const std::vector<LinkFault>& faults_;
    std::vector<std::uint64_t> counts_;
    std::ofstream file_;
};

std::string host_of(const ProxyOptions& options)
{
    return options.upstream.substr(0, options.upstream.rfind(':'));
}

// Whether the environment says that nothing may be sent to the upstream.
bool is_denied(const ProxyOptions& options)
{
    const auto* const patterns = std::getenv(deny_list_variable);
    const auto pattern = patterns == nullptr ? std::string{} : denied_by(host_of(options), patterns);
    if (pattern.empty()) return false;
    fmt::print(stderr, "wsrace proxy: {} is on the deny list ({}: {}): nothing may be sent to it\n",
               host_of(options), deny_list_variable, pattern);
    return true;
}

int serve(const ProxyOptions& options, const std::vector<LinkFault>& link_faults)
{
    if (is_denied(options)) return exit_usage;
    const Interruption interruption;
    std::chrono::steady_clock::time_point start;
    std::unique_ptr<StandaloneProxy> proxy;
    std::unique_ptr<Activations> activations;
    const StandaloneSetup setup{
        .listen = options.listen,
        .upstream = options.upstream,
        .faults = link_faults,
        .seed = options.seed,
        .plain_text = !options.tls,
        .note = [&](const faults::LinkActivation& activation) { activations->add(activation, start); }};
    try {
        proxy = std::make_unique<StandaloneProxy>(setup);
        activations = std::make_unique<Activations>(link_faults, options.log);
    } catch (const std::runtime_error& error) {
        fmt::print(stderr, "wsrace proxy: {}\n", error.what());
        return exit_usage;
    }
    const auto host = host_of(options);
    if (!link_faults.empty() && !proxy->upstream_is_local() && !is_allowed(host, options.allowed)) {
        fmt::print(stderr,
                   "wsrace proxy: {} is on another machine; give --allow-faults-on {} if faults may "
                   "reach it\n",
                   host, host);
        return exit_usage;
    }
    start = proxy->start();
    fmt::print("listening on {}\nseed {}\n", proxy->address(), options.seed);
    std::fflush(stdout);
    proxy->run(interruption.token());
    fmt::print("{} connections\n", proxy->accepted());
    activations->print();
    if (proxy->problem().empty()) return exit_pass;
    fmt::print(stderr, "wsrace proxy: {}\n", proxy->problem());
    return exit_inconclusive;
}

} // namespace

int proxy_command(const Arguments& arguments)
{
    ProxyOptions options;
    CLI::App app{"A TCP proxy that understands WebSockets and makes the link bad in ways that you choose.",
                 "wsrace proxy"};
    define(app, options);
    if (const auto status = parse(app, arguments)) return *status;
    if (app.count("--seed") == 0) options.seed = std::random_device{}();
    std::vector<Problem> problems;
    const auto link_faults = read_all(options, problems);
    if (!problems.empty()) return reject("proxy", problems);
    return serve(options, link_faults);
}

} // namespace wsrace::cli
