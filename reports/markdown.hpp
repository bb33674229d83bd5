// Text in Markdown that does nothing but being read: what a target says must be no markup, link or mention.
// All of it is clean text already (reports/clean_text.hpp).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wsrace::markdown {

inline constexpr std::size_t longest_text = 300; // characters; what is longer is cut

// Our own sentences, which may quote something: no markup, no link, no mention of a person or an issue.
std::string escape(std::string_view text, std::size_t longest = longest_text);

// The target's text as code on one line: nothing in it is markup, HTML, a link or a mention.
std::string code(std::string_view text);

// The same within a table, where a bar ends the cell even inside code.
std::string cell(std::string_view text);

// Lines of code in a fence that none of them can close.
std::string block(std::string_view language, const std::string& text);

} // namespace wsrace::markdown
