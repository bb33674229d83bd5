// Who somebody has proved to be.
#pragma once

#include <string>

namespace wsrace::reference {

struct Identity {
    std::string user_id;
    std::string email;
};

} // namespace wsrace::reference
