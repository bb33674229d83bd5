#include "support/judging.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;

namespace {

// User 3 gets nothing but agent_started, at about 500 ms.
HistoryBuilder silent_run()
{
    HistoryBuilder history;
    history.login(3, Outcome::ok, "u-33");
    auto user = history.user(3).at(500).opens();
    user.request(0).event(FrameType::agent_started);
    user.note(EventKind::mention, "conn-77", "/data/connection_id").awaits(Outcome::timeout);
    return history;
}

// The log lines that the first violation of five_events cites.
std::vector<std::string> cited(const HistoryBuilder& history, const Expectations& expectations = {})
{
    const auto built = history.build();
    const auto verdict = judge(expectations, built);
    std::vector<std::string> lines;
    for (const auto& check : verdict.checks) {
        if (check.id != "five_events") continue;
        REQUIRE(check.violation_count == 1);
        const auto& evidence = check.violations[0].evidence;
        CHECK(std::is_sorted(evidence.begin(), evidence.end()));
        CHECK(evidence.size() <= 16);
        for (const auto position : evidence)
            if (built.events[position].kind == EventKind::log)
                lines.emplace_back(built.text(built.events[position].text));
    }
    return lines;
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("Lines that carry an id of the violation's connection become its evidence", "[nearby_log]")
{
    auto history = silent_run();
    const auto built = history.build();
    const auto line = GENERATE_COPY(
        values<std::string>({"user u-33 gone", "run-3-0-0: cancelled", "closing conn-77",
                             "said " + canary_text(built, {UserId{3}, SlotId{0}, 0}) + " last"}));
    history.log(510, line).log(511, "user u-333 is fine").log(512, "all is well");
    CHECK(cited(history) == Lines{line});
}

TEST_CASE("So do lines that speak of trouble, and lines that the scenario asks for", "[nearby_log]")
{
    auto history = silent_run();
    history.log(400, "ERROR: cannot write").log(450, "queue=full").log(600, "Exception in thread");
    CHECK(cited(history) == Lines{"ERROR: cannot write", "Exception in thread"});
    Expectations expectations;
    expectations.log_patterns = {"queue=(full|stuck)"};
    CHECK(cited(history, expectations).size() == 3);
    expectations.log_patterns = {"("};
    CHECK(cited(history, expectations).size() == 2);
}

TEST_CASE("The three nearest lines within a second are taken", "[nearby_log]")
{
    auto history = silent_run();
    history.log(-600, "error: too early").log(1600, "error: too late");
    CHECK(cited(history).empty());
    for (int i = 1; i <= 5; ++i) history.log(503 - i * 50, "error: before").log(503 + i * 40, "error: after");
    CHECK(cited(history) == Lines{"error: before", "error: after", "error: after"});
}

TEST_CASE("A hundred thousand lines beside as many violations are searched in no time", "[nearby_log][large]")
{
    HistoryBuilder history;
    for (std::uint32_t user = 0; user < 3000; ++user)
        history.user(user).at(500).connects().ends(EndKind::peer_closed, 1011);
    for (int i = 0; i < 100'000; ++i) history.log(i / 100, "a line about nothing in particular");
    const auto built = history.build();
    const auto begun = std::chrono::steady_clock::now();
    const auto verdict = judge({}, built);
    CHECK(verdict.verdict == Verdict::fail);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{20}); // sanitizers included
}
