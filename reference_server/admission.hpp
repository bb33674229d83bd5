// Decides on an upgrade before it is accepted.
#pragma once

#include "reference_server/http_message.hpp"
#include "reference_server/identity.hpp"

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>

namespace wsrace::reference {

struct App;

struct Admission {
    std::optional<Identity>
        identity;            // set when admitted; the place taken must be given back with `leave_place`
    std::string subprotocol; // what to select; empty: nothing
    std::optional<Credentials> unconfirmed; // see accept_before_ready
    HttpReply refusal;
};

boost::asio::awaitable<Admission> admit(App& app, std::shared_ptr<const HttpRequest> request);

// Gives back the place that an admission took.
void leave_place(App& app);

} // namespace wsrace::reference
