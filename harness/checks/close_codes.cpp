// No connection ends with 1011, nor with any code the scenario forbids, and every end is explained.
//
// A refusal after accept but before the welcome (1003, 1008, 1012, 1013) is for `handshake` to judge; a
// normal close between two runs may still be a finding of `tab_independence`.
#include "checks/attempts.hpp"
#include "checks/judge.hpp"
#include "checks/runs.hpp"

#include <fmt/format.h>

#include <unordered_map>

namespace wsrace {

namespace {

constexpr int no_code_given = 1005;

class CloseCodes {
public:
    explicit CloseCodes(const CheckInput& input)
        : input_(input), history_(input.history), outages_(input.history),
          findings_("close_codes", "connections")
    {
        for (const Run& run : input.runs.runs())
            if (run.lost != nowhere) lost_runs_.emplace(run.lost, &run);
    }

    CheckResult judge() &&
    {
        for (const Attempt& attempt : attempts_of(history_, input_.connections)) {
            if (attempt.upgraded) subprotocol(attempt);
            if (attempt.end == nowhere) continue;
            if (history_.events[attempt.end].end() == EndKind::cancelled) continue;
            findings_.judged();
            if (!provoked(history_.events[attempt.end])) end(attempt);
        }
        return std::move(findings_).result("no connection was opened and ended");
    }

private:
    // Whoever gets no pongs, or is not read, may end the connection as it likes.
    static bool provoked(const Event& end)
    {
        const bool ours = end.end() == EndKind::we_closed || end.end() == EndKind::protocol_error;
        return end.has(Flag::provoked) && !ours;
    }

    void subprotocol(const Attempt& attempt)
    {
        const Event& answer = history_.events[attempt.answered];
        if (!answer.has(Flag::unoffered)) return;
        findings_.add(violation_at(
            history_, attempt.answered, "unoffered subprotocol",
            fmt::format("{}: the target selected the subprotocol \"{}\", which was not offered, at {}",
                        who(answer), history_.text(answer.text), moment(answer.at)),
            "one of the offered subprotocols, or none"));
    }

    void end(const Attempt& attempt)
    {
        const Event& event = history_.events[attempt.end];
        switch (event.end()) {
        case EndKind::peer_closed: peer_closed(attempt, event); break;
        case EndKind::we_closed:
            if (forbidden(event.value))
                found(attempt, fmt::format("{}", event.value), "the code we sent, echoed");
            break;
        case EndKind::eof: without_close_frame(attempt, "end of file"); break;
        case EndKind::reset: without_close_frame(attempt, "reset"); break;
        case EndKind::timeout:
            found(attempt, "our close not answered", "a close frame within its deadline");
            break;
        case EndKind::protocol_error: found(attempt, "protocol error", "frames as RFC 6455 has them"); break;
        case EndKind::we_dropped:
        case EndKind::cancelled: break;
        }
    }

    void peer_closed(const Attempt& attempt, const Event& event)
    {
        const int code = event.value;
        const bool normal = code == 1000 || code == no_code_given;
        if (input_.expectations.expected_close_codes.contains(code)) return;
        if (forbidden(code)) return found(attempt, std::to_string(code), "no close with this code");
        if (taken_along(attempt) || code == 1012 || code == 1013) return;
        if ((code == 1003 || code == 1008) && !attempt.welcomed()) return;
        if (normal && attempt.welcomed() && !mid_run(attempt)) return;
        found(attempt, normal ? "1000" : std::to_string(code),
              normal ? "a normal close only after a welcome and between runs"
                     : "an end that the scenario expects");
    }

    void without_close_frame(const Attempt& attempt, std::string_view how)
    {
        if (taken_along(attempt)) return;
        found(attempt, fmt::format("1006 ({})", how), "a close frame with a code");
    }

    bool forbidden(int code) const
    {
        return input_.expectations.forbidden_close_codes.contains(code) &&
               !input_.expectations.expected_close_codes.contains(code);
    }

    bool taken_along(const Attempt& attempt) const
    {
        const Instant opened = attempt.answered == nowhere ? Instant{} : history_.events[attempt.answered].at;
        const Instant ended = history_.events[attempt.end].at;
        return outages_.ingress().cut(attempt.id, ended) ||
               outages_.took_along(attempt.id.user, opened, ended);
    }

    bool mid_run(const Attempt& attempt) const { return lost_runs_.contains(attempt.end); }

    std::string_view situation(const Attempt& attempt) const
    {
        if (attempt.act != nowhere && attempt.act < attempt.end) return "after our close";
        if (mid_run(attempt)) return "while a run was going on";
        return attempt.welcomed() ? "between runs" : "without a welcome";
    }

    void found(const Attempt& attempt, const std::string& what, std::string expected)
    {
        const Event& event = history_.events[attempt.end];
        const auto reason = history_.text(event.text);
        auto message = fmt::format("{}: ended with {} {}{}{}, at {}", who(event), what, situation(attempt),
                                   reason.empty() ? "" : ", reason: ", reason, moment(event.at));
        auto violation = violation_at(history_, attempt.end, fmt::format("{} {}", what, situation(attempt)),
                                      std::move(message), std::move(expected));
        if (const auto lost = lost_runs_.find(attempt.end); lost != lost_runs_.end()) {
            const Run& run = *lost->second;
            violation.request = run.id.request;
            violation.message += fmt::format("; request {} was sent at {}", run.id.request,
                                             moment(history_.events[run.sent].at));
            violation.evidence.push_back(run.sent);
            if (!run.frames.empty()) violation.evidence.push_back(run.frames.back());
        }
        findings_.add(std::move(violation));
    }

    const CheckInput& input_;
    const History& history_;
    Outages outages_;
    Findings findings_;
    std::unordered_map<std::uint32_t, const Run*> lost_runs_; // by the end that they were lost to
};

} // namespace

CheckResult judge_close_codes(const CheckInput& input) { return CloseCodes{input}.judge(); }

} // namespace wsrace
