// What agents can use.
#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <string_view>

namespace wsrace::reference {

// The tool a request asks for: `wanted` if it is not empty, else the word behind "use tool " in the text,
// else "search".
std::string choose_tool(std::string_view wanted, std::string_view text);

struct Tool {
    std::string_view name;
    boost::json::object (*use)(std::string_view text){nullptr}; // throws when the tool fails
};

// "unstable" gets a broken document from its upstream and trips over it.
std::span<const Tool> known_tools();

} // namespace wsrace::reference
