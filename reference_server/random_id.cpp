#include "reference_server/random_id.hpp"

#include "reference_server/base64url.hpp"

#include <openssl/rand.h>
#include <stdexcept>

namespace wsrace::reference {

std::string random_id()
{
    std::string bytes(16, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1) {
        throw std::runtime_error{"no random numbers to be had"};
    }
    return base64url_encode(bytes);
}

} // namespace wsrace::reference
