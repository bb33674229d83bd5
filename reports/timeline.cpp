#include "reports/timeline.hpp"

#include "reports/clean_text.hpp"
#include "reports/evidence.hpp"
#include "reports/markdown.hpp"
#include "reports/whole_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace wsrace {

namespace {

constexpr std::size_t longest_row = 110;

bool is_shown(const Event& event)
{
    return event.kind != EventKind::sample && event.kind != EventKind::mention;
}

// Which checks cite an event as proof, by its position.
std::map<std::uint32_t, std::set<std::string>> marks(const RunVerdict& verdict)
{
    std::map<std::uint32_t, std::set<std::string>> out;
    for (const auto& check : verdict.checks)
        for (const auto& violation : check.violations)
            for (const auto position : violation.evidence) out[position].insert(check.id);
    return out;
}

// Those that are shown; of a long run as many as fit, half of them before the first that is proof.
std::vector<std::uint32_t> rows_of(const History& history,
                                   const std::map<std::uint32_t, std::set<std::string>>& proofs)
{
    std::vector<std::uint32_t> rows;
    for (std::uint32_t position = 0; position < history.events.size(); ++position)
        if (is_shown(history.events[position])) rows.push_back(position);
    if (rows.size() <= most_timeline_rows) return rows;
    const auto first = proofs.empty() ? 0 : proofs.begin()->first;
    const auto middle = std::lower_bound(rows.begin(), rows.end(), first) - rows.begin();
    const auto most = static_cast<std::ptrdiff_t>(most_timeline_rows);
    const auto last_begin = static_cast<std::ptrdiff_t>(rows.size()) - most;
    const auto begin = std::clamp<std::ptrdiff_t>(middle - most / 2, 0, last_begin);
    return {rows.begin() + begin, rows.begin() + begin + most};
}

std::string violations_text(const RunVerdict& verdict)
{
    std::string out;
    for (const auto& check : verdict.checks) {
        if (check.violations.empty()) continue;
        const auto& first = check.violations.front();
        out += fmt::format("- **{}** {}; expected: {}\n", markdown::escape(clean_text(check.id)),
                           markdown::code(clean_text(first.message)),
                           markdown::code(clean_text(first.expected)));
    }
    return out;
}

} // namespace

std::string timeline_markdown(const ReportInput& input)
{
    const auto& history = input.history;
    const auto proofs = marks(input.verdict);
    const auto rows = rows_of(history, proofs);
    auto out =
        fmt::format("# Timeline of run {}\n\n{}\n\n{}\n", to_string(input.info.run),
                    markdown::escape(clean_text(input.verdict.summary)), violations_text(input.verdict));
    if (rows.empty()) return out + "Nothing happened.\n";
    out += "Times in ms since the first row, and since the row before; `<` marks what proves a "
           "violation.\n\n```\n";
    const auto begin = history.events[rows.front()].at;
    auto before = begin;
    for (const auto position : rows) {
        const auto at = history.events[position].at;
        const auto proof = proofs.find(position);
        out +=
            fmt::format("{:10.3f} {:+9.3f}  {}{}\n", static_cast<double>((at - begin).count()) / 1e6,
                        static_cast<double>((at - before).count()) / 1e6,
                        one_line(clean_text(event_line(history, position)), longest_row),
                        proof == proofs.end() ? "" : fmt::format("  < {}", fmt::join(proof->second, ", ")));
        before = at;
    }
    return out + "```\n";
}

void write_timeline(const std::filesystem::path& folder, const ReportInput& input)
{
    write_whole(folder / "timeline.md", timeline_markdown(input));
}

} // namespace wsrace
