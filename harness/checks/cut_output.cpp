#include "checks/cut_output.hpp"

#include "checks/findings.hpp"

#include <fmt/format.h>

namespace wsrace {

CheckResult unless_cut(const History& history, CheckResult result)
{
    if (result.verdict == Verdict::fail) return result;
    std::string reason;
    for (const Event& event : history.events) {
        if (event.kind != EventKind::log) continue;
        if (event.value != static_cast<std::int32_t>(LogStream::cut)) continue;
        const auto whose =
            history.info.instances > 1 ? fmt::format("instance {}: ", event.slot) : std::string{};
        reason += fmt::format("{}{}{}: nobody has read the lines after {}", reason.empty() ? "" : "; ", whose,
                              history.text(event.text), moment(event.at));
    }
    if (reason.empty()) return result;
    result.verdict = Verdict::inconclusive;
    result.reason = std::move(reason);
    return result;
}

} // namespace wsrace
