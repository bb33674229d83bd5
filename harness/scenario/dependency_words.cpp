#include "scenario/dependency_words.hpp"

#include "scenario/distribution_reader.hpp"

#include <fmt/format.h>

namespace wsrace {
namespace {

using Kind = DependencyFault::Kind;

std::string span_text(const DependencyFault& fault)
{
    if (fault.during_start) return ", until the server is ready";
    const bool ends = fault.until != Duration::max();
    if (fault.from == Duration{})
        return ends ? fmt::format(", until {} after the spawn", format_duration(fault.until)) : "";
    return ends ? fmt::format(", from {} to {} after the spawn", format_duration(fault.from),
                              format_duration(fault.until))
                : fmt::format(", {}{} after the spawn", fault.kind == Kind::cut ? "" : "from ",
                              format_duration(fault.from));
}

std::string effect_text(const DependencyFault& fault)
{
    switch (fault.kind) {
    case Kind::delay: return fmt::format("every answer {} later", describe(fault.delay));
    case Kind::hang: return "connections are accepted, and nothing is passed on";
    case Kind::refuse: return "connections are refused (reset at once)";
    case Kind::cut: break;
    }
    return "open connections are cut (reset)";
}

} // namespace

std::string_view name(DependencyFault::Kind kind)
{
    switch (kind) {
    case Kind::delay: return "delay";
    case Kind::hang: return "hang";
    case Kind::refuse: return "refuse";
    case Kind::cut: break;
    }
    return "cut";
}

std::string describe(const DependencyFault& fault)
{
    std::string text = fmt::format("{}: {}{}", fault.dependency, effect_text(fault), span_text(fault));
    if (fault.last_connection == DependencyFault{}.last_connection) return text;
    if (fault.first_connection == fault.last_connection)
        return text + fmt::format(", only connection {}", fault.first_connection);
    return text + fmt::format(", only connections {} to {}", fault.first_connection, fault.last_connection);
}

} // namespace wsrace
