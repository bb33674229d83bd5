#include "reports/evidence.hpp"

#include "reports/clean_text.hpp"

#include <fmt/format.h>

#include <array>

namespace wsrace {

namespace {

constexpr std::size_t longest_text = 300;

std::string who(const Event& event)
{
    if (event.user == no_user) return {};
    if (event.is_step(StepKind::login)) return to_string(UserId{event.user}) + ": ";
    auto text = to_string(event.connection());
    const auto is_meeting = event.kind == EventKind::gate || event.kind == EventKind::constraint;
    if (event.request != no_request && !is_meeting) text += fmt::format(", request {}", event.request);
    return text + ": ";
}

std::string step_text(const Event& event)
{
    auto text = fmt::format("step {}: {}", name(event.step()), name(event.outcome));
    if (event.value != 0) text += fmt::format(" {}", event.value);
    if (const auto planned = event.planned()) text += fmt::format(", planned at {}", seconds_text(*planned));
    return text;
}

std::string frame_text(const Event& event)
{
    static constexpr std::array<std::pair<Flag, std::string_view>, 7> flags{
        {{Flag::own_canary, "own canary"},
         {Flag::other_canary, "foreign canary"},
         {Flag::recovered, "marked as recovered"},
         {Flag::bad_timestamp, "timestamp does not parse"},
         {Flag::after_end, "after our end"},
         {Flag::encoded, "encoded"},
         {Flag::failed_status, "status says failed"}}};
    auto text = fmt::format("frame {}, {} bytes", name(event.frame()), event.value);
    for (const auto& [flag, words] : flags)
        if (event.has(flag)) text.append(", ").append(words);
    return text;
}

std::string what(const Event& event)
{
    switch (event.kind) {
    case EventKind::step: return step_text(event);
    case EventKind::frame: return frame_text(event);
    case EventKind::canary:
        return event.has(Flag::corrupt_canary) ? "corrupt canary" : "canary of another connection";
    case EventKind::mention: return "mention";
    case EventKind::schema: return "schema";
    case EventKind::end:
        return event.value != 0 ? fmt::format("end {}, code {}", name(event.end()), event.value)
                                : fmt::format("end {}", name(event.end()));
    case EventKind::log: return std::string{log_stream_name(event.value)};
    case EventKind::life_cycle: return fmt::format("server {} ({})", name(event.life_cycle()), event.value);
    case EventKind::fault: return "fault";
    case EventKind::sample: return fmt::format("server {} {}", name(event.sample()), event.value);
    case EventKind::gate: return fmt::format("gate {} {}", event.request, name(event.gate()));
    case EventKind::constraint: return fmt::format("constraint {}: {}", event.request, name(event.outcome));
    }
    return "invalid";
}

} // namespace

std::string seconds_text(Instant at)
{
    return fmt::format("{:.3f} s", std::chrono::duration<double>{at}.count());
}

std::string event_words(const History& history, std::uint32_t position, bool with_text)
{
    if (position >= history.events.size()) return fmt::format("event {} is not in the history", position);
    const auto& event = history.events[position];
    auto line = what(event);
    const auto add = [&](std::string_view label, Symbol symbol) {
        if (symbol == no_symbol) return;
        line.append(label).append(one_line(clean_text(history.text(symbol)), longest_text));
    };
    add(", run ", event.run);
    add(event.kind == EventKind::frame ? ", item " : " at ", event.item);
    if (with_text) add(": ", event.text);
    return line;
}

std::string event_line(const History& history, std::uint32_t position)
{
    const auto words = event_words(history, position);
    return position < history.events.size() ? who(history.events[position]) + words : words;
}

} // namespace wsrace
