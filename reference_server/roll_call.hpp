// Before a newcomer takes over what its user's lost connections left, each of the others has to say whether
// it is lost: the end of one may have arrived and not been read yet, on a thread that is busy.
#pragma once

#include "reference_server/connection.hpp"

#include <boost/asio/awaitable.hpp>
#include <memory>

namespace wsrace::reference {

struct App;

// On the newcomer's thread. Bounded: who does not answer is taken to be there.
boost::asio::awaitable<void> call_roll(App& app, std::shared_ptr<Connection> newcomer);

} // namespace wsrace::reference
