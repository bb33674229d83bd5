// What judging costs: all checks over a history of 15,000 users with three requests each. Prints the time and
// the peak of memory. With the name of a file: every tenth user gets frames of another one and a 1011
// besides, and the run's page is written there.
#include "checks/judge.hpp"
#include "core/canary.hpp"
#include "reports/report.hpp"
#include "reports/whole_file.hpp"

#include <fmt/format.h>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace {

using namespace wsrace;

class Writer {
public:
    Writer(History& history, std::uint32_t user)
        : history_(history), user_(user), now_(std::chrono::microseconds{user})
    {}

    Event& add(EventKind kind, std::uint8_t type)
    {
        now_ += std::chrono::milliseconds{5};
        Event event;
        event.at = now_;
        event.user = user_;
        event.kind = kind;
        event.type = type;
        history_.events.push_back(event);
        return history_.events.back();
    }

    void step(StepKind step, std::uint16_t request = no_request)
    {
        Event& event = add(EventKind::step, static_cast<std::uint8_t>(step));
        event.request = request;
        event.stamp = event.at.count();
    }

    void frame(FrameType type, std::uint16_t request, std::string_view item = {})
    {
        Event& event = add(EventKind::frame, static_cast<std::uint8_t>(type));
        event.request = request;
        event.item = history_.intern(item);
        event.run = history_.intern(fmt::format("run-{}-{}", user_, request));
        event.stamp = event.at.count() / 1000;
        event.set(Flag::own_canary);
        if (type != FrameType::agent_started) return;
        for (const auto* field : {"/user_id", "/thread_id", "/run_id"}) mention(field, request);
    }

private:
    void mention(std::string_view field, std::uint16_t request)
    {
        Event note = history_.events.back();
        note.kind = EventKind::mention;
        note.text = history_.intern(fmt::format("{}-{}-{}", field, user_, request));
        note.item = history_.intern(field);
        history_.events.push_back(note);
    }

    History& history_;
    std::uint32_t user_;
    Instant now_;
};

void user_story(History& history, std::uint32_t user)
{
    Writer writer(history, user);
    for (const auto step :
         {StepKind::login, StepKind::tcp_connect, StepKind::upgrade_sent, StepKind::upgrade_answered})
        writer.step(step);
    writer.add(EventKind::frame, static_cast<std::uint8_t>(FrameType::welcome));
    writer.step(StepKind::welcome);
    for (std::uint16_t request = 0; request < 3; ++request) {
        writer.step(StepKind::request_sent, request);
        writer.frame(FrameType::agent_started, request);
        writer.frame(FrameType::agent_thinking, request, "1");
        writer.frame(FrameType::agent_thinking, request, "2");
        writer.frame(FrameType::tool_executing, request, "x-1");
        writer.frame(FrameType::tool_completed, request, "x-1");
        writer.frame(FrameType::agent_completed, request);
        writer.step(StepKind::events_awaited);
    }
    writer.step(StepKind::close_sent);
    writer.add(EventKind::end, static_cast<std::uint8_t>(EndKind::we_closed)).value = 1000;
    writer.step(StepKind::journey_done);
}

long peak_kib()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

// Every tenth user gets frames with the canary of the user before, and is closed with 1011.
void plant_failures(History& history)
{
    std::vector<Event> planted;
    for (auto& event : history.events) {
        if (event.user % 10 != 1) continue;
        if (event.kind == EventKind::end) {
            event.type = static_cast<std::uint8_t>(EndKind::peer_closed);
            event.value = 1011;
        }
        if (!event.is_frame(FrameType::agent_thinking)) continue;
        const RequestId owner{UserId{event.user - 1}, SlotId{0}, event.request};
        auto note = event;
        note.kind = EventKind::canary;
        note.text = history.intern(make_canary({history.info.run, owner}));
        note.item = history.intern(fmt::format("/payload/reasoning/{}", event.user % 70));
        event.set(Flag::other_canary);
        event.set(Flag::payload_kept);
        event.text =
            history.intern(R"({"type":"agent_thinking","reasoning":")" + std::string(1'200, 'x') + R"("})");
        planted.push_back(note);
    }
    history.events.insert(history.events.end(), planted.begin(), planted.end());
}

void write_page(const History& history, const RunVerdict& verdict, const char* file)
{
    const ReportInput input{.info = history.info, .verdict = verdict, .history = history, .out = "out/large"};
    const auto start = std::chrono::steady_clock::now();
    const auto page = report_html(input);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    write_whole(file, page);
    fmt::print("{}: {:.2f} MiB in {:.3f} s, peak {} MiB\n", file,
               static_cast<double>(page.size()) / 1'048'576, took.count(), peak_kib() / 1024);
}

} // namespace

int main(int argc, char** argv)
{
    const auto users = static_cast<std::uint32_t>(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 15000);
    History history;
    history.info.requests = users * 3;
    for (std::uint32_t user = 0; user < users; ++user) user_story(history, user);
    if (argc > 2) plant_failures(history);
    std::stable_sort(history.events.begin(), history.events.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
    const long before = peak_kib();
    const auto start = std::chrono::steady_clock::now();
    const auto verdict = judge({}, history);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    fmt::print("{} users, {} events, {}: {:.3f} s, peak {} MiB ({} MiB before judging)\n", users,
               history.events.size(), name(verdict.verdict), took.count(), peak_kib() / 1024, before / 1024);
    for (const auto& check : verdict.checks)
        if (check.verdict == Verdict::fail) fmt::print("  {}\n", check.violations.front().message);
    if (argc > 2) write_page(history, verdict, argv[2]);
    return verdict.verdict == Verdict::fail ? 1 : 0;
}
