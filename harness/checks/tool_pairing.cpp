// Each tool_executing has its own tool_completed after it, by execution id, else by tool name.
//
// A tool that never completed is judged only in a run that says it succeeded: one that failed, was stopped,
// lost or cut off may leave a tool behind, and so may a reset of ours. A run without any tool event is for
// `five_events`.
#include "checks/applicable.hpp"

#include <fmt/format.h>

namespace wsrace {

namespace {

class ToolPairing {
public:
    explicit ToolPairing(const History& history) : history_(history), findings_("tool_pairing", "tool calls")
    {}

    CheckResult judge(std::span<const Run> runs) &&
    {
        for (const Run& run : runs) judge(run);
        return std::move(findings_).result("no tool was executed");
    }

private:
    void judge(const Run& run)
    {
        std::vector<std::uint32_t> waiting;
        std::vector<std::uint32_t> orphans;
        std::size_t executed = 0;
        for (const auto position : run.frames) {
            const Event& frame = history_.events[position];
            if (frame.is_frame(FrameType::tool_executing)) {
                waiting.push_back(position);
                ++executed;
            } else if (frame.is_frame(FrameType::tool_completed) && !pair(waiting, frame)) {
                orphans.push_back(position);
            }
        }
        findings_.judged(executed);
        if (executed == 0) return;
        under_way(run, waiting, orphans);
        if (was_thrown_away(run, FrameType::tool_executing) && !orphans.empty()) orphans.pop_back();
        if (was_thrown_away(run, FrameType::tool_completed) && !waiting.empty()) waiting.pop_back();
        for (const auto position : orphans) orphan(run, waiting, position);
        if (!succeeded(run)) return;
        for (const auto position : waiting)
            add(run, position, nowhere, "tool_executing without tool_completed",
                "its own tool_completed after it");
    }

    // The other half may have come on the connection that the harness had dropped already.
    void under_way(const Run& run, std::vector<std::uint32_t>& waiting,
                   std::vector<std::uint32_t>& orphans) const
    {
        for (const auto position : run.under_way) {
            const Event& frame = history_.events[position];
            if (frame.is_frame(FrameType::tool_completed)) pair(waiting, frame);
            if (!frame.is_frame(FrameType::tool_executing)) continue;
            const auto answer = std::find_if(orphans.begin(), orphans.end(), [&](std::uint32_t completed) {
                return matches(frame, history_.events[completed]);
            });
            if (answer != orphans.end()) orphans.erase(answer);
        }
    }

    // A completion that came before its execution accounts for both, which is one finding, not two.
    void orphan(const Run& run, std::vector<std::uint32_t>& waiting, std::uint32_t position)
    {
        const auto late = std::find_if(waiting.begin(), waiting.end(), [&](std::uint32_t executing) {
            return executing > position && matches(history_.events[executing], history_.events[position]);
        });
        const bool early = late != waiting.end();
        add(run, position, early ? *late : nowhere,
            early ? "tool_completed before tool_executing" : "tool_completed without tool_executing",
            "the tool_executing it answers before it");
        if (early) waiting.erase(late);
    }

    bool pair(std::vector<std::uint32_t>& waiting, const Event& completed) const
    {
        const auto found = std::find_if(waiting.begin(), waiting.end(), [&](std::uint32_t executing) {
            return matches(history_.events[executing], completed);
        });
        if (found == waiting.end()) return false;
        waiting.erase(found);
        return true;
    }

    // An execution id cannot be compared with a tool's name: where only one of both has an id, order decides.
    static bool matches(const Event& executing, const Event& completed)
    {
        if (executing.item == no_symbol || completed.item == no_symbol) return true;
        if (executing.has(Flag::item_is_tool) != completed.has(Flag::item_is_tool)) return true;
        return executing.item == completed.item;
    }

    bool succeeded(const Run& run) const
    {
        if (run.stop != nowhere || run.terminal == nowhere) return false;
        const Event& terminal = history_.events[run.terminal];
        return terminal.is_frame(FrameType::agent_completed) && !terminal.has(Flag::failed_status);
    }

    void add(const Run& run, std::uint32_t position, std::uint32_t other, std::string signature,
             std::string expected)
    {
        const Event& frame = history_.events[position];
        const auto item = history_.text(frame.item);
        auto message = fmt::format("{}: {} ({} {}), at {}", to_string(run.id), signature,
                                   frame.has(Flag::item_is_tool) ? "tool" : "execution",
                                   item.empty() ? "unnamed" : item, moment(frame.at));
        auto violation =
            violation_at(history_, position, std::move(signature), std::move(message), std::move(expected));
        violation.request = run.id.request;
        if (other != nowhere) violation.evidence.push_back(other);
        if (run.terminal != nowhere) violation.evidence.push_back(run.terminal);
        findings_.add(std::move(violation));
    }

    const History& history_;
    Findings findings_;
};

} // namespace

CheckResult judge_tool_pairing(const CheckInput& input)
{
    if (sends_no_requests(input)) return skipped("tool_pairing", no_requests_planned);
    const auto& expected = input.expectations.run_events;
    if (expected.has(FrameType::tool_executing) != expected.has(FrameType::tool_completed))
        return skipped("tool_pairing",
                       "of the target's runs only one half of a pair is expected (run_events)");
    auto result = ToolPairing{input.history}.judge(input.runs.runs());
    if (result.sample_size > 0 || expected.has(FrameType::tool_executing)) return result;
    return skipped("tool_pairing", "no tool was executed, and none is expected of the target (run_events)");
}

} // namespace wsrace
