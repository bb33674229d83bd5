#include "core/log_template.hpp"

#include "support/history_builder.hpp"

#include <catch2/catch.hpp>

#include <utility>

using namespace wsrace;

TEST_CASE("What differs from one occurrence of a log line to the next is left out", "[core]")
{
    const auto [line, expected] = GENERATE(table<std::string, std::string>({
        {"connection 17 at 0xc000012345 gone", "connection # at # gone"},
        {"2026-01-01T00:00:00.123Z listening on 127.0.0.1:8080", "#T#Z listening on #"},
        {"took 1.5 s, retry in 12ms", "took # s, retry in #ms"},
        {"user17 has run r9 and c-3", "user# has run r# and c-#"},
        {"run 3f2504e0-4f89-41d3-9a0c-0305e82c3301 ended", "run <id> ended"},
        {"token eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9 refused", "token <id> refused"},
        {"session a1b2k3z9 lost", "session <id> lost"},
        {"AttributeError: 'NoneType' object has no attribute 'send'",
         "AttributeError: 'NoneType' object has no attribute 'send'"},
        {"KeyError: 'u-12 of 7'", "KeyError: '...'"},
        {"user \"Jane Doe\" can't send", "user \"...\" can't send"},
        {R"({"level":"error","msg":"queue of 12 is full","id":7})",
         R"({"level":"error","msg":"queue of # is full","id":#})"},
        {"can't reach 12, won't retry", "can't reach #, won't retry"},
        {"level=error msg=\"queue of 12 is full\"", "level=error msg=\"queue of # is full\""},
        {"/srv/app/main.py:42:7: oops", "/srv/app/main.py:#: oops"},
        {"deadbeef is a word, deadbeef1 is not", "deadbeef is a word, # is not"},
        {"an \"open quotation", "an \"open quotation"},
        {"", ""},
    }));
    CAPTURE(line);
    CHECK(log_template(line) == expected);
}

TEST_CASE("A canary in a log line is left out, so that two users' lines are one", "[core]")
{
    const History history = test::HistoryBuilder{}.build();
    const auto one = "reply to " + test::canary_text(history, {UserId{1}, SlotId{0}, 0});
    const auto two = "reply to " + test::canary_text(history, {UserId{2}, SlotId{1}, 3});
    CHECK(log_template(one) == "reply to <id>");
    CHECK(log_template(one) == log_template(two));
}

TEST_CASE("Lines that say different things keep different templates", "[core]")
{
    CHECK(log_template("no attribute 'send'") != log_template("no attribute 'recv'"));
    CHECK(log_template("connection 3 closed") != log_template("connection 3 opened"));
}

TEST_CASE("A template of a template is the same", "[core]")
{
    const auto line =
        GENERATE(as<std::string>{}, "2026-01-01T00:00:00.123Z x 'a b' 12.5-3 u_17_v", "r#.5 '...'",
                 "3f2504e0-4f89-41d3-9a0c-0305e82c3301 {\"a\": 'b c'}", "a1b2k3z9-1.2:3");
    CHECK(log_template(log_template(line)) == log_template(line));
}

TEST_CASE("A template is valid UTF-8 without control characters, and no longer than asked for", "[core]")
{
    CHECK(log_template("gr\xC3\xBC\xC3\x9F"
                       "e\x1b[31m\xFF\xC0\x80 \xED\xA0\x80") == "gr\xC3\xBC\xC3\x9F"
                                                                "e [#m??? ???");
    CHECK(log_template("\xC3\xBC\xC3\xBC\xC3\xBC", 3) == "\xC3\xBC");
    CHECK(log_template(std::string(10'000, 'x'), 100).size() == 100);
    CHECK(log_template(std::string(1'000'000, '\''), 100).size() <= 100);
}
