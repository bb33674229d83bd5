// Required fields of each event are present and of the right type; and what arrives is JSON with a type at all.
#include "checks/judge.hpp"
#include "checks/noted_frames.hpp"
#include "checks/findings.hpp"

#include <fmt/format.h>

namespace wsrace {

namespace {

void judge_note(Findings& findings, const History& history, std::uint32_t position, std::uint32_t note)
{
    const Event& event = history.events[note];
    const Event& frame = history.events[position];
    const auto field = history.text(event.item);
    const auto found = history.text(event.text);
    auto violation = violation_at(
        history, position, fmt::format("{} at {}: {}", name(frame.frame()), field, found),
        fmt::format("{}: {} at {}: {}, at {}", who(frame), name(frame.frame()), field, found, moment(frame.at)),
        fmt::format("{} with a field {} as the profile requires", name(frame.frame()), field));
    violation.evidence.push_back(note);
    findings.add(std::move(violation));
}

void judge_shape(Findings& findings, const History& history, std::uint32_t position)
{
    const Event& frame = history.events[position];
    std::string_view what;
    switch (frame.frame()) {
    case FrameType::not_json: what = "a text frame that is not JSON"; break;
    case FrameType::no_type: what = "a frame without a type"; break;
    case FrameType::binary: what = "a binary frame"; break;
    default: return;
    }
    findings.add(violation_at(history, position, std::string{what},
                              fmt::format("{}: {}, at {}", who(frame), what, moment(frame.at)),
                              "a text frame of JSON with a type"));
}

} // namespace

CheckResult judge_schema(const CheckInput& input)
{
    Findings findings("schema", "frames");
    for (const auto& connection : input.connections) {
        for_each_frame(input.history, connection, [&](const NotedFrame& noted) {
            findings.judged();
            bool reported = false;
            for (const auto note : noted.notes) {
                if (input.history.events[note].kind != EventKind::schema) continue;
                judge_note(findings, input.history, noted.frame, note);
                reported = true;
            }
            if (!reported) judge_shape(findings, input.history, noted.frame);
        });
    }
    return std::move(findings).result("no frame arrived");
}

} // namespace wsrace
