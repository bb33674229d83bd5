// The JSON of trends and comparisons is what their schemas say.
#include "reports/schema_complaints.hpp"
#include "reports/trend.hpp"
#include "run_store/comparison.hpp"
#include "run_store/sample_records.hpp"
#include "run_store/trend.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace wsrace;
using namespace wsrace::test;
using nlohmann::json;

namespace {

std::string complaints(const std::string& name, const json& document)
{
    return schema_complaints("reports/schema/" + name, document);
}

} // namespace

TEST_CASE("The history as JSON is what its schema says", "[reports]")
{
    std::vector<RunRecord> records;
    for (int i = 0; i < 40; ++i) records.push_back(sample_record(i, i < 25 ? Verdict::pass : Verdict::fail));
    records[3].is_void = true;
    auto document = json::parse(trends_json({trend_of(records, 50)}));
    CHECK(complaints("history.schema.json", document).empty());
    CHECK(document["scenarios"][0]["verdicts"]["change_points"].size() == 1);
    CHECK(complaints("history.schema.json", json::parse(trends_json({}))).empty());
    document["scenarios"][0]["flake_rate"]["low"] = 2;
    CHECK_FALSE(complaints("history.schema.json", document).empty());
}

TEST_CASE("A comparison as JSON is what its schema says", "[reports]")
{
    const ComparisonInput input{.base = {sample_record(1), sample_record(2)},
                                .fresh = {sample_record(3, Verdict::fail)},
                                .base_name = "base",
                                .fresh_name = "new",
                                .settings = {}};
    auto document = json::parse(comparison_json(compare(input)));
    CHECK(complaints("comparison.schema.json", document).empty());
    CHECK(document["appeared"].size() == 1);
    CHECK(complaints("comparison.schema.json", json::parse(comparison_json(compare({})))).empty());
    document["rows"][0].erase("standing");
    CHECK_FALSE(complaints("comparison.schema.json", document).empty());
}
