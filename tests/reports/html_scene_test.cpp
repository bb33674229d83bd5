#include "checks/judge.hpp"
#include "reports/html/scene.hpp"
#include "support/history_builder.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace wsrace;
using namespace wsrace::test;

namespace {

Expectations with_output()
{
    Expectations expectations;
    expectations.server_output = true;
    return expectations;
}

// A history, judged, and what its page would show.
struct Shown {
    explicit Shown(const HistoryBuilder& builder, const SceneLimits& limits = {})
        : history{builder.build()}, verdict{judge(with_output(), history)},
          report{ReportInput{.info = history.info, .verdict = verdict, .history = history, .out = {}}}
    {
        for (const auto& group : report.groups) groups.push_back(&group);
        scenes = scenes_of(report, groups, limits);
    }

    std::vector<Scene> of(const std::string& check) const
    {
        for (std::size_t i = 0; i < groups.size(); ++i)
            if (groups[i]->check == check) return scenes[i];
        return {};
    }

    const Event& event(std::uint32_t position) const { return history.events.at(position); }

    const History history;
    const RunVerdict verdict;
    const PreparedReport report;
    std::vector<const SignatureGroup*> groups;
    std::vector<std::vector<Scene>> scenes;
};

std::vector<std::uint32_t> users(const Scene& scene, LaneRole role)
{
    std::vector<std::uint32_t> out;
    for (const auto& lane : scene.lanes)
        if (lane.role == role) out.push_back(lane.user.value);
    return out;
}

// User 1 asks, user 2 gets the answer; users 3 to 8 connect in between, each 10 ms after the one before.
HistoryBuilder bleed()
{
    HistoryBuilder history;
    history.user(1).at(10).opens().at(30).request(0);
    history.user(2).at(12).opens().at(31).request(0).five_events();
    for (std::uint32_t user = 3; user <= 8; ++user) history.user(user).at(10 * user).opens();
    auto stranger = history.user(2).at(100);
    stranger.answers(0).event(FrameType::agent_thinking, "2");
    stranger.carries({UserId{1}, SlotId{0}, 0}, "/payload/reasoning");
    return history;
}

using Users = std::vector<std::uint32_t>;

} // namespace

TEST_CASE("A bleed's scene has its owner, its subject, and an arrow from the request to the frame", "[html]")
{
    const Shown shown{bleed()};
    const auto scenes = shown.of("isolation");
    REQUIRE(scenes.size() == 1);
    const auto& scene = scenes[0];
    CHECK(scene.lanes[0].role == LaneRole::target);
    CHECK(scene.lanes[1].role == LaneRole::owner);
    CHECK(users(scene, LaneRole::owner) == Users{1});
    CHECK(users(scene, LaneRole::subject) == Users{2});
    REQUIRE(scene.arrows.size() == 1);
    const auto& from = shown.event(scene.arrows[0].from);
    const auto& to = shown.event(scene.arrows[0].to);
    CHECK(from.is_step(StepKind::request_sent));
    CHECK(from.user == 1);
    CHECK(to.is_frame(FrameType::agent_thinking));
    CHECK(to.user == 2);
    CHECK(to.at == ms(100));
    CHECK(scene.focus_from < from.at);
    CHECK(scene.focus_until > to.at);
}

TEST_CASE("Whoever did something just before stands beside, the latest first and no more than allowed",
          "[html]")
{
    const Shown shown{bleed(), {.nearby = 3}};
    CHECK(users(shown.of("isolation").at(0), LaneRole::nearby) == Users{8, 7, 6});
    auto late = bleed();
    auto stranger = late.user(2).at(9'000);
    stranger.answers(0).event(FrameType::agent_thinking, "3");
    stranger.carries({UserId{1}, SlotId{0}, 0}, "/payload/elsewhere");
    const Shown alone{late};
    const auto scenes = alone.scenes;
    const auto& other = *std::find_if(scenes.begin(), scenes.end(), [](const auto& group) {
        return !group.empty() && group[0].violation->at == ms(9'000);
    });
    CHECK(users(other[0], LaneRole::nearby).empty());
}

TEST_CASE("Data that is told by an id has an arrow from where the id was at home", "[html]")
{
    HistoryBuilder history;
    history.user(1).at(10).opens().run(0);
    auto stranger = history.user(2).at(40).opens();
    stranger.request(0)
        .five_events()
        .event(FrameType::agent_thinking, "9")
        .labelled(run_name({UserId{1}, SlotId{0}, 0}));
    const Shown shown{history};
    const auto scenes = shown.of("isolation");
    REQUIRE_FALSE(scenes.empty());
    REQUIRE(scenes[0].arrows.size() == 1);
    CHECK(shown.event(scenes[0].arrows[0].from).user == 1);
    CHECK(shown.event(scenes[0].arrows[0].from).is_frame(FrameType::agent_started));
    CHECK(shown.event(scenes[0].arrows[0].to).user == 2);
}

TEST_CASE("An id that was mentioned is shown where it proves something, and nowhere else", "[html]")
{
    HistoryBuilder history;
    history.login(1, Outcome::ok, "u-1").login(2, Outcome::ok, "u-2");
    auto owner = history.user(1).at(10).opens().request(0).event(FrameType::agent_started);
    owner.note(EventKind::mention, "u-1", "/user_id");
    auto stranger = history.user(2).at(40).opens().request(0).event(FrameType::agent_started);
    stranger.note(EventKind::mention, "u-2", "/user_id");
    stranger.event(FrameType::agent_thinking).note(EventKind::mention, "u-1", "/payload/user");
    const Shown shown{history};
    const auto scenes = shown.of("isolation");
    REQUIRE_FALSE(scenes.empty());
    std::vector<std::string> mentioned;
    for (const auto& lane : scenes[0].lanes)
        for (const auto position : lane.events)
            if (shown.event(position).kind == EventKind::mention)
                mentioned.emplace_back(shown.history.text(shown.event(position).item));
    CHECK(mentioned == std::vector<std::string>{"/payload/user"});
}

TEST_CASE("Within one user the arrow leads from the connection that asked to the other one", "[html]")
{
    HistoryBuilder history;
    history.user(1, 0).at(10).opens().at(30).request(0);
    auto other = history.user(1, 1).at(12).opens();
    other.at(50).request(0).five_events().event(FrameType::agent_thinking, "9");
    other.carries({UserId{1}, SlotId{0}, 0}, "/payload/reasoning");
    const Shown shown{history};
    const auto scenes = shown.of("routing");
    REQUIRE_FALSE(scenes.empty());
    REQUIRE(scenes[0].arrows.size() == 1);
    CHECK(shown.event(scenes[0].arrows[0].from).slot == 0);
    CHECK(shown.event(scenes[0].arrows[0].to).slot == 1);
    for (const auto& lane : scenes[0].lanes)
        if (lane.role == LaneRole::owner) CHECK(lane.slot == SlotId{0});
}

TEST_CASE("A lane keeps the events nearest to the moment and counts the others", "[html]")
{
    HistoryBuilder history;
    auto talker = history.user(1).opens();
    for (std::uint16_t request = 0; request < 50; ++request) talker.run(request);
    talker.ends(EndKind::peer_closed, 1011);
    const Shown shown{history, {.events = 12}};
    const auto scenes = shown.of("close_codes");
    REQUIRE(scenes.size() == 1);
    const auto lane = *std::find_if(scenes[0].lanes.begin(), scenes[0].lanes.end(),
                                    [](const Lane& one) { return one.role == LaneRole::subject; });
    CHECK(lane.events.size() <= 12 + 16); // and what proves it
    CHECK(shown.event(lane.events.back()).kind == EventKind::end);
    CHECK(lane.after == 0);
    CHECK(lane.events.size() + lane.before == 305 + 1);
    CHECK(std::is_sorted(lane.events.begin(), lane.events.end()));
}

TEST_CASE("The tab on which it happened is shown whatever the others do", "[html]")
{
    HistoryBuilder history;
    for (std::uint16_t tab = 0; tab < 8; ++tab) history.user(1, tab).at(10 + tab).opens();
    history.user(1, 5).at(40).ends(EndKind::peer_closed, 1011);
    for (std::uint16_t tab = 0; tab < 5; ++tab) history.user(1, tab).at(41 + tab).closes();
    const Shown shown{history, {.tabs = 2}};
    const auto scenes = shown.of("close_codes");
    REQUIRE_FALSE(scenes.empty());
    std::vector<std::uint16_t> subjects, siblings;
    for (const auto& lane : scenes[0].lanes) {
        if (lane.role == LaneRole::subject) subjects.push_back(lane.slot.value);
        if (lane.role == LaneRole::sibling) siblings.push_back(lane.slot.value);
    }
    CHECK(subjects == std::vector<std::uint16_t>{5});
    CHECK(siblings.size() == 1);
}

TEST_CASE("Examples are of different users, and end with the limit, as do groups and events", "[html]")
{
    HistoryBuilder history;
    for (std::uint32_t user = 0; user < 9; ++user) {
        auto failing = history.user(user).at(10 * user).opens().request(0);
        failing.event(FrameType::agent_started).ends(EndKind::peer_closed, 1011);
        history.user(user).at(10 * user + 9).opens().request(1).ends(EndKind::peer_closed, 1011);
    }
    const Shown shown{history, {.examples = 4}};
    std::vector<std::uint32_t> subjects;
    for (const auto& scene : shown.of("close_codes"))
        subjects.push_back(users(scene, LaneRole::subject).at(0));
    CHECK(subjects == Users{0, 1, 2, 3});

    const Shown one{history, {.groups = 1}};
    CHECK_FALSE(one.scenes.at(0).empty());
    for (std::size_t i = 1; i < one.scenes.size(); ++i) CHECK(one.scenes[i].empty());

    const Shown none{history, {.total = 5}};
    for (const auto& scenes : none.scenes) CHECK(scenes.empty());
}

TEST_CASE("What concerns the target alone has its lane, and those who were there", "[html]")
{
    auto history = bleed();
    history.life_cycle(5, LifeCycle::spawned, 4711);
    history.log(70, "Traceback (most recent call last):");
    const Shown shown{history};
    const auto scenes = shown.of("server_log");
    REQUIRE(scenes.size() == 1);
    CHECK(users(scenes[0], LaneRole::subject).empty());
    CHECK(scenes[0].lanes[0].role == LaneRole::target);
    CHECK(scenes[0].lanes[0].events.size() == 2);
    CHECK(users(scenes[0], LaneRole::nearby).at(0) == 6);
}

TEST_CASE("A clean run has no scenes, nor has an empty one", "[html]")
{
    HistoryBuilder history;
    history.user(1).opens().run(0).closes();
    CHECK(Shown{history}.scenes.empty());
    CHECK(Shown{HistoryBuilder{}}.scenes.size() == Shown{HistoryBuilder{}}.groups.size());
}
