// The page itself: its markup, style and code are files beside this one, which the build puts into the
// program; so is Chart.js (MIT licence), out of Debian's package. Nothing is loaded when the page is opened.
#pragma once

#include <string>
#include <string_view>

namespace wsrace {

// A whole HTML document. `data` is JSON (its kind decides what is shown), `title` clean text.
std::string html_page(std::string_view title, std::string_view data);

// JSON that may stand in a script element: it can neither end the element nor begin a comment, and is the
// same document to a JSON reader. Strings are the only place in JSON where these characters may stand.
std::string script_safe(std::string_view json);

// Text as the content of an element.
std::string escape_html(std::string_view text);

} // namespace wsrace
