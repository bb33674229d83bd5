#include "target/usage.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace wsrace {

namespace {

namespace fs = std::filesystem;

// The fields of /proc/PID/stat behind the name, which may hold blanks: the first is field 3 of proc(5).
std::vector<std::string> stat_fields(pid_t process)
{
    std::ifstream file{fmt::format("/proc/{}/stat", process)};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) return {};
    std::istringstream rest{text.substr(name_end + 1)};
    std::vector<std::string> fields;
    for (std::string field; rest >> field;) fields.push_back(field);
    return fields;
}

void count_descriptors(pid_t process, Usage& usage)
{
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator{fmt::format("/proc/{}/fd", process), gone}) {
        ++usage.files;
        std::array<char, 16> target{};
        const auto size = ::readlink(entry.path().c_str(), target.data(), target.size());
        if (size > 0 &&
            std::string_view{target.data(), static_cast<std::size_t>(size)}.starts_with("socket:"))
            ++usage.sockets;
    }
}

bool add_usage(pid_t process, Descriptors descriptors, Usage& usage)
{
    constexpr std::size_t user_ticks = 11, system_ticks = 12, threads = 17, resident = 21; // from field 3 on
    const auto fields = stat_fields(process);
    if (fields.size() <= resident) return false;
    const auto ticks = std::stoll(fields[user_ticks]) + std::stoll(fields[system_ticks]);
    static const auto ticks_per_second = ::sysconf(_SC_CLK_TCK);
    static const auto page_kib = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 1024;
    usage.cpu += Duration{std::chrono::seconds{1}} * ticks / ticks_per_second;
    usage.threads += static_cast<std::uint32_t>(std::stoul(fields[threads]));
    usage.memory_kib += std::stoull(fields[resident]) * page_kib;
    if (descriptors == Descriptors::counted) count_descriptors(process, usage);
    return true;
}

} // namespace

std::vector<pid_t> family_of(pid_t process)
{
    std::vector<pid_t> family{process};
    for (std::size_t next = 0; next < family.size(); ++next) {
        std::error_code gone;
        const auto tasks = fmt::format("/proc/{}/task", family[next]);
        for (const auto& task : fs::directory_iterator{tasks, gone}) {
            std::ifstream children{task.path() / "children"};
            for (pid_t child = 0; children >> child;) family.push_back(child);
        }
    }
    return family;
}

std::optional<Usage> usage_of(pid_t process, Descriptors descriptors)
{
    Usage usage;
    if (!add_usage(process, descriptors, usage)) return std::nullopt;
    const auto family = family_of(process);
    for (std::size_t i = 1; i < family.size(); ++i) add_usage(family[i], descriptors, usage);
    return usage;
}

} // namespace wsrace
