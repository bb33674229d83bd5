#include "scenario/reading.hpp"

#include "scenario/json_node.hpp"
#include "scenario/strict_json.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

namespace {

std::vector<Problem> problems_of(const std::string& text)
{
    std::vector<Problem> problems;
    Mistakes mistakes("x.json", problems);
    const auto document = parse_strict_json(text, mistakes);
    CHECK(document.has_value() == problems.empty());
    return problems;
}

struct Row {
    std::string text;
    std::string path;
    std::string message;
};

} // namespace

TEST_CASE("Text that is not JSON is reported with line and column", "[scenario]")
{
    const Row row = GENERATE(values<Row>({
        {"{\n  \"a\": 1,\n}", "line 3, column 1", "string literal"},
        {"{\"a\": 1", "line 1, column 8", "end of input"},
        {"[1, 2] 3", "line 1, column 8", "end of input"},
        {"{'a': 1}", "line 1, column 2", "string literal"},
        {"\n\n{\"a\": nul}", "line 3, column 10", "invalid literal"},
        {"  \n", "line 1, column 1", "empty"},
        {"{\"a\": \"\xff\"}", "line 1, column 8", "UTF-8"},
        {std::string("{}\0 more", 8), "line 1, column 3", "NUL"},
    }));
    const auto problems = problems_of(row.text);
    CAPTURE(row.text);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].file == "x.json");
    CHECK(problems[0].path == row.path);
    CHECK_THAT(problems[0].message, Catch::Contains(row.message));
}

TEST_CASE("A field that stands twice is found wherever it is, and all of them", "[scenario]")
{
    const auto problems =
        problems_of(R"({"a": [1, {"b": {"c": 1, "c": 2}}, {"d": 1, "e-f": 2, "e-f": 3}], "a": []})");
    REQUIRE(problems.size() == 3);
    CHECK(problems[0].path == "$.a[1].b.c");
    CHECK(problems[1].path == "$.a[2][\"e-f\"]");
    CHECK(problems[2].path == "$.a");
}

TEST_CASE("The same field in two objects is not a mistake", "[scenario]")
{
    CHECK(problems_of(R"({"a": {"x": 1}, "b": {"x": 1}, "c": [{"x": 1}, {"x": 2}]})").empty());
}

TEST_CASE("Nesting that would exhaust the stack is refused", "[scenario]")
{
    const auto problems = problems_of(std::string(100'000, '[') + std::string(100'000, ']'));
    REQUIRE(problems.size() == 1);
    CHECK_THAT(problems[0].message, Catch::Contains("levels deep"));
}

TEST_CASE("A number beyond every type is refused, not rounded", "[scenario]")
{
    const auto problems = problems_of(R"({"a": 1e999})");
    REQUIRE(problems.size() == 1);
    CHECK_THAT(problems[0].message, Catch::Contains("1e999"));
}

TEST_CASE("A whole number is read only from a whole number in range", "[scenario]")
{
    const auto read = [](const std::string& text) {
        std::vector<Problem> problems;
        Mistakes mistakes("x.json", problems);
        const Json value = Json::parse(text);
        return JsonNode(value, "$", mistakes).integer(0, 64);
    };
    CHECK(read("0") == 0);
    CHECK(read("64") == 64);
    for (const char* text : {"3.9", "3.0", "-1", "65", "18446744073709551615", "99999999999999999999",
                             "\"3\"", "true", "null", "[]"}) {
        CAPTURE(text);
        CHECK_FALSE(read(text));
    }
}
