// What an error code of the network libraries means for a finding.
#pragma once

#include "core/event.hpp"

#include <boost/system/error_code.hpp>
#include <openssl/ssl.h>

#include <string>
#include <string_view>

namespace wsrace {

// refused, unreachable, reset, eof, timeout, tls_failed, cancelled, or protocol_error for everything else.
Outcome classify(const boost::system::error_code& error);

// Whether `protocol` is one of the comma-separated `offered`.
bool offers(std::string_view offered, std::string_view protocol);

// Sets SNI, and the name to verify.
void prepare_tls(SSL* connection, const std::string& server_name);

} // namespace wsrace
