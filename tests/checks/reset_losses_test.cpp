#include "core/step_spec.hpp"
#include "support/judging.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;

namespace {

constexpr std::array rest{FrameType::agent_thinking, FrameType::tool_executing, FrameType::tool_completed,
                          FrameType::agent_completed};

// A run that is cut when so many events of the rest have come; what follows on the next connection begins at
// `from`.
History cut_after(std::size_t come, std::size_t from, bool by_reset)
{
    HistoryBuilder history;
    history.login(1);
    auto asked = history.user(1).opens().request(0).event(FrameType::agent_started);
    const auto item = [](FrameType type) { return type == FrameType::agent_thinking ? "1" : "x"; };
    for (std::size_t i = 0; i < come; ++i) asked.event(rest.at(i), item(rest.at(i)));
    asked.step(StepKind::drop, Outcome::ok, static_cast<int>(by_reset ? Ending::reset : Ending::fin));
    if (by_reset) asked.flagged(Flag::reset);
    asked.ends(EndKind::we_dropped);
    auto next = history.user(1, 0, 1).at(100).opens().answers(0);
    for (auto i = from; i < rest.size(); ++i) next.event(rest.at(i), item(rest.at(i)));
    next.awaits(from < rest.size() ? Outcome::ok : Outcome::timeout).closes();
    return history.build();
}

} // namespace

TEST_CASE("One event behind the last that came before a reset may have been thrown away")
{
    const auto come = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{3});
    CAPTURE(come);
    CHECK(failing(cut_after(come, come, true)).empty());     // all of it comes
    CHECK(failing(cut_after(come, come + 1, true)).empty()); // but for one
}

TEST_CASE("Two events that are missing behind a reset are the target's to explain")
{
    const auto come = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{2});
    CAPTURE(come);
    const auto history = cut_after(come, come + 2, true);
    CHECK(failing(history).contains("reconnect"));
    CHECK(failing(history).contains("five_events"));
}

TEST_CASE("Behind a FIN, which is read on behind, every event is awaited")
{
    const auto come = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{3});
    CAPTURE(come);
    CHECK(failing(cut_after(come, come, false)).empty());
    CHECK(failing(cut_after(come, come + 1, false)).contains("reconnect"));
}
