#include "core/history.hpp"

#include <algorithm>

namespace wsrace {

std::string_view History::text(Symbol symbol) const
{
    const auto index = static_cast<std::size_t>(symbol);
    return index < texts_.size() ? std::string_view{texts_[index]} : std::string_view{};
}

Symbol History::intern(std::string_view text)
{
    if (text.empty()) return no_symbol;
    const auto [entry, inserted] =
        symbols_.try_emplace(std::string{text}, Symbol{static_cast<std::uint32_t>(texts_.size())});
    if (inserted) texts_.emplace_back(text);
    return entry->second;
}

namespace {

bool belongs_to_connection(const Event& event)
{
    if (event.user == no_user) return false;
    switch (event.kind) {
    case EventKind::step: return event.step() != StepKind::login;
    case EventKind::log:
    case EventKind::life_cycle:
    case EventKind::sample:
    case EventKind::gate:
    case EventKind::constraint: return false;
    default: return true;
    }
}

} // namespace

std::vector<ConnectionTrace> connections_of(const History& history)
{
    std::vector<std::uint32_t> order;
    order.reserve(history.events.size());
    for (std::uint32_t at = 0; at < history.events.size(); ++at)
        if (belongs_to_connection(history.events[at])) order.push_back(at);
    std::stable_sort(order.begin(), order.end(), [&history](std::uint32_t a, std::uint32_t b) {
        return history.events[a].connection() < history.events[b].connection();
    });

    std::vector<ConnectionTrace> out;
    for (const auto at : order) {
        const auto id = history.events[at].connection();
        if (out.empty() || out.back().id != id) out.push_back({.id = id, .events = {}});
        out.back().events.push_back(at);
    }
    return out;
}

} // namespace wsrace
