// What a target's answer to a login, or to the request for a ticket, means. Pure.
#pragma once

#include "run/login.hpp"

namespace wsrace {

// `path` is what was asked; it stands in errors. A token that is empty, or that no header can carry as it is
// (a line end in it would begin another header), is none: protocol_error.
LoginResult token_of(const HttpAnswer& answer, const std::string& path);
LoginResult ticket_of(const HttpAnswer& answer, const std::string& path); // the result's token is the ticket

// Of an answer that gives nothing: the status, or what went wrong before there was one.
LoginResult refused_login(const HttpAnswer& answer, const std::string& path);

} // namespace wsrace
