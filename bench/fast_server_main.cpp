#include "fast_server.hpp"

#include <cstdio>
#include <optional>
#include <string_view>

#include <charconv>
#include <sys/resource.h>

namespace {

constexpr const char* usage =
    "usage: fast_server [--port P] [--event-gap 20ms] [--thinking N]\n"
    "  --port P        0 (default): the kernel chooses; the port is printed\n"
    "  --event-gap T   send the events of a run T (us, ms or s) apart; default: at once\n"
    "  --thinking N    agent_thinking events in each run, default 1\n";

// The number that the text starts with; `rest` is what follows it.
std::optional<long> number(std::string_view text, std::string_view& rest)
{
    long value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc() || value < 0) return std::nullopt;
    rest = text.substr(static_cast<std::size_t>(result.ptr - text.data()));
    return value;
}

bool apply(bench::Options& options, std::string_view name, std::string_view text)
{
    std::string_view unit;
    const auto value = number(text, unit);
    if (!value) return false;
    if (name == "--event-gap") {
        const long factor = unit == "us" ? 1 : unit == "ms" ? 1000 : unit == "s" ? 1'000'000 : 0;
        options.event_gap = std::chrono::microseconds(*value * factor);
        return factor != 0;
    }
    if (name == "--port")
        options.port = static_cast<std::uint16_t>(*value);
    else if (name == "--thinking")
        options.thinking = static_cast<int>(*value);
    else
        return false;
    return unit.empty() && *value <= 65535 && options.thinking >= 1;
}

// As many descriptors as the system lets this process have.
void raise_descriptor_limit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace

int main(int argc, char** argv)
{
    bench::Options options;
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 < argc && apply(options, argv[i], argv[i + 1])) continue;
        std::fputs(usage, stderr);
        return 2;
    }
    raise_descriptor_limit();
    bench::Server(options).serve();
}
