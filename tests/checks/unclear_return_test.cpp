#include "support/judging.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;

namespace {

struct Course {
    std::int64_t other_opens; // ms; the run's own connection is dropped at 50, and is there again at 200
    bool rest_comes_home = false;
};

// A user with two connections, one of which is dropped in a run. The rest comes on the other one, or at home.
History dropped_beside(const Course& course)
{
    HistoryBuilder history;
    history.login(1);
    auto other = history.user(1, 1).at(course.other_opens).opens();
    auto asked = history.user(1).opens().request(0).event(FrameType::agent_started);
    asked.at(50).drops();
    const RequestId lost{UserId{1}, SlotId{0}, 0};
    auto next = history.user(1, 0, 1).at(200).opens().answers(0);
    auto& rest = course.rest_comes_home ? next : other.at(300).request(0);
    for (const auto& [type, item] : {std::pair{FrameType::agent_thinking, "1"},
                                     {FrameType::tool_executing, "x"},
                                     {FrameType::tool_completed, "x"},
                                     {FrameType::agent_completed, ""}}) {
        rest.event(type, item);
        if (!course.rest_comes_home) rest.carries(lost, "/payload/text");
    }
    if (!course.rest_comes_home) other.at(400).five_events();
    next.at(1'000).awaits(course.rest_comes_home ? Outcome::ok : Outcome::timeout).closes();
    history.quiet_until(20'000);
    return history.build();
}

} // namespace

TEST_CASE("A connection that opens while another of its user is away may be taken for its return")
{
    CHECK(failing(dropped_beside({.other_opens = 100})).empty());
    CHECK(failing(dropped_beside({.other_opens = 100, .rest_comes_home = true})).empty());
}

TEST_CASE("One that was there before, or that came when the other was back, is no place for its rest")
{
    const auto opens = GENERATE(std::int64_t{10}, std::int64_t{250});
    CAPTURE(opens);
    const auto found = failing(dropped_beside({.other_opens = opens}));
    CHECK(found.contains("routing"));
    CHECK(found.contains("reconnect"));
    CHECK(found.contains("five_events"));
    CHECK(failing(dropped_beside({.other_opens = opens, .rest_comes_home = true})).empty());
}
