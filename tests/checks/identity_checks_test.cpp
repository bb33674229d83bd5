#include "support/judging.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;

namespace {

// Users 1 and 2 are logged in, and each has had a run. The second one is still listening.
struct TwoUsers {
    HistoryBuilder history;
    ConnectionBuilder second;

    TwoUsers() : second(history.user(2))
    {
        history.login(1).login(2);
        history.user(1).opens().run(0).closes();
        second.at(200).opens().run(0);
    }
};

} // namespace

TEST_CASE("Users who see only their own data pass isolation and routing")
{
    TwoUsers users;
    users.second.note(EventKind::mention, "user-2", "/user_id")
        .note(EventKind::mention, "run-2-0-0", "/run_id");
    const auto result = ask("isolation", users.history);
    CHECK(result.verdict == Verdict::pass);
    CHECK(result.sample_size == 12);
    CHECK(ask("routing", users.history).verdict == Verdict::pass);
    CHECK(ask("routing", users.history).sample_size == 10);
}

TEST_CASE("A silent witness gets its welcome and heartbeats, and nothing else")
{
    TwoUsers users;
    auto witness = users.history.user(3).says("behaviour: silent_witness").opens();
    witness.bare(FrameType::heartbeat).bare(FrameType::ping).bare(FrameType::unknown);
    CHECK(ask("isolation", users.history).verdict == Verdict::pass);
    const auto type = GENERATE(FrameType::agent_thinking, FrameType::agent_error, FrameType::error_message,
                               FrameType::acknowledgement, FrameType::binary);
    witness.bare(type);
    CHECK(signatures(ask("isolation", users.history)) ==
          Signatures{std::string{name(type)} + " for a user who asked nothing"});
    users.history.user(4).opens().bare(FrameType::error_message); // is no witness, only has not asked yet
    CHECK(ask("isolation", users.history).violation_count == 1);
}

TEST_CASE("isolation finds another user's data by each kind of evidence")
{
    TwoUsers users;
    const RequestId other{UserId{1}, SlotId{0}, 0};
    std::string expected;
    SECTION("a canary in place of the own one")
    {
        users.second.request(1).event(FrameType::agent_thinking, "1").carries(other, "/payload/reasoning");
        expected = "canary of another user in agent_thinking at /payload/reasoning";
    }
    SECTION("a canary beside the own one")
    {
        users.second.request(1)
            .event(FrameType::agent_started)
            .carries(other, "/payload/context/user_request", true);
        expected = "canary of another user in agent_started at /payload/context/user_request";
    }
    SECTION("its user id")
    {
        users.second.note(EventKind::mention, "user-1", "/user_id");
        expected = "user id of another user in agent_completed at /user_id";
    }
    SECTION("its run id, as the frame's own")
    {
        users.second.request(1).event(FrameType::agent_started).labelled("run-1-0-0");
        expected = "run id of another user in agent_started at run id";
    }
    SECTION("its run id, somewhere")
    {
        users.second.note(EventKind::mention, "run-1-0-0", "/data/list/3");
        expected = "run id of another user in agent_completed at /data/list/3";
    }
    SECTION("its thread id, which it had named")
    {
        users.history.user(1).at(100).request(1, "thread-a");
        users.second.note(EventKind::mention, "thread-a", "/payload/thread_id");
        expected = "thread id of another user in agent_completed at /payload/thread_id";
    }
    SECTION("all of it in one frame is one finding")
    {
        users.second.request(1).event(FrameType::agent_started).carries(other, "/payload/message");
        users.second.note(EventKind::mention, "user-1", "/user_id")
            .note(EventKind::mention, "run-1-0-0", "/run_id");
        expected = "canary of another user in agent_started at /payload/message";
    }
    const auto result = ask("isolation", users.history);
    CHECK(signatures(result) == Signatures{expected});
    REQUIRE(result.violation_count == 1);
    const Violation& violation = result.violations[0];
    CHECK(violation.connection->user == UserId{2});
    CHECK(violation.other_user == UserId{1});
    CHECK(violation.message.find("user 1") != std::string::npos);
    CHECK(violation.message.find("user 2") != std::string::npos);
    CHECK(result.affected_users == std::vector<UserId>{UserId{1}, UserId{2}});
}

TEST_CASE("A thread id belongs to the user whose canary accompanied it first")
{
    HistoryBuilder history;
    for (const std::uint32_t user : {1U, 2U}) {
        auto connection =
            history.user(user).at(user * 100).opens().request(0).event(FrameType::agent_started);
        connection.note(EventKind::mention, "t-10" + std::to_string(user), "/thread_id");
        if (user == 2) connection.note(EventKind::mention, "t-101", "/payload/thread_id");
        connection.event(FrameType::agent_completed);
    }
    CHECK(signatures(ask("isolation", history)) ==
          Signatures{"thread id of another user in agent_started at /payload/thread_id"});
}

TEST_CASE("A thread id belongs to who named it, though only somebody else gets to see it")
{
    TwoUsers users;
    users.history.user(1).at(100).request(1, "thread-7");
    users.second.note(EventKind::mention, "thread-7", "/payload/thread_id");
    CHECK(signatures(ask("isolation", users.history)) ==
          Signatures{"thread id of another user in agent_completed at /payload/thread_id"});
}

TEST_CASE("A frame with the data of two other users is a finding for each of them")
{
    TwoUsers users;
    users.history.user(3).at(100).opens().run(0);
    users.second.request(1).event(FrameType::agent_thinking, "1");
    for (const std::uint32_t other : {1U, 3U})
        users.second.carries({UserId{other}, SlotId{0}, 0}, "/payload/reasoning", true);
    const auto result = ask("isolation", users.history);
    REQUIRE(result.violation_count == 2);
    CHECK(result.violations[0].other_user != result.violations[1].other_user);
}

TEST_CASE("Ids that are short, shared or constant are no evidence")
{
    TwoUsers users;
    SECTION("two users logged in as the same")
    {
        users.history.login(1, Outcome::ok, "shared-id").login(2, Outcome::ok, "shared-id");
        users.second.note(EventKind::mention, "shared-id", "/user_id");
    }
    SECTION("a user id of two characters")
    {
        users.history.login(1, Outcome::ok, "u1");
        users.second.note(EventKind::mention, "u1", "/user_id");
    }
    SECTION("a thread that both had named")
    {
        users.history.user(1).at(100).request(1, "thread-a");
        users.second.request(1, "thread-a").event(FrameType::agent_started);
        users.second.note(EventKind::mention, "thread-a", "/thread_id");
    }
    SECTION("a thread called the same for everybody")
    {
        auto first = users.history.user(1).at(90).answers(0).event(FrameType::agent_thinking, "7");
        first.note(EventKind::mention, "default", "/thread_id");
        users.second.note(EventKind::mention, "default", "/thread_id");
    }
    CHECK(ask("isolation", users.history).verdict == Verdict::pass);
}

TEST_CASE("A canary of another run of the harness is not ours")
{
    TwoUsers users;
    users.second.request(1).event(FrameType::agent_started);
    users.second
        .note(EventKind::canary, make_canary({RunId{7}, {UserId{5}, SlotId{0}, 0}}), "/payload/message")
        .flagged(Flag::other_canary);
    CHECK(signatures(ask("isolation", users.history)) ==
          Signatures{"canary of another run of the harness in agent_started at /payload/message"});
}

TEST_CASE("A witness who asked nothing must receive no event of any run")
{
    TwoUsers users;
    users.history.user(3).opens().at(500).bare(FrameType::agent_thinking);
    CHECK(signatures(ask("isolation", users.history)) ==
          Signatures{"agent_thinking for a user who asked nothing"});
}

TEST_CASE("isolation does not pass without canaries, nor with a single user")
{
    HistoryBuilder silent;
    silent.user(1).opens().request(0).bare(FrameType::agent_started);
    silent.user(2).opens();
    CHECK(ask("isolation", silent).verdict == Verdict::inconclusive);
    CHECK(ask("isolation", silent).reason == "no canary was echoed");
    HistoryBuilder alone;
    alone.user(1).opens().run(0);
    CHECK(ask("isolation", alone).verdict == Verdict::skipped);
}

TEST_CASE("routing finds events on another tab, labels of another run, and damaged canaries")
{
    HistoryBuilder history;
    history.user(1, 0).opens().run(0);
    auto second = history.user(1, 1).opens().run(0);
    second.request(1);
    const RequestId foreign{UserId{1}, SlotId{0}, 0};
    SECTION("a stray by its canary")
    {
        second.event(FrameType::agent_thinking, "5").carries(foreign, "/payload/reasoning");
        const auto result = ask("routing", history);
        CHECK(signatures(result) == Signatures{"agent_thinking on another connection of the user"});
        CHECK(result.violations[0].message.find("user 1, connection 0, request 0") != std::string::npos);
        CHECK(ask("isolation", history).verdict != Verdict::fail);
        Expectations expectations;
        expectations.routing = RoutingPolicy::all_connections;
        CHECK(ask("routing", history, expectations).verdict == Verdict::pass);
    }
    SECTION("a stray by its run id")
    {
        second.bare(FrameType::agent_thinking, "run-1-0-0");
        CHECK(signatures(ask("routing", history)) ==
              Signatures{"agent_thinking on another connection of the user"});
    }
    SECTION("a label of another tab's run")
    {
        second.event(FrameType::agent_started).labelled("run-1-0-0");
        CHECK(signatures(ask("routing", history)) ==
              Signatures{"agent_started labelled with another run's id"});
    }
    SECTION("a label of another run of the same tab")
    {
        second.event(FrameType::agent_started).event(FrameType::agent_thinking, "1").labelled("run-1-1-0");
        CHECK(signatures(ask("routing", history)) ==
              Signatures{"agent_thinking labelled with another run's id"});
    }
    SECTION("one run id for a whole conversation is a habit, not a mistake")
    {
        second.event(FrameType::agent_started).labelled("run-1-1-0");
        second.event(FrameType::agent_thinking).labelled("run-1-1-0");
        CHECK(ask("routing", history).verdict == Verdict::pass);
    }
    SECTION("a damaged canary")
    {
        auto text = canary_text(history.build(), foreign);
        text.back() = text.back() == 'a' ? 'b' : 'a';
        second.event(FrameType::agent_started).note(EventKind::canary, text, "/payload/message");
        second.flagged(Flag::corrupt_canary);
        CHECK(signatures(ask("routing", history)) ==
              Signatures{"damaged canary in agent_started at /payload/message"});
    }
    SECTION("an event on a tab that asked nothing")
    {
        history.user(1, 2).opens().bare(FrameType::agent_thinking);
        CHECK(signatures(ask("routing", history)) ==
              Signatures{"agent_thinking on a connection that asked nothing"});
    }
}

TEST_CASE("Where events go to all connections, each of them must get all")
{
    HistoryBuilder history;
    Expectations expectations;
    expectations.routing = RoutingPolicy::all_connections;
    auto first = history.user(1, 0).opens().at(50).request(0);
    auto second = history.user(1, 1).opens().at(60);
    for (const FrameType type : five_events) {
        first.event(type, "x");
        if (type != FrameType::tool_completed)
            second.answers(0).event(type, "x").carries({UserId{1}, SlotId{0}, 0}, "/payload");
    }
    history.quiet_until(5000);
    CHECK(signatures(ask("routing", history, expectations)) ==
          Signatures{"tool_completed not on all connections of the user"});
    auto third = history.user(1, 2).at(60).connects();
    for (const FrameType type : five_events)
        third.answers(0).event(type, "x").carries({UserId{1}, SlotId{0}, 0}, "/payload");
    CHECK(ask("exactly_once", history, expectations).verdict == Verdict::pass); // one copy for each tab
    second.at(80).event(FrameType::agent_completed).carries({UserId{1}, SlotId{0}, 0}, "/payload");
    CHECK(signatures(ask("exactly_once", history, expectations)) == Signatures{"agent_completed twice"});
}
