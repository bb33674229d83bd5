// A line of a server's log without what differs from one occurrence to the next.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wsrace {

// What is replaced: a canary, a token (24 characters and more of base64 or hexadecimal with a digit in them)
// and a UUID by "<id>"; numbers, times and what is written in hexadecimal by "#"; a quoted text by "'...'"
// unless it is one word without digits, which names a thing of the program: "object has no attribute 'send'".
// Control characters become blanks, bytes that are not UTF-8 question marks. At most `longest` bytes.
// Linear; a template of a template is the same.
std::string log_template(std::string_view line, std::size_t longest = 160);

} // namespace wsrace
