#include "explore/run_folder.hpp"

#include "scenario/digest.hpp"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

namespace wsrace {

namespace {

void write_file(const std::filesystem::path& file, const std::string& text)
{
    std::ofstream out{file, std::ios::binary};
    out << text;
    out.close();
    if (!out) throw std::runtime_error{fmt::format("{}: could not be written", file.string())};
}

} // namespace

RunInfo begin_run_folder(const std::filesystem::path& folder, const Scenario& scenario, const Plan& plan,
                         RunInfo asked)
{
    const auto plan_text = plan_json(plan);
    std::filesystem::create_directories(folder);
    write_file(folder / "plan.json", plan_text);
    write_file(folder / "scenario.json", scenario.canonical);

    auto info = std::move(asked);
    info.run = random_run_id();
    info.seed = plan.seed;
    info.scenario = scenario.name;
    info.scenario_digest = scenario.digest;
    info.plan_digest = sha256_hex(plan_text);
    info.users = static_cast<std::uint32_t>(plan.users.size());
    info.connections = plan.most_connections();
    info.requests = plan.request_count();
    if (scenario.target.server) info.instances = scenario.target.server->instances_in_all();
    return info;
}

} // namespace wsrace
