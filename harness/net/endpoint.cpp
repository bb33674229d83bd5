#include "net/endpoint.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>

namespace wsrace {

namespace {

std::uint16_t default_port(bool tls) { return tls ? 443 : 80; }

} // namespace

std::string TargetUrl::host_header() const
{
    const auto name = host.find(':') == std::string::npos ? host : fmt::format("[{}]", host);
    return port == default_port(tls) ? name : fmt::format("{}:{}", name, port);
}

std::string TargetUrl::text() const
{
    return fmt::format("{}://{}{}", tls ? "wss" : "ws", host_header(), path);
}

std::variant<TargetUrl, std::string> parse_target_url(const std::string& text)
{
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed || parsed->host().empty())
        return fmt::format("target \"{}\" is not a URL; expected one like ws://127.0.0.1:8080/ws", text);
    const std::string scheme = parsed->scheme();
    if (scheme != "ws" && scheme != "wss" && scheme != "http" && scheme != "https")
        return fmt::format("target \"{}\" has the scheme \"{}\"; expected ws or wss", text, scheme);
    if (parsed->has_userinfo())
        return std::string{
            "the target's URL holds credentials; they belong into the environment (docs/scenario_format.md)"};

    TargetUrl url;
    url.tls = scheme == "wss" || scheme == "https";
    url.host = parsed->host_type() == boost::urls::host_type::ipv6 ? std::string{parsed->host_address()}
                                                                   : std::string{parsed->host()};
    url.port = parsed->has_port() ? parsed->port_number() : default_port(url.tls);
    const auto port_text = std::string{parsed->port()};
    if (parsed->has_port() && (port_text.empty() || std::to_string(url.port) != port_text)) url.port = 0;
    if (url.port == 0) return fmt::format("target \"{}\" has a port that is not one from 1 to 65535", text);
    url.path = parsed->encoded_path() == "/" ? std::string{} : std::string{parsed->encoded_path()};
    url.query = std::string{parsed->encoded_query()};
    return url;
}

std::variant<boost::asio::ip::tcp::endpoint, std::string> resolve(const TargetUrl& url)
{
    boost::asio::io_context context;
    boost::asio::ip::tcp::resolver resolver{context};
    boost::system::error_code error;
    const auto results = resolver.resolve(url.host, std::to_string(url.port), error);
    if (error || results.empty())
        return fmt::format("the target's host \"{}\" cannot be resolved: {}", url.host, error.message());
    return results.begin()->endpoint();
}

} // namespace wsrace
