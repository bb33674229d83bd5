// What the owner of a shaped stream is told, and must do for it.
#pragma once

#include "net/executor.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <memory>

namespace wsrace {

using WireTimer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

enum class WirePoint {
    upgrade_begins,  // its first byte is about to be written
    upgrade_ends,    // its last byte is about to be written; not told when a release writes it
    upgrade_written, // all of it is on the wire; not told when a release writes the rest
    half_written,    // the first half of the upgrade is on the wire, and no more follows
    held,            // all but the last byte of the upgrade or of a frame is on the wire
    reading_resumed, // after it was slow for a time
};

class WireWatcher {
public:
    virtual void on_wire(WirePoint point) = 0; // may cut the connection, or release what is held
    virtual std::shared_ptr<void> keep_alive() = 0;

protected:
    ~WireWatcher() = default;
};

} // namespace wsrace
