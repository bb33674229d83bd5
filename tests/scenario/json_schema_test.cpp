#include "scenario/expectations_reader.hpp"
#include "scenario/journey_reader.hpp"
#include "scenario/reading.hpp"

#include <catch2/catch.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <regex>

using namespace wsrace;
using nlohmann::json;

namespace {

json schema_document(const std::string& name)
{
    return json::parse(read_file(source_folder() / "harness/scenario/schema" / (name + ".schema.json")));
}

// What the schema says against the document; empty if nothing.
std::string objections(const std::string& schema_name, const json& document)
{
    const json text = schema_document(schema_name);
    valijson::Schema schema;
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
    valijson::ValidationResults results;
    valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(document), &results);
    std::string all;
    for (const auto& error : results) {
        for (const auto& part : error.context) all += part;
        all += ": " + error.description + "\n";
    }
    return all;
}

std::set<std::string> fields_of(const json& object)
{
    std::set<std::string> fields;
    for (const auto& [field, value] : object.at("properties").items()) fields.insert(field);
    return fields;
}

// The fields that the reader names when it meets one that it does not know.
std::set<std::string> known_to_reader(const std::vector<Problem>& problems, const std::string& field)
{
    std::set<std::string> fields;
    for (const Problem& problem : problems) {
        std::smatch list;
        if (!std::regex_search(problem.message, list,
                               std::regex("unknown field \"" + field + "\" \\(known: ([^)]*)\\)")))
            continue;
        const std::string names = list[1];
        const std::regex word("[^, ]+");
        for (std::sregex_iterator name(names.begin(), names.end(), word), end; name != end; ++name)
            fields.insert(name->str());
    }
    return fields;
}

struct Place {
    std::string patch;  // puts the field "zzz" into one object of a scenario
    std::string object; // JSON pointer to that object in the schema
};

} // namespace

TEST_CASE("Every shipped scenario is valid by the schema and for the reader", "[scenario]")
{
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "scenarios")) {
        if (entry.path().extension() != ".json") continue;
        CAPTURE(entry.path());
        const auto document = json::parse(read_file(entry.path()));
        CHECK(objections("scenario", document) == "");
        const auto loaded = load_scenario(entry.path());
        CAPTURE(loaded.problems);
        REQUIRE(loaded.scenario);
        CHECK(loaded.scenario->name == entry.path().stem());
        CHECK(document.at("$schema") == "../harness/scenario/schema/scenario.schema.json");
        ++count;
    }
    CHECK(count >= 15);
}

TEST_CASE("Every shipped profile is valid by the schema and for the reader", "[scenario]")
{
    for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "profiles")) {
        CAPTURE(entry.path());
        CHECK(objections("profile", json::parse(read_file(entry.path()))) == "");
        std::vector<Problem> problems;
        const auto profile = load_profile(entry.path(), {}, problems);
        CAPTURE(problems);
        REQUIRE(profile);
        CHECK(profile->name == entry.path().stem());
    }
}

TEST_CASE("The schema objects to what the reader objects to", "[scenario]")
{
    const std::string patch = GENERATE(
        as<std::string>{}, R"({"usres": {}})", R"({"users": {"count": 0}})", R"({"users": {"count": 1.5}})",
        R"({"journey": ["conect"]})", R"({"journey": []})", R"({"journey": null})",
        R"({"journey": ["login", {"ping": 1}]})",
        R"({"journey": ["login", "connect", {"request": {"text": "hello"}}]})",
        R"({"journey": ["login", {"repeat": {"times": 2, "steps": [{"repeat": {"times": 0,
            "steps": ["ping"]}}]}}]})",
        R"({"target": {"url": "http://x"}})", R"({"deadlines": {"ping": 5}})",
        R"({"checks": {"isolaton": true}})", R"({"faults": [{"at": "connect"}]})",
        R"({"thresholds": {"golden_path": 95}})", R"({"faults": [{"server": "paus", "for": "1s"}]})",
        R"({"target": {"server": {"ready": {}}}})", R"({"gates": [{"at": "pause"}]})",
        R"({"gates": [{"at": "connect", "size": 1}]})", R"({"gates": [{"users": "50%"}]})",
        R"({"constraints": [{"step": {"at": "connect"}, "after": {"at": "close"}, "gap": "0ms"}]})",
        R"({"constraints": [{"step": {"at": "welcome"}, "after": {"at": "answered", "users": "same"},
            "gap": "0ms"}]})",
        R"({"constraints": [{"step": {"at": "request"}, "after": {"at": "event:0", "users": "previous"},
            "gap": "0ms"}]})",
        R"({"target": {"server": {"limits": {"memory": "64MB"}}}})",
        R"({"faults": [{"dependency": "auth", "hang": true, "refuse": true}]})",
        R"({"faults": [{"dependency": "auth", "hang": false}]})",
        R"({"faults": [{"dependency": "auth", "cut": true}]})", R"({"faults": [{"link": {}}]})",
        R"({"faults": [{"link": {"reset": true, "black_hole": true}, "from": "1s"}]})",
        R"({"faults": [{"link": {"slice": 0}}]})", R"({"faults": [{"link": {"bandwidth": 64}}]})",
        R"({"faults": [{"link": {"slice": 1}, "on": "tool_starting"}]})",
        R"({"faults": [{"link": {"reset": true}, "on": "pong", "after": {"event": 1}}]})",
        R"({"target": {"server": {"command": ["serve", "{port}", "{dependency.A}", "{upstream.A}"],
            "dependencies": [{"name": "A"}]}}})");
    json scenario = right_scenario();
    CHECK(objections("scenario", scenario) == "");
    scenario.merge_patch(json::parse(patch));
    CAPTURE(patch);
    CHECK(objections("scenario", scenario) != "");
    CHECK_FALSE(parse_patched(patch).problems.empty());
}

TEST_CASE("The schema objects to an ingress that the reader objects to", "[scenario]")
{
    const std::string ingress =
        GENERATE(as<std::string>{}, R"({"queue": {}})", R"({"queue": {"limit": 0}})", R"({"idle_cut": 30})",
                 R"({"request_limit": {"by": "fin"}})", R"({"affinity": 2})",
                 R"({"affinity": 0.5, "affinity_by": "ip"})", R"({"forwarded_for": "user"})",
                 R"({"scale": [{"at": "1s"}]})", R"({"scale": [{"at": "1s", "add": 1, "remove": 1}]})",
                 R"({"revisions": {"weight": 0.5}})");
    const auto patch =
        R"({"target": {"server": {"command": ["serve", "{port}"], "instances": 2, "ingress": )" + ingress +
        "}}}";
    json scenario = right_scenario();
    scenario.merge_patch(json::parse(patch));
    CAPTURE(patch);
    CHECK(objections("scenario", scenario) != "");
    CHECK_FALSE(parse_patched(patch).problems.empty());
}

TEST_CASE("The scenario's schema and its reader know the same fields", "[scenario]")
{
    const auto place = GENERATE(values<Place>({
        {R"({"zzz": 1})", ""},
        {R"({"target": {"zzz": 1}})", "/definitions/target"},
        {R"({"target": {"server": {"zzz": 1}}})", "/definitions/server"},
        {R"({"target": {"server": {"ready": {"zzz": 1}}}})", "/definitions/ready/anyOf/1"},
        {R"({"target": {"tls": {"zzz": 1}}})", "/definitions/tls"},
        {R"({"users": {"zzz": 1}})", "/definitions/users"},
        {R"({"users": {"arrival": {"zzz": 1}}})", "/definitions/arrival"},
        {R"({"journey": [{"request": {"zzz": 1}}]})", "/definitions/request"},
        {R"({"journey": [{"repeat": {"zzz": 1}}]})", "/definitions/repeat"},
        {R"({"journey": [{"pause": {"zzz": 1}}]})", "/definitions/distribution/anyOf/1"},
        {R"({"faults": [{"zzz": 1}]})", "/definitions/step_delay"},
        {R"({"faults": [{"server": "pause", "zzz": 1}]})", "/definitions/life_cycle_fault"},
        {R"({"target": {"server": {"limits": {"zzz": 1}}}})", "/definitions/limits"},
        {R"({"target": {"server": {"tools": {"zzz": 1}}}})", "/definitions/tools"},
        {R"({"faults": [{"dependency": "x", "zzz": 1}]})", "/definitions/dependency_fault"},
        {R"({"faults": [{"link": {}, "zzz": 1}]})", "/definitions/link_fault"},
        {R"({"faults": [{"link": {"zzz": 1}}]})", "/definitions/link_conditions"},
        {R"({"faults": [{"link": {}, "after": {"zzz": 1}}]})", "/definitions/link_fault/properties/after"},
        {R"({"faults": [{"link": {}, "on": {"zzz": 1}}]})", "/definitions/link_fault/properties/on/anyOf/1"},
        {R"({"target": {"server": {"dependencies": [{"zzz": 1}]}}})", "/definitions/dependency"},
        {R"({"gates": [{"zzz": 1}]})", "/definitions/gate"},
        {R"({"constraints": [{"zzz": 1}]})", "/definitions/constraint"},
        {R"({"constraints": [{"step": {"zzz": 1}}]})", "/definitions/constrained_step"},
        {R"({"constraints": [{"after": {"zzz": 1}}]})", "/definitions/awaited_step"},
        {R"({"target": {"server": {"ingress": {"zzz": 1}}}})", "/definitions/ingress"},
        {R"({"target": {"server": {"ingress": {"queue": {"zzz": 1}}}}})",
         "/definitions/ingress/properties/queue"},
        {R"({"target": {"server": {"ingress": {"idle_cut": {"zzz": 1}}}}})",
         "/definitions/ingress_cut/anyOf/1"},
        {R"({"target": {"server": {"ingress": {"scale": [{"zzz": 1}]}}}})", "/definitions/ingress_scale"},
        {R"({"target": {"server": {"ingress": {"revisions": {"zzz": 1}}}}})",
         "/definitions/ingress_revisions"},
        {R"({"events": {"zzz": 1}})", "/definitions/events"},
        {R"({"deadlines": {"zzz": "1s"}})", "/definitions/deadlines"},
        {R"({"checks": {"zzz": true}})", "/definitions/checks"},
        {R"({"checks": {"isolation": {"zzz": true}}})", "/definitions/check/anyOf/1"},
        {R"({"checks": {"close_codes": {"zzz": true}}})", "/definitions/close_codes_check/anyOf/1"},
        {R"({"checks": {"routing": {"zzz": true}}})", "/definitions/routing_check/anyOf/1"},
        {R"({"checks": {"server_log": {"zzz": true}}})", "/definitions/server_log_check/anyOf/1"},
        {R"({"thresholds": {"zzz": 1}})", "/definitions/thresholds"},
        {R"({"thresholds": {"golden_path": {"zzz": 1}}})", "/definitions/success/anyOf/2"},
        {R"({"thresholds": {"events_missing_per_hour": {"zzz": 1}}})", "/definitions/count/anyOf/2"},
    }));
    CAPTURE(place.object);
    const auto schema = schema_document("scenario");
    CHECK(known_to_reader(parse_patched(place.patch).problems, "zzz") ==
          fields_of(schema.at(json::json_pointer(place.object))));
}

TEST_CASE("The profile's schema and its reader know the same fields", "[scenario]")
{
    const auto place = GENERATE(values<Place>({
        {R"({"zzz": 1})", ""},
        {R"({"login": {"zzz": 1}})", "/definitions/login"},
        {R"({"pointers": {"zzz": ["/a"]}})", "/definitions/pointers"},
        {R"({"required_fields": {"pong": [{"zzz": 1}]}})", "/definitions/rule"},
        {R"({"run_events": {"zzz": 1}})", "/definitions/expected_events"},
    }));
    CAPTURE(place.object);
    const auto schema = schema_document("profile");
    CHECK(known_to_reader(parse_patched(R"({"profile": )" + place.patch + "}").problems, "zzz") ==
          fields_of(schema.at(json::json_pointer(place.object))));
}

TEST_CASE("The schema lists the steps, checks and frame types that there are", "[scenario]")
{
    const auto schema = schema_document("scenario");
    const json& step = schema.at("definitions").at("step").at("anyOf");
    std::set<std::string> steps = fields_of(step.at(1));
    for (const json& name : step.at(0).at("enum")) steps.insert(name);
    const auto names = step_names();
    CHECK(steps == std::set<std::string>(names.begin(), names.end()));
    const auto ids = check_ids();
    CHECK(fields_of(schema.at("definitions").at("checks")) == std::set<std::string>(ids.begin(), ids.end()));
}
