#include "reference_server/log.hpp"

#include "reference_server/clock.hpp"

#include <cstdio>
#include <fmt/format.h>

namespace wsrace::reference {

namespace {

void write_line(std::string_view level, std::string_view component, std::string_view message)
{
    const auto line = fmt::format("{} {} {} {}\n", timestamp_now(), level, component, message);
    std::fwrite(line.data(), 1, line.size(), stderr);
}

} // namespace

void log_warning(std::string_view component, std::string_view message)
{
    write_line("warning", component, message);
}

void log_error(std::string_view component, std::string_view message)
{
    write_line("error", component, message);
}

} // namespace wsrace::reference
