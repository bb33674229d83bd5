// How the server asks for what is stored about threads and runs: over TCP with --dependencies, else in its
// own process, where it is at hand unless --store-delay says otherwise. An answer must come within
// --dependency-timeout.
#pragma once

#include "reference_server/call_queue.hpp"
#include "reference_server/line_client.hpp"
#include "reference_server/server.hpp"
#include "reference_server/store_service.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <mutex>
#include <optional>

namespace wsrace::reference {

struct Run;

// Any thread; `load` and `save` on the run's. They read the run at once, and what they return throws
// DependencyFailure.
class StoreAccess {
public:
    // Throws when --store-address is malformed.
    explicit StoreAccess(const Options& options);

    // Whether asking takes time; if not, nobody needs to ask.
    bool takes_time() const { return service_ || queue_.takes_time(); }

    // The thread that a run belongs to: {"runs": N} others that were saved in it.
    boost::asio::awaitable<boost::json::object> load(const Run& run);

    // How far a run has come.
    boost::asio::awaitable<boost::json::object> save(const Run& run);

    boost::asio::awaitable<bool> reached() const;

private:
    boost::asio::awaitable<boost::json::object> ask(boost::json::object question);

    const Options& options_;
    CallQueue queue_;
    std::optional<LineClient> service_;
    std::mutex mutex_;
    StoreService own_; // not asked when there is a service
};

} // namespace wsrace::reference
