#include "net/stream_errors.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <openssl/x509v3.h>

namespace wsrace {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

bool is_unreachable(const boost::system::error_code& error)
{
    return error == asio::error::network_unreachable || error == asio::error::host_unreachable ||
           error == boost::system::errc::address_not_available || error == asio::error::no_descriptors;
}

bool is_eof(const boost::system::error_code& error)
{
    return error == asio::error::eof || error == beast::http::error::end_of_stream ||
           error == beast::http::error::partial_message || error == asio::ssl::error::stream_truncated;
}

} // namespace

Outcome classify(const boost::system::error_code& error)
{
    if (error == asio::error::connection_refused) return Outcome::refused;
    if (error == asio::error::connection_reset || error == asio::error::broken_pipe ||
        error == asio::error::connection_aborted)
        return Outcome::reset;
    if (error == asio::error::timed_out || error == beast::error::timeout) return Outcome::timeout;
    if (is_unreachable(error)) return Outcome::unreachable;
    if (is_eof(error)) return Outcome::eof;
    if (error == asio::error::operation_aborted) return Outcome::cancelled;
    if (error.category() == asio::error::get_ssl_category()) return Outcome::tls_failed;
    return Outcome::protocol_error;
}

bool offers(std::string_view offered, std::string_view protocol)
{
    while (!offered.empty()) {
        const auto comma = offered.find(',');
        auto item = offered.substr(0, comma);
        while (item.starts_with(' ')) item.remove_prefix(1);
        if (item == protocol) return true;
        if (comma == std::string_view::npos) break;
        offered.remove_prefix(comma + 1);
    }
    return false;
}

void prepare_tls(SSL* connection, const std::string& server_name)
{
    boost::system::error_code not_an_address;
    const auto address = asio::ip::make_address(server_name, not_an_address);
    auto* const parameters = SSL_get0_param(connection);
    if (not_an_address) {
        SSL_set_tlsext_host_name(connection, server_name.c_str());
        X509_VERIFY_PARAM_set1_host(parameters, server_name.c_str(), server_name.size());
    } else {
        X509_VERIFY_PARAM_set1_ip_asc(parameters, address.to_string().c_str());
    }
}

} // namespace wsrace
