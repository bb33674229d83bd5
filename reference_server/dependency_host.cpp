#include "reference_server/dependency_host.hpp"

#include "reference_server/auth_service.hpp"

#include <fmt/format.h>

namespace wsrace::reference {

namespace json = boost::json;

namespace {

std::string local_address(std::uint16_t port) { return fmt::format("127.0.0.1:{}", port); }

} // namespace

DependencyHost::DependencyHost(const Options& options)
    : users_{options}, auth_{io_, options.auth_port,
                             LineServer::Pace{.delay = options.auth_delay,
                                              .workers = options.auth_workers,
                                              .patience = options.dependency_timeout},
                             [this, &options](const json::object& question) {
                                 return answer_auth_call(users_, options, question);
                             }},
      store_{io_, options.store_port,
             LineServer::Pace{.delay = options.store_delay,
                              .workers = options.store_workers,
                              .patience = options.dependency_timeout},
             [this](const json::object& question) { return documents_.answer(question); }},
      thread_{[this] { io_.run(); }}
{}

// Whoever is being served is hung up on; what has been stored is gone with the process anyway.
DependencyHost::~DependencyHost() { io_.stop(); }

std::string DependencyHost::auth_address() const { return local_address(auth_.port()); }

std::string DependencyHost::store_address() const { return local_address(store_.port()); }

} // namespace wsrace::reference
