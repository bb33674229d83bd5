#include "reports/schema_complaints.hpp"

#include "support/source_folder.hpp"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <fstream>

namespace wsrace {

std::string schema_complaints(const std::string& schema_file, const nlohmann::json& document)
{
    std::ifstream file{source_folder() / schema_file};
    const auto schema_json = nlohmann::json::parse(file);
    valijson::Schema schema;
    valijson::SchemaParser parser;
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter{schema_json}, schema);
    valijson::Validator validator;
    valijson::ValidationResults results;
    validator.validate(schema, valijson::adapters::NlohmannJsonAdapter{document}, &results);
    std::string text;
    for (valijson::ValidationResults::Error error; results.popError(error);)
        text += (error.context.empty() ? "" : error.context.back()) + ": " + error.description + "\n";
    return text;
}

} // namespace wsrace
