// The service behind logins and upgrades, and what is said on the line to it.
#pragma once

#include "reference_server/auth.hpp"
#include "reference_server/http_message.hpp"

#include <boost/json/object.hpp>
#include <optional>

namespace wsrace::reference {

// One of the login calls of the HTTP interface, to be answered as a whole.
boost::json::object login_question(const HttpRequest& request);
std::optional<HttpReply> login_answer(const boost::json::object& said); // nothing: no such path

boost::json::object identity_question(const Credentials& credentials);
std::optional<Identity> identity_answer(const boost::json::object& said); // nothing: not good

// The service's side of both.
boost::json::object answer_auth_call(AuthStore& store, const Options& options,
                                     const boost::json::object& question);

} // namespace wsrace::reference
