#include "reports/html/page.hpp"

#include <array>
#include <utility>

// Put into the program by assets.S: the bytes of a file, and the place behind the last of them.
#define WSRACE_ASSET(asset) extern "C" const char wsrace_asset_##asset[], wsrace_asset_##asset##_end[]

WSRACE_ASSET(page);
WSRACE_ASSET(style);
WSRACE_ASSET(chart);
WSRACE_ASSET(elements);
WSRACE_ASSET(marks);
WSRACE_ASSET(lanes);
WSRACE_ASSET(charts);
WSRACE_ASSET(search);
WSRACE_ASSET(report);

namespace wsrace {

namespace {

std::string_view between(const char* begin, const char* end)
{
    return {begin, static_cast<std::size_t>(end - begin)};
}
#define WSRACE_TEXT(asset) between(wsrace_asset_##asset, wsrace_asset_##asset##_end)

using Replacement = std::pair<std::string_view, std::string>;

// Each mark once, in the order in which they stand: what is put in is not looked at again.
std::string filled(std::string_view page, const std::array<Replacement, 5>& replacements)
{
    std::string out;
    for (const auto& [mark, text] : replacements) {
        const auto at = page.find(mark);
        out.append(page.substr(0, at)).append(text);
        page.remove_prefix(at == std::string_view::npos ? page.size() : at + mark.size());
    }
    return out.append(page);
}

} // namespace

std::string html_page(std::string_view title, std::string_view data)
{
    std::string code{"(() => {\n'use strict';\n"};
    for (const auto part : {WSRACE_TEXT(elements), WSRACE_TEXT(marks), WSRACE_TEXT(lanes),
                            WSRACE_TEXT(charts), WSRACE_TEXT(search), WSRACE_TEXT(report)})
        code.append(part).append("\n");
    code += "})();\n";
    return filled(WSRACE_TEXT(page), {{{"{{title}}", escape_html(title)},
                                       {"{{style}}", std::string{WSRACE_TEXT(style)}},
                                       {"{{data}}", script_safe(data)},
                                       {"{{chart}}", std::string{WSRACE_TEXT(chart)}},
                                       {"{{code}}", std::move(code)}}});
}

std::string script_safe(std::string_view json)
{
    std::string out;
    out.reserve(json.size() + json.size() / 64);
    for (std::size_t i = 0; i < json.size(); ++i) {
        const auto three = json.substr(i, 3);
        const auto separates = three == "\u2028" || three == "\u2029"; // ends a line, to old JavaScript
        if (json[i] == '<')
            out += "\\u003c";
        else if (separates)
            out += three == "\u2028" ? "\\u2028" : "\\u2029";
        else
            out += json[i];
        if (separates) i += 2;
    }
    return out;
}

std::string escape_html(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '&')
            out += "&amp;";
        else
            out += c;
    }
    return out;
}

} // namespace wsrace
