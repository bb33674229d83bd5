// What agents can use.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

namespace wsrace::reference {

// The tool a request asks for: `wanted` if it is not empty, else the word behind "use tool " in the text,
// else "search".
std::string choose_tool(std::string_view wanted, std::string_view text);

// Runs a tool. Throws when there is no such tool, or when the tool fails: "unstable" gets a broken document
// from its upstream and trips over it.
boost::json::object use_tool(std::string_view name, std::string_view text);

} // namespace wsrace::reference
