#include "checks/judge.hpp"
#include "reports/html/over_time.hpp"
#include "reports/html/page.hpp"
#include "reports/html/report_data.hpp"
#include "reports/sample_report.hpp"
#include "support/history_builder.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>

using namespace wsrace;
using namespace wsrace::test;
using nlohmann::json;

namespace {

json data_of(const ReportInput& input, const HtmlLimits& limits = {})
{
    const PreparedReport report{input};
    return json::parse(report_data(report, {}, limits));
}

json data_of(const SampleReport& report, const HtmlLimits& limits = {})
{
    return data_of(report.input(), limits);
}

// A history, judged.
SampleReport judged(const HistoryBuilder& history)
{
    SampleReport report;
    report.history = history.build();
    report.verdict = judge({}, report.history);
    return report;
}

HistoryBuilder bleed()
{
    HistoryBuilder history;
    history.user(1).at(10).opens().at(30).request(0);
    auto stranger = history.user(2).at(40).opens().run(0).event(FrameType::agent_thinking, "2");
    stranger.carries({UserId{1}, SlotId{0}, 0}, "/payload/reasoning");
    return history;
}

const json& lane(const json& scene, const std::string& role)
{
    for (const auto& one : scene["lanes"])
        if (one["role"] == role) return one;
    throw std::runtime_error{"no lane " + role};
}

std::uint64_t sum(const std::vector<std::uint64_t>& values)
{
    return std::accumulate(values.begin(), values.end(), std::uint64_t{0});
}

std::vector<std::string> texts(const std::vector<Ending>& endings)
{
    std::vector<std::string> out;
    for (const auto& one : endings) out.push_back(std::to_string(one.count) + " " + one.text);
    return out;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("The page's data has the verdict, the service levels and the numbers of the run", "[html]")
{
    const auto data = data_of(failing_report());
    CHECK(data["kind"] == "run");
    CHECK(data["verdict"] == "fail");
    CHECK(data["headline"] == "FAIL cold_start");
    CHECK(data["run"]["seed"] == "18446744073709551615");
    CHECK(data["run"]["duration_us"] == 12'400'000);
    CHECK(data["levels"][1]["level"] == "critical");
    CHECK(data["levels"][1]["value"] == "612 ms");
    CHECK(data["checks"].size() == 19);
    CHECK(data["checks"][7]["violations"] == 212);
    CHECK(data["latencies"][0]["p50"] == 2'300'000);
    CHECK(data["repeat"][0]["command"] == failing_report().history.info.command);
    CHECK(data["repeat"][1]["command"] == "wsrace repro out/cold_start --times 20");
    CHECK(data_of(passing_report())["repeat"].size() == 1); // nothing to repeat but the run
    CHECK(data_of(passing_report())["groups"].empty());
    CHECK(data_of(void_report())["void"] == true);
    CHECK(data_of(void_report())["schedule"][0]["result"] == "missed");
}

TEST_CASE("A group names who got whose data, what should have happened, and what proves it", "[html]")
{
    const auto data = data_of(judged(bleed()));
    const auto& groups = data["groups"];
    const auto group = *std::find_if(groups.begin(), groups.end(),
                                     [](const json& one) { return one["check"] == "isolation"; });
    CHECK(group["users"] == json({1, 2}));
    CHECK(group["expected"] == "only data of user 2 on its connections");
    const auto& scene = group["scenes"].at(0);
    CHECK(scene["message"].get<std::string>().find("the canary of user 1") != std::string::npos);
    const auto arrow = scene["arrows"].at(0);
    const auto& from = scene["lanes"][arrow[0].get<int>()];
    const auto& to = scene["lanes"][arrow[2].get<int>()];
    CHECK(from["user"] == 1);
    CHECK(to["user"] == 2);
    CHECK(from["events"][arrow[1].get<int>()]["n"] == "request_sent");
    const auto& frame = to["events"][arrow[3].get<int>()];
    CHECK(frame["n"] == "agent_thinking");
    CHECK(frame["e"] == 1);
    CHECK(frame["b"] == 1);
    const auto canary = to["events"].back();
    CHECK(canary["k"] == "canary");
    CHECK(canary["o"] == "user 1, connection 0");
    CHECK_FALSE(lane(scene, "subject")["events"][0].contains("b")); // its connect was as it should be
}

TEST_CASE("What is said of one group is bounded, and what is left out is counted", "[html]")
{
    const auto data = data_of(failing_report(), {.groups = 1, .rows = 7, .users = 5});
    REQUIRE(data["groups"].size() == 1);
    CHECK(data["groups_left"] == 1);
    const auto& group = data["groups"][0];
    CHECK(group["count"] == 37);
    CHECK(group["rows"].size() == 7);
    CHECK(group["rows_left"] == 30);
    CHECK(group["users"].size() == 5);
    CHECK(group["users_left"] == 32);
    const auto all = data_of(failing_report(), {.rows = 100, .users = 100});
    CHECK(all["groups_left"] == 0);
    CHECK(all["groups"][0]["rows_left"] == 0);
    CHECK(all["groups"][0]["users_left"] == 0);
}

TEST_CASE("Groups that found a failure come first, in the order of the failures", "[html]")
{
    const auto sample = failing_report();
    auto input = sample.input();
    CHECK(data_of(input)["groups"][0]["check"] == "close_codes");
    CHECK_FALSE(data_of(input)["groups"][0].contains("failure"));
    input.failures = {
        {"isolation: canary", {sample.verdict.checks[7].violations[0].signature}, {"close_codes: 1011"}}};
    const auto data = data_of(input);
    CHECK(data["groups"][0]["check"] == "isolation");
    CHECK(data["groups"][0]["failure"] == 0);
    CHECK(data["groups"][1]["failure"] == 1); // none of the one
    CHECK(data["failures"][0]["also_seen"] == json({"close_codes: 1011"}));
}

TEST_CASE("A folder that a shell would take apart is quoted in the commands", "[html]")
{
    auto sample = failing_report();
    sample.out = "it's here; rm x";
    CHECK(data_of(sample)["repeat"][2]["command"] == R"(wsrace shrink 'it'\''s here; rm x')");
}

TEST_CASE("A frame's content is shown where it was kept, but not longer than allowed", "[html]")
{
    auto report = judged(bleed());
    const auto long_text = std::string(5'000, 'x');
    for (auto& event : report.history.events) {
        if (!event.is_frame(FrameType::agent_thinking) || !event.has(Flag::other_canary)) continue;
        event.set(Flag::payload_kept);
        event.text = report.history.intern(R"({"token":"s3cr3ts3cr3t"} )" + long_text);
    }
    const auto data = data_of(report, {.longest_frame = 100}).dump();
    CHECK(data.find("s3cr3t") == std::string::npos);
    CHECK(data.find("more bytes]") != std::string::npos);
    CHECK(data.find(std::string(301, 'x')) == std::string::npos); // as long as evidence on one line may be
}

TEST_CASE("Contents end when the page has enough of them, and it says so", "[html]")
{
    auto report = judged(bleed());
    for (auto& event : report.history.events) {
        if (event.kind != EventKind::frame) continue;
        event.set(Flag::payload_kept);
        event.text = report.history.intern(std::string(400, 'x'));
    }
    const auto count = [](const json& data, const char* key) {
        std::size_t found = 0;
        for (const auto& group : data["groups"])
            for (const auto& scene : group["scenes"])
                for (const auto& lane : scene["lanes"])
                    for (const auto& event : lane["events"]) found += event.contains(key) ? 1 : 0;
        return found;
    };
    const auto all = data_of(report);
    CHECK(count(all, "p") > 3);
    CHECK(count(all, "q") == 0);
    const auto some = data_of(report, {.frames = 1'300});
    CHECK(count(some, "p") == 3);
    CHECK(count(some, "q") == count(all, "p") - 3);
}

TEST_CASE("However much went wrong, the page stays below five megabytes", "[html]")
{
    HistoryBuilder history;
    const auto payload = std::string(5'000, '<');
    for (std::uint32_t user = 0; user < 80; ++user) {
        auto talker = history.user(user).at(user).opens().run(0);
        for (int i = 0; i < 80; ++i) {
            talker.event(FrameType::agent_thinking, std::to_string(i)).flagged(Flag::payload_kept);
            if (i % 8 == 0)
                talker.carries({UserId{user + 1}, SlotId{0}, 0},
                               "/" + std::to_string(user) + std::string(1'500, 'f'));
        }
        for (int i = 0; i < 50; ++i) history.log(user * 2 + i, "Traceback " + payload);
    }
    auto report = judged(history);
    for (auto& event : report.history.events)
        if (event.has(Flag::payload_kept)) event.text = report.history.intern(payload);
    CHECK(data_of(report)["groups_left"] > 0);
    CHECK(script_safe(data_of(report).dump()).size() > largest_page); // so that it has to be made smaller
    CHECK(report_html(report.input()).size() <= largest_page);
}

TEST_CASE("Over time: connections that are open, and what happened in each bucket", "[html]")
{
    HistoryBuilder history;
    history.user(1).at(0).opens().run(0).at(2'500).closes();
    history.user(2).at(1'000).opens().at(1'500).ends(EndKind::reset);
    history.quiet_until(4'000);
    const auto built = history.build();
    const auto series = over_time(built, judge({}, built));
    CHECK(series.bucket == ms(20));
    CHECK(series.open.size() == 201);
    CHECK(series.open[10] == 1);
    CHECK(series.open[60] == 2);
    CHECK(series.open[100] == 1);
    CHECK(series.open.back() == 0);
    CHECK(sum(series.frames) == 7);
    CHECK(sum(series.requests) == 1);
    CHECK(series.ends[75] == 1);
    CHECK(sum(series.ends) == 1);
    CHECK(sum(series.violations) >= 1);
    CHECK(over_time(History{}, {}).open.empty());
}

TEST_CASE("However long a run was, there are no more buckets than a screen has room for", "[html]")
{
    for (const std::int64_t length : {1LL, 239LL, 240LL, 59'999LL, 3'600'000LL, 400'000'000LL}) {
        HistoryBuilder history;
        history.quiet_until(length);
        CHECK(over_time(history.build(), {}).open.size() <= most_buckets);
    }
}

TEST_CASE("Endings tell what the target did from what we did, the most frequent first", "[html]")
{
    HistoryBuilder history;
    for (std::uint32_t user = 0; user < 3; ++user)
        history.user(user).opens().ends(EndKind::peer_closed, 1011);
    history.user(4).opens().closes();
    history.user(5).opens().drops();
    history.user(6).refused(503, "1");
    history.user(7).step(StepKind::tcp_connect, Outcome::refused);
    const auto endings = endings_of(history.build());
    CHECK(texts(endings) ==
          Texts{"3 1011 by the target", "1 closed by us, answered with 1000", "1 cut by us on purpose"});
    CHECK(endings[0].by_target);
    CHECK_FALSE(endings[1].by_target);
    CHECK(texts(refusals_of(history.build())) ==
          Texts{"1 HTTP 503 (upgrade_answered)", "1 refused (tcp_connect)"});
}

TEST_CASE("The server's life and faults are windows, each until it ends", "[html]")
{
    HistoryBuilder history;
    history.life_cycle(0, LifeCycle::spawned).life_cycle(800, LifeCycle::ready);
    history.life_cycle(1'000, LifeCycle::paused).life_cycle(1'200, LifeCycle::resumed);
    history.life_cycle(2'000, LifeCycle::killed, 9).life_cycle(2'300, LifeCycle::spawned);
    history.log(3'000, "bye");
    auto built = history.build();
    for (const auto at : {100, 250, 900}) {
        Event fault{.at = ms(at), .kind = EventKind::fault};
        fault.text = built.intern("dependency auth: delay " + std::to_string(at) + " ms, connection 3");
        built.events.push_back(fault);
    }
    std::stable_sort(built.events.begin(), built.events.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
    Texts found;
    for (const auto& one : target_windows(built))
        found.push_back(one.text + " " + std::to_string(one.from / ms(1)) + "-" +
                        std::to_string(one.until / ms(1)));
    CHECK(found == Texts{"server starting 0-800", "dependency auth: delay 100-250",
                         "dependency auth: delay 900-900", "server paused 1000-1200", "server down 2000-2300",
                         "server starting 2300-3000"});
}
