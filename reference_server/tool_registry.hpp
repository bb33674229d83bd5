// The tools that agents have, registered when the first of them needs one.
#pragma once

#include "reference_server/bugs.hpp"
#include "reference_server/first_use.hpp"
#include "reference_server/tools.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <mutex>
#include <string>
#include <unordered_map>

namespace wsrace::reference {

// Any thread.
class ToolRegistry {
public:
    // `load_time`: what reading the tools' descriptions takes.
    ToolRegistry(BugSet bugs, std::chrono::microseconds load_time) : bugs_{bugs}, load_time_{load_time} {}

    // Returns when the tools are registered.
    boost::asio::awaitable<void> load();

    // Runs a tool. Throws when there is no such tool, or when the tool fails.
    boost::json::object use(const std::string& name, std::string_view text) const;

private:
    bool empty() const;
    void add(const Tool& tool); // throws when there is one of this name

    const BugSet bugs_;
    const std::chrono::microseconds load_time_;
    FirstUse first_use_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Tool> tools_; // by name
};

} // namespace wsrace::reference
