// `--set users.count=20`: changes to a document before it is read.
#pragma once

#include "scenario/strict_json.hpp"

#include <string>
#include <utility>
#include <vector>

namespace wsrace {

// Sets each path ("users.count", "faults[0].delay") to its value: JSON if it is JSON, else a string.
// Missing objects are made, list items must exist. Mistakes in the paths go to `problems` under the file name
// "--set".
void apply_overrides(Json& document, const std::vector<std::pair<std::string, std::string>>& overrides,
                     std::vector<Problem>& problems);

} // namespace wsrace
