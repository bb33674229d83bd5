// What a target says goes through every writer, and must not act on whoever reads the report.
#include "reports/clean_text.hpp"
#include "reports/sample_report.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

using namespace wsrace;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// HTML, Markdown, escape sequences, malformed UTF-8, NUL, the end of a CDATA section, and secrets.
std::string hostile()
{
    using namespace std::string_literals;
    return "<script>alert(1)</script> **bold** [link](http://evil.example) | cell ``` @somebody ]]> &amp; "
           "\x1b[31mred\x1b]0;title\x07 \xff\xfe \xc0\x80 \xed\xa0\x80 \xef\xbf\xbe \xe2\x80\xae"s +
           "reversed\0nul \r\nBearer hunter2hunter2 token=s3cr3ts3cr3t "s +
           R"({"password":"pa55word"} eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1LTMifQ.c2lnbmF0dXJl)";
}

void check_no_secret(const std::string& text)
{
    CHECK_FALSE(has(text, "hunter2"));
    CHECK_FALSE(has(text, "s3cr3t"));
    CHECK_FALSE(has(text, "pa55word"));
    CHECK_FALSE(has(text, "eyJ"));
}

void check_no_control(const std::string& text)
{
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20) CHECK((c == '\n' || c == '\t'));
        CHECK(byte != 0x7F);
    }
    CHECK_FALSE(has(text, "\xe2\x80\xae"));
}

} // namespace

TEST_CASE("verdict.json of a hostile target is valid, redacted JSON")
{
    const auto text = verdict_json(hostile_report(hostile()).input());
    CHECK(nlohmann::json::parse(text)["checks"].size() == 3);
    check_no_secret(text);
    check_no_control(text);
}

TEST_CASE("junit.xml of a hostile target is well formed and redacted")
{
    const auto text = junit_xml(hostile_report(hostile()).input());
    pugi::xml_document document;
    REQUIRE(document.load_string(text.c_str()));
    CHECK(document.select_nodes("//testcase").size() == 3);
    CHECK_FALSE(has(text, "<script>"));
    CHECK(has(text, "]]&gt;")); // an attribute may hold it as it is
    CHECK_FALSE(has(text, "&#27;"));
    CHECK_FALSE(has(text, "&#0;"));
    check_no_secret(text);
    check_no_control(text);
}

TEST_CASE("summary.md of a hostile target shows its text as code")
{
    const auto text = summary_markdown(hostile_report(hostile()).input());
    check_no_secret(text);
    check_no_control(text);
    // Outside of code nothing of it is HTML, markup, a link or a mention; inside, the fence is longer than
    // any in the text.
    CHECK(has(text, "&lt;script\\>alert(1)"));
    CHECK(has(text, "\\*\\*bold\\*\\* \\[link\\](http:\u200b//evil"));
    CHECK(has(text, "````<script>"));
    CHECK_FALSE(has(text, "\n<script>"));
    CHECK(has(text, "@\u200bsomebody"));
    CHECK_FALSE(has(text, "\n```\n\n"));
}

TEST_CASE("A bar in the target's text does not end a cell of a table")
{
    const auto text = summary_markdown(hostile_report("a | b").input());
    CHECK(has(text, "| `credentials` | skipped | 0 runs | 0 | `a \\| b` |"));
}

TEST_CASE("The terminal's summary of a hostile target steers no terminal")
{
    const auto text = terminal_summary(hostile_report(hostile()).input(), {});
    check_no_secret(text);
    check_no_control(text);
    CHECK(has(text, "\\x1b[31mred"));
    CHECK(has(terminal_summary(hostile_report("token=abc ?").input(), {}), "token=[redacted] ?"));
}

TEST_CASE("Clean text spells out what cannot be shown, and leaves everything else alone")
{
    using namespace std::string_literals;
    CHECK(clean_text("plain, ümläut, 漢字, 😀\n\ttab") == "plain, ümläut, 漢字, 😀\n\ttab");
    CHECK(clean_text("\x1b[0m") == "\\x1b[0m");
    CHECK(clean_text("a\0b"s) == "a\\x00b");
    CHECK(clean_text("\xff\xc0\xaf") == "\\xff\\xc0\\xaf");
    CHECK(clean_text("\xe2\x82") == "\\xe2\\x82");                   // cut off
    CHECK(clean_text("\xed\xa0\x80") == "\\xed\\xa0\\x80");          // a surrogate
    CHECK(clean_text("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80"); // beyond Unicode
    CHECK(clean_text("\xc2\x9b") == "\\u009b"); // a one-byte escape sequence for some terminals
    CHECK(clean_text("\xe2\x80\xae") == "\\u202e");
    CHECK(clean_text("\xf0\x9f\xbf\xbf") == "\\u1ffff");
}

TEST_CASE("Clean text is cut between characters, and says how much is missing")
{
    CHECK(clean_text("äää", 3) == "ä [... 4 more bytes]");
    CHECK(clean_text("äää", 6) == "äää");
    CHECK(one_line(" a\n\n\tb ", 80) == "a b");
    CHECK(one_line("äöü", 2) == "äö...");
}

TEST_CASE("Numbers are grouped by three")
{
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1 000");
    CHECK(grouped(1234567) == "1 234 567");
}
