#include "ingress/request_head.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace wsrace::ingress {

namespace {

namespace http = boost::beast::http;

constexpr std::string_view end_of_head = "\r\n\r\n";

std::string to_string(boost::beast::string_view text) { return {text.data(), text.size()}; }

} // namespace

bool same_name(std::string_view a, std::string_view b)
{
    return boost::beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

std::optional<std::size_t> head_length(std::string_view bytes)
{
    const auto end = bytes.find(end_of_head);
    if (end == std::string_view::npos) return std::nullopt;
    return end + end_of_head.size();
}

std::string_view RequestHead::find(std::string_view name) const
{
    for (const auto& [field, value] : fields)
        if (same_name(field, name)) return value;
    return {};
}

bool RequestHead::has(std::string_view name) const
{
    return std::any_of(fields.begin(), fields.end(),
                       [name](const auto& field) { return same_name(field.first, name); });
}

void RequestHead::remove(std::string_view name)
{
    std::erase_if(fields, [name](const auto& field) { return same_name(field.first, name); });
}

void RequestHead::append(std::string_view name, std::string_view to)
{
    for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
        if (!same_name(field->first, name)) continue;
        field->second += fmt::format("{}{}", field->second.empty() ? "" : ", ", to);
        return;
    }
    fields.emplace_back(name, to);
}

bool RequestHead::upgrades() const { return same_name(find("Upgrade"), "websocket"); }

std::string RequestHead::text() const
{
    auto out = fmt::format("{} {} HTTP/1.{}\r\n", method, target, minor);
    for (const auto& [name, value] : fields)
        fmt::format_to(std::back_inserter(out), "{}: {}\r\n", name, value);
    return out + "\r\n";
}

std::optional<RequestHead> parse_request_head(std::string_view text)
{
    http::request_parser<http::empty_body> parser;
    parser.header_limit(longest_head);
    parser.skip(true); // what follows the head is passed on unread
    boost::system::error_code error;
    parser.put(boost::asio::const_buffer{text.data(), text.size()}, error);
    if (error || !parser.is_header_done()) return std::nullopt;
    const auto& message = parser.get();
    RequestHead head;
    head.method = to_string(message.method_string());
    head.target = to_string(message.target());
    head.minor = static_cast<int>(message.version() % 10);
    for (const auto& field : message)
        head.fields.emplace_back(to_string(field.name_string()), to_string(field.value()));
    return head;
}

} // namespace wsrace::ingress
