#include "reference_server/random_id.hpp"

#include "reference_server/base64url.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>
#include <stdexcept>
#include <string_view>

namespace wsrace::reference {

namespace {

constexpr std::size_t mark_size = 4;

std::string random_bytes(std::size_t count)
{
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
        throw std::runtime_error{"no random numbers to be had"};
    }
    return bytes;
}

std::string draw_mark()
{
    constexpr std::string_view letters = "0123456789abcdefghjkmnpqrstvwxyz"; // 32, none like another
    auto mark = random_bytes(mark_size);
    for (auto& letter : mark) letter = letters[static_cast<unsigned char>(letter) % letters.size()];
    return mark;
}

} // namespace

std::string random_id() { return base64url_encode(random_bytes(16)); }

std::string numbered_id(char kind, std::uint64_t number)
{
    static const std::string mark = draw_mark();
    return fmt::format("{}-{}-{}", kind, mark, number);
}

} // namespace wsrace::reference
