#include "run/request_book.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

namespace {

FrameFacts event(FrameType type, std::string run, int own_request = -1)
{
    FrameFacts facts;
    facts.type = type;
    facts.run = std::move(run);
    facts.own_request = own_request;
    return facts;
}

} // namespace

TEST_CASE("A run ends with its terminal event, followed by canary or by run id")
{
    RequestBook book;
    CHECK(book.all_ended());
    CHECK(book.add("a") == 0);
    CHECK(book.add("b") == 1);
    book.note(event(FrameType::agent_started, "r-1", 0));
    book.note(event(FrameType::agent_started, "r-2", 1));
    CHECK(book.newest_open() == 1);
    CHECK(book.run_of(1) == "r-2");
    book.note(event(FrameType::agent_completed, "r-2"));
    CHECK(book.newest_open() == 0);
    CHECK_FALSE(book.all_ended());
    book.note(event(FrameType::agent_completed, "r-1"));
    CHECK(book.all_ended());
    book.note(event(FrameType::agent_completed, "r-1"));
    CHECK(book.all_ended());
}

TEST_CASE("Without canary and run id an event belongs to the only open request, not to one of several")
{
    RequestBook book;
    book.add("a");
    book.note(event(FrameType::agent_completed, ""));
    CHECK(book.all_ended());
    book.add("b");
    book.add("c");
    book.note(event(FrameType::agent_completed, ""));
    CHECK_FALSE(book.ended(1));
    CHECK_FALSE(book.ended(2));
}

TEST_CASE("Somebody else's event ends nothing")
{
    RequestBook book;
    book.add("a");
    auto foreign = event(FrameType::agent_completed, "r-9");
    foreign.other_canaries.push_back({.path = "/x", .text = "someone", .encoded = false, .corrupt = false});
    book.note(foreign);
    CHECK_FALSE(book.ended(0));
}

TEST_CASE("Frames that are no events of a run are not counted")
{
    RequestBook book;
    book.add("a");
    book.note(event(FrameType::pong, ""));
    CHECK_FALSE(book.newest_started());
    book.note(event(FrameType::agent_started, "r"));
    CHECK(book.newest_started());
}

TEST_CASE("When the target has ended the connection nothing is awaited, and what is asked next is")
{
    RequestBook book;
    book.add("a");
    book.give_up_open();
    CHECK(book.all_ended());
    CHECK(book.ended(0));
    book.add("b");
    CHECK_FALSE(book.all_ended());
    book.note(event(FrameType::agent_completed, ""));
    CHECK(book.all_ended());
}

TEST_CASE("A run that was given up and goes on by itself is awaited again")
{
    RequestBook book;
    book.add("a");
    book.note(event(FrameType::agent_started, "r"));
    book.give_up_open();
    CHECK(book.all_ended());
    book.note(event(FrameType::agent_thinking, "r"));
    CHECK_FALSE(book.all_ended());
    book.note(event(FrameType::agent_completed, "r"));
    CHECK(book.all_ended());
}

TEST_CASE("Events of the newest request are counted; one that was given up is not waited for")
{
    RequestBook book;
    CHECK(book.newest_events() == 0);
    book.add("a");
    book.note(event(FrameType::agent_started, "r-1", 0));
    book.note(event(FrameType::agent_thinking, "r-1", 0));
    CHECK(book.newest_events() == 2);
    book.note(event(FrameType::acknowledgement, "r-1", 0));
    CHECK(book.newest_events() == 2);
    book.add("b");
    CHECK(book.newest_events() == 0);
    book.give_up(1);
    book.give_up(1);
    CHECK(book.newest_open() == 0);
    book.note(event(FrameType::agent_completed, "r-1", 0));
    CHECK(book.all_ended());
}
