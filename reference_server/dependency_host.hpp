// The services that --dependencies starts: "auth" and "store", on a thread of their own.
#pragma once

#include "reference_server/auth.hpp"
#include "reference_server/line_server.hpp"
#include "reference_server/server.hpp"
#include "reference_server/store_service.hpp"

#include <boost/asio/io_context.hpp>
#include <string>
#include <thread>

namespace wsrace::reference {

// Listens when it has been built, until it is destroyed. Throws when a port cannot be had.
class DependencyHost {
public:
    explicit DependencyHost(const Options& options);
    ~DependencyHost();
    DependencyHost(const DependencyHost&) = delete;
    DependencyHost& operator=(const DependencyHost&) = delete;

    // "127.0.0.1:PORT"
    std::string auth_address() const;
    std::string store_address() const;

private:
    AuthStore users_;
    StoreService documents_;
    boost::asio::io_context io_{1};
    LineServer auth_;
    LineServer store_;
    std::jthread thread_;
};

} // namespace wsrace::reference
