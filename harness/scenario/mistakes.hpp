// Collects what is wrong with one document, each thing once.
#pragma once

#include "core/problem.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

// Borrowed by the readers of one file while they read it; appends to the caller's list.
class Mistakes {
public:
    Mistakes(std::string file, std::vector<Problem>& problems) : file_(std::move(file)), problems_(problems)
    {}

    // A repeated journey meets its mistakes again and again: the same message at the same place is kept once.
    void add(const std::string& path, const std::string& message);

    const std::string& file() const { return file_; }
    std::vector<Problem>& problems() { return problems_; }

private:
    std::string file_;
    std::vector<Problem>& problems_;
};

// `unknown step "lag" (known: connect, pause); did you mean "login"?`
std::string unknown_name(std::string_view kind, std::string_view found,
                         const std::vector<std::string_view>& known);

// "a", "a or b", "a, b or c", each in quotation marks.
std::string alternatives(const std::vector<std::string_view>& names);

} // namespace wsrace
