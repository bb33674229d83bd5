// TLS for wss:// and https:// targets, on OpenSSL.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>

namespace wsrace {

struct TlsOptions {
    bool verify = true;  // the chain and the host's name
    std::string ca_file; // PEM, in addition to the system's certificates
};

// Shared by all workers. Throws std::runtime_error that names the file when the CA file cannot be used.
std::shared_ptr<boost::asio::ssl::context> make_tls_context(const TlsOptions& options);

} // namespace wsrace
