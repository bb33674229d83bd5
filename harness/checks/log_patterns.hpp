// How runtimes spell what should never be in a log.
#pragma once

#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

class LogPatterns {
public:
    // `own`: regular expressions (ECMAScript) besides the default ones. Throws std::runtime_error that names
    // one that is none.
    explicit LogPatterns(const std::vector<std::string>& own);

    // The pattern that the line matches; empty: none.
    std::string_view matching(std::string_view line) const;

private:
    struct Pattern {
        std::string source;
        std::string required;
        std::regex expression;
    };

    std::vector<Pattern> own_;
};

} // namespace wsrace
