// Who somebody has proved to be.
#pragma once

#include <string>

namespace wsrace::reference {

struct Identity {
    std::string user_id;
    std::string email;
};

// What somebody brings to prove it: a token, or, without one, a ticket.
struct Credentials {
    std::string token;
    std::string ticket;
};

} // namespace wsrace::reference
