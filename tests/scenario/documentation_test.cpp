// Documents do not lie: every JSON example in them is read as a user's file would be.
#include "scenario/reading.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <sstream>

using namespace wsrace;
using nlohmann::json;

namespace {

struct Example {
    std::string kind; // what stands behind ```json
    std::string text;
    int line = 0;
};

std::vector<Example> examples_in(const std::filesystem::path& file)
{
    std::vector<Example> examples;
    std::istringstream lines(read_file(file));
    bool inside = false;
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (!inside && line.starts_with("```json")) {
            examples.push_back({.kind = line.size() > 8 ? line.substr(8) : "", .text = {}, .line = number});
            inside = true;
        } else if (inside && line.starts_with("```")) {
            inside = false;
        } else if (inside) {
            examples.back().text += line + "\n";
        }
    }
    return examples;
}

std::vector<Problem> problems_of(const Example& example)
{
    const auto folder = source_folder() / "scenarios";
    if (example.kind == "scenario") return parse_scenario(example.text, "example", folder).problems;
    json scenario = right_scenario();
    if (example.kind == "profile") {
        scenario["profile"] = json::parse(example.text);
        return parse_scenario(scenario.dump(), "example", folder).problems;
    }
    return parse_patched(example.text).problems;
}

} // namespace

TEST_CASE("Every JSON example of the documents is read, and says what it is", "[scenario]")
{
    const std::set<std::string> kinds{"scenario", "fragment", "rejected", "profile"};
    std::size_t count = 0;
    for (const char* name : {"docs/scenario_format.md", "docs/your_server.md", "scenarios/README.md"}) {
        for (const Example& example : examples_in(source_folder() / name)) {
            CAPTURE(name, example.line, example.kind);
            REQUIRE(kinds.contains(example.kind));
            const auto problems = problems_of(example);
            CAPTURE(problems);
            CHECK(problems.empty() == (example.kind != "rejected"));
            ++count;
        }
    }
    CHECK(count >= 15);
}

TEST_CASE("The list of scenarios names every file that is there", "[scenario]")
{
    const std::string list = read_file(source_folder() / "scenarios/README.md");
    for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "scenarios"))
        if (entry.path().extension() == ".json")
            CHECK_THAT(list, Catch::Contains("(" + entry.path().filename().string() + ")"));
}

TEST_CASE("The reference describes every field that the schemas have", "[scenario]")
{
    const std::string reference = read_file(source_folder() / "docs/scenario_format.md");
    for (const char* name : {"scenario", "profile"}) {
        const auto schema = json::parse(
            read_file(source_folder() / "harness/scenario/schema" / (std::string(name) + ".schema.json")));
        std::set<std::string> fields;
        const auto collect = [&](const auto& self, const json& value) -> void {
            if (value.is_object() && value.contains("properties"))
                for (const auto& [field, rule] : value["properties"].items()) fields.insert(field);
            if (value.is_structured())
                for (const json& part : value) self(self, part);
        };
        collect(collect, schema);
        for (const std::string& field : fields) {
            CAPTURE(name, field);
            CHECK((reference.find("`" + field + "`") != std::string::npos ||
                   reference.find("\"" + field + "\"") != std::string::npos ||
                   reference.find("." + field + "`") != std::string::npos));
        }
    }
}
