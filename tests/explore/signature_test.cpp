#include "explore/signature.hpp"

#include "explore/plan_player.hpp"
#include "support/judging.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <initializer_list>

using namespace wsrace;
using namespace wsrace::test;

namespace {

Violation violation(const std::string& check, const std::string& signature)
{
    Violation made;
    made.check = check;
    made.signature = check + ": " + signature;
    return made;
}

RunVerdict failed(std::initializer_list<std::pair<std::string, std::string>> found)
{
    RunVerdict verdict;
    verdict.verdict = Verdict::fail;
    for (const auto& [check, signature] : found) {
        CheckResult result;
        result.id = check;
        result.verdict = Verdict::fail;
        result.violations.push_back(violation(check, signature));
        verdict.checks.push_back(result);
    }
    return verdict;
}

using Keys = std::vector<std::string>;

Keys keys(const RunVerdict& verdict, const History& history = {})
{
    Keys out;
    for (const auto& signature : failure_signatures(verdict, history)) out.push_back(signature.key);
    return out;
}

std::string symptom(const std::string& check, const std::string& signature)
{
    return symptom_of(violation(check, signature), {}).name;
}

} // namespace

TEST_CASE("A 1011 is one bug, whatever it takes along", "[explore]")
{
    const Keys expected{"close_codes: 1011"};
    CHECK(keys(failed({{"close_codes", "1011 without a welcome"}})) == expected);
    CHECK(keys(failed({{"close_codes", "1011 while a run was going on"},
                       {"five_events", "no agent_completed; the target closed with 1011"},
                       {"thresholds", "connection_success critical"}})) == expected);
    CHECK(keys(failed({{"handshake", "closed with 1011 after accept"},
                       {"five_events", "nothing at all"},
                       {"acknowledged", "silence after agent_started"},
                       {"close_codes", "1011 between runs"}})) == expected);
}

TEST_CASE("A run that never ends is one bug, whichever check says so and however far it got", "[explore]")
{
    const Keys expected{"five_events: silence"};
    CHECK(keys(failed({{"five_events", "nothing at all"}, {"liveness", "hang: no event at all"}})) ==
          expected);
    CHECK(keys(failed({{"five_events", "no tool_executing, tool_completed, agent_completed"},
                       {"acknowledged", "silence after agent_thinking"},
                       {"liveness", "hang after agent_thinking"}})) == expected);
    CHECK(keys(failed({{"acknowledged", "silence after acknowledgement"}})) == expected);
    // This one ended: its tool's events went elsewhere.
    CHECK(keys(failed({{"five_events", "no tool_executing, tool_completed"}})) ==
          Keys{"five_events: events missing from a run that was completed"});
}

TEST_CASE("Two bugs in one execution are two signatures", "[explore]")
{
    CHECK(keys(failed({{"isolation", "canary of another user in agent_thinking at /payload/reasoning"},
                       {"close_codes", "1011 without a welcome"},
                       {"five_events", "nothing at all"}})) ==
          Keys{"isolation: canary of another user", "close_codes: 1011"});
    CHECK(keys(failed({{"exactly_once", "agent_completed twice"},
                       {"liveness", "hang: stop_agent ignored"},
                       {"close_codes", "1006 (reset) between runs"}})) ==
          Keys{"exactly_once: agent_completed twice", "close_codes: 1006"});
    const std::pair<std::string, std::string> leak{"baseline", "sockets above the level before the load"};
    CHECK(keys(failed({{"isolation", "canary of another user in agent_thinking at /x"}, leak})).size() == 2);
    CHECK(keys(failed({{"close_codes", "1011 without a welcome"}, leak})) == Keys{"close_codes: 1011"});
    CHECK(keys(failed({{"five_events", "nothing at all"}, leak})) == Keys{"five_events: silence"});
    CHECK(keys(failed({{"sanitizer", "ThreadSanitizer: data race at m.cpp:3, r.cpp:42"},
                       {"sanitizer", "ThreadSanitizer: data race at a.cpp:9"}}))
              .size() == 2);
}

TEST_CASE("Data races of one place that is not locked are one bug, whichever of its lines met", "[explore]")
{
    const std::string tool = "ThreadSanitizer: data race at ";
    const Keys expected{"sanitizer: ThreadSanitizer: data race in registry"};
    CHECK(keys(failed({{"sanitizer", tool + "registry.cpp:27, registry.cpp:95"}})) == expected);
    CHECK(keys(failed({{"sanitizer", tool + "registry.cpp:95"}})) == expected);
    CHECK(keys(failed({{"sanitizer", tool + "app.cpp:4, registry.cpp:95"}, // a caller of it
                       {"sanitizer", tool + "registry.cpp:26, registry.cpp:97"},
                       {"sanitizer", tool + "registry.hpp:42"}, // a function of it
                       {"sanitizer", "ThreadSanitizer: heap-use-after-free at jwt.cpp:126, registry.cpp:95"},
                       {"sanitizer", "ThreadSanitizer: SEGV at roll_call.cpp:37"},
                       {"sanitizer", "killed by SIGSEGV"},
                       {"baseline", "sockets above the level before the load"},
                       {"five_events", "nothing at all"}})) == expected);
    CHECK(keys(failed({{"sanitizer", tool + "registry.hpp:42"}})) == expected);
    CHECK(keys(failed({{"sanitizer", tool + "registry.cpp:95, registry.hpp:42"}})) == expected);
    CHECK(keys(failed({{"sanitizer", tool + "app.cpp:4, registry.cpp:95"}})) ==
          Keys{"sanitizer: ThreadSanitizer: data race in app, registry"});
    CHECK(symptom("sanitizer", "Go: data race at hub.go:12, hub.go:40") == "sanitizer: Go: data race in hub");
    CHECK(symptom("sanitizer", tool + "?") == "sanitizer: " + tool + "?");
}

TEST_CASE("What a data race does not explain is a bug of its own", "[explore]")
{
    const std::pair<std::string, std::string> race{
        "sanitizer", "ThreadSanitizer: data race at registry.cpp:27, registry.cpp:95"};
    CHECK(keys(failed({race, {"sanitizer", "ThreadSanitizer: data race at hub.cpp:3"}})).size() == 2);
    CHECK(keys(failed({race, {"sanitizer", "ThreadSanitizer: lock-order-inversion at registry.cpp:27"}}))
              .size() == 2);
    CHECK(keys(failed({race, {"sanitizer", "UBSan: signed integer overflow at registry.cpp:27"}})).size() ==
          2);
    CHECK(keys(failed({race, {"sanitizer", "ThreadSanitizer: heap-use-after-free at hub.cpp:3"}})).size() ==
          2);
    CHECK(keys(failed({race, {"isolation", "canary of another user in agent_thinking at /x"}})).size() == 2);
    CHECK(keys(failed({{"sanitizer", "AddressSanitizer: heap-use-after-free at a.cpp:3"},
                       {"sanitizer", "AddressSanitizer: SEGV at b.cpp:3"}}))
              .size() == 2);
}

TEST_CASE("What was written down as a race between two lines is found again by its files", "[explore]")
{
    CHECK(as_named_now("sanitizer: ThreadSanitizer: data race at registry.cpp:27, registry.cpp:95") ==
          "sanitizer: ThreadSanitizer: data race in registry");
    for (const std::string name : {"sanitizer: ThreadSanitizer: data race in registry",
                                   "sanitizer: UBSan: division by zero at a.cpp:3", "five_events: silence"})
        CHECK(as_named_now(name) == name);
}

TEST_CASE("A report is shown, whether it founds the signature or another one explains it", "[explore]")
{
    const auto verdict = failed({{"sanitizer", "ThreadSanitizer: data race at registry.cpp:26"},
                                 {"sanitizer", "ThreadSanitizer: data race at app.cpp:4, registry.cpp:95"},
                                 {"sanitizer", "killed by SIGSEGV"},
                                 {"five_events", "nothing at all"}});
    PlayedPlan played;
    played.signatures = failure_signatures(verdict, {});
    REQUIRE(played.signatures.size() == 1);
    CHECK(played.shows("sanitizer: ThreadSanitizer: data race in registry"));
    CHECK(played.shows("sanitizer: ThreadSanitizer: data race in app, registry"));
    CHECK_FALSE(played.shows("sanitizer: ThreadSanitizer: data race in app"));
    CHECK_FALSE(played.shows("sanitizer: killed by SIGSEGV"));
    CHECK_FALSE(played.shows("five_events: silence"));
}

TEST_CASE("Another failure, or an execution that cannot be judged, says something of a failure only where "
          "its check "
          "did judge",
          "[explore]")
{
    const auto says = [](Played played, Verdict of_the_check, bool must_judge = false,
                         bool interrupted = false) {
        PlayedPlan plan;
        plan.played = played;
        plan.execution.interrupted = interrupted;
        CheckResult check;
        check.id = "exactly_once";
        check.verdict = of_the_check;
        plan.execution.verdict.checks = {check};
        if (played == Played::failed)
            plan.signatures = {{.key = "five_events: silence", .details = {}, .also_seen = {}}};
        return plan.says_of("exactly_once: agent_completed twice", must_judge);
    };
    CHECK(says(Played::passed, Verdict::skipped) == Played::passed);
    CHECK(says(Played::voided, Verdict::pass) == Played::passed); // another check had nothing to judge
    CHECK(says(Played::voided, Verdict::skipped) == Played::voided);
    CHECK(says(Played::voided, Verdict::pass, false, true) == Played::voided);
    CHECK(says(Played::failed, Verdict::pass) == Played::passed);
    CHECK(says(Played::failed, Verdict::inconclusive) == Played::voided);
    CHECK(says(Played::failed, Verdict::skipped) == Played::passed); // as a smaller plan that cannot fail so
    CHECK(says(Played::failed, Verdict::skipped, true) == Played::voided);
    PlayedPlan itself;
    itself.played = Played::failed;
    itself.signatures = {{.key = "five_events: silence", .details = {}, .also_seen = {}}};
    CHECK(itself.says_of("five_events: silence") == Played::failed);
    CHECK(itself.says_of("") == Played::failed);
    itself.execution.verdict.is_void = true;
    CHECK(itself.says_of("exactly_once: agent_completed twice") == Played::voided);
}

TEST_CASE("A data race is a race by its nature, whoever shows it", "[explore]")
{
    CHECK(names_a_race(symptom("sanitizer", "ThreadSanitizer: data race at registry.cpp:27")));
    CHECK(names_a_race(symptom("sanitizer", "Go: data race at hub.go:27")));
    CHECK_FALSE(names_a_race(symptom("sanitizer", "AddressSanitizer: heap-use-after-free at a.cpp:3")));
    CHECK_FALSE(names_a_race(symptom("five_events", "nothing at all")));
}

TEST_CASE("A run that ends its own connection is no race with whoever else has just closed his", "[explore]")
{
    const auto found = failure_signatures(
        failed({{"tab_independence", "connection of another user ended after one was closed"},
                {"close_codes", "1000 while a run was going on"}}),
        {});
    REQUIRE(found.size() == 1);
    CHECK(found[0].key == "close_codes: 1000");
    CHECK(found[0].also_seen == Keys{"tab_independence: connection of another user ended"});
}

TEST_CASE("What is explained is told as also seen", "[explore]")
{
    const auto found = failure_signatures(
        failed({{"five_events", "nothing at all"},
                {"isolation", "run id of another user in agent_started at /run_id"},
                {"isolation", "canary of another user in tool_completed at /payload/result/query"},
                {"isolation", "canary of another user in agent_thinking at /payload/reasoning"}}),
        {});
    REQUIRE(found.size() == 1);
    CHECK(found[0].key == "isolation: canary of another user");
    CHECK(found[0].details ==
          Keys{"isolation: canary of another user in agent_thinking at /payload/reasoning",
               "isolation: canary of another user in tool_completed at /payload/result/query"});
    CHECK(found[0].also_seen == Keys{"isolation: run id of another user", "five_events: silence"});
}

TEST_CASE("The more specific check names the bug", "[explore]")
{
    const std::vector<std::pair<std::string, std::string>> order{
        {"sanitizer", "ThreadSanitizer: data race at registry.cpp:42"},
        {"sanitizer", "AddressSanitizer: heap-use-after-free at registry.cpp:42"},
        {"sanitizer", "killed by SIGSEGV"},
        {"isolation", "canary of another user in agent_thinking at /x"},
        {"credentials", "a valid token refused"},
        {"routing", "agent_thinking on another connection of the user"},
        {"exactly_once", "agent_completed twice"},
        {"event_order", "agent_thinking after agent_completed"},
        {"server_log", "panic: gone"},
        {"reconnect", "rest never came"},
        {"tab_independence", "connection ended after another tab was closed"},
        {"close_codes", "1011 between runs"},
        {"tab_independence", "connection of another user ended after one was closed"}, // by its time only
        {"five_events", "nothing at all"},
        {"handshake", "welcome late"},
        {"baseline", "sockets above the level before the load"},
        {"thresholds", "event_latency critical"},
    };
    int before = -1;
    for (const auto& [check, signature] : order) {
        const auto rank = symptom_of(violation(check, signature), {}).rank;
        CAPTURE(check);
        CHECK(rank > before);
        before = rank;
    }
}

TEST_CASE("Symptoms leave out what is chance, and keep what tells bugs apart", "[explore]")
{
    CHECK(symptom("exactly_once", "tool_executing twice") == symptom("exactly_once", "agent_thinking twice"));
    CHECK(symptom("exactly_once", "agent_completed twice") !=
          symptom("exactly_once", "agent_thinking twice"));
    CHECK(symptom("exactly_once", "agent_completed twice (recovered)") ==
          symptom("exactly_once", "agent_thinking twice (recovered)"));
    CHECK(symptom("event_order", "agent_thinking before agent_started") ==
          symptom("event_order", "timestamp goes back at agent_completed"));
    CHECK(symptom("routing", "agent_thinking labelled with another run's id") ==
          symptom("routing", "agent_started labelled with another run's id"));
    CHECK(symptom("routing", "agent_thinking labelled with another run's id") !=
          symptom("routing", "agent_thinking on another connection of the user"));
    CHECK(symptom("tab_independence", "connection ended after another tab was closed") ==
          symptom("tab_independence", "connection ended after another tab was dropped"));
    CHECK(symptom("handshake", "upgrade_answered: HTTP 502") !=
          symptom("handshake", "upgrade_answered: timeout"));
    CHECK(symptom("close_codes", "1011 between runs") != symptom("close_codes", "1000 between runs"));
    CHECK(symptom("liveness", "slow: pong during a run") != symptom("liveness", "slow: first event"));
    CHECK(symptom("five_events", "late agent_completed") == symptom("liveness", "slow: first event"));
}

TEST_CASE("A deprecation in the log, or a field that is missing, says nothing of what else is wrong",
          "[explore]")
{
    CHECK(keys(failed({{"server_log", "DeprecationWarning: use something else"},
                       {"schema", "agent_completed at /payload/status: missing"},
                       {"five_events", "nothing at all"}})) ==
          Keys{"five_events: silence", "server_log: DeprecationWarning: use something else",
               "schema: agent_completed at /payload/status: missing"});
}

TEST_CASE("A traceback is named by the exception at its end", "[explore]")
{
    const auto found = [](std::string_view exception) {
        HistoryBuilder history;
        history.user(0).opens().run(0).closes();
        history.log(40, "Traceback (most recent call last):");
        history.log(41, "  File \"/srv/app.py\", line 42, in send");
        history.log(41, "another stream", 1);
        history.log(42, "    raise Gone(17)");
        history.log(43, exception);
        const auto built = history.build();
        Expectations expectations;
        expectations.server_output = true;
        return keys(judge(expectations, built), built);
    };
    CHECK(found("app.Gone: connection 17 of user \"Jane Doe\"") ==
          Keys{"server_log: traceback: app.Gone: connection # of user \"...\""});
    CHECK(found("RuntimeError: no socket") != found("KeyError: 'slot'"));
}

TEST_CASE("Signatures of judged histories do not depend on who it was, and when", "[explore]")
{
    const auto bleed = [](std::uint32_t victim, std::uint32_t culprit, std::int64_t at, bool silent) {
        HistoryBuilder history;
        history.user(culprit).at(at).opens().run(0).closes();
        auto story = history.user(victim).at(at + 3).opens().request(0).event(FrameType::agent_started);
        story.event(FrameType::agent_thinking, "1")
            .carries({UserId{culprit}, SlotId{0}, 0}, "/payload/reasoning", true);
        if (!silent) story.event(FrameType::tool_executing, "x").event(FrameType::tool_completed, "x");
        if (!silent) story.event(FrameType::agent_completed).closes();
        history.quiet_until(at + 60'000);
        return history.build();
    };
    for (const auto& history : {bleed(1, 0, 10, false), bleed(7, 3, 500, false), bleed(4, 9, 80, true)})
        CHECK(keys(judge(narrow_expectations(), history), history) ==
              Keys{"isolation: canary of another user"});
}

TEST_CASE("What did not fail has no signature, nor has an execution that is void", "[explore]")
{
    HistoryBuilder clean;
    clean.user(0).opens().run(0).closes();
    CHECK(keys(judge(narrow_expectations(), clean.build())).empty());
    auto verdict = failed({{"close_codes", "1011 between runs"}});
    CHECK(keys(verdict).size() == 1);
    verdict.is_void = true;
    CHECK(keys(verdict).empty());
}
