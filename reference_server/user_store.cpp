#include "reference_server/user_store.hpp"

#include "reference_server/random_id.hpp"

#include <array>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace wsrace::reference {

namespace {

// One round, on purpose: thousands of users log in at once, and what is measured is not the hashing.
std::string salted_digest(std::string_view salt, std::string_view password)
{
    const auto input = fmt::format("{}:{}", salt, password);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(input.data(), input.size(), digest.data(), &size, EVP_sha256(), nullptr);
    return {digest.begin(), digest.begin() + size};
}

} // namespace

std::optional<User> UserStore::add(const std::string& email, std::string_view password)
{
    auto salt = random_id();
    auto digest = salted_digest(salt, password);
    const std::lock_guard lock{mutex_};
    if (records_.contains(email)) return std::nullopt;
    auto id = numbered_id('u', ++last_number_);
    records_.emplace(email, Record{.id = id, .salt = std::move(salt), .digest = std::move(digest)});
    return User{.id = std::move(id), .email = email};
}

std::optional<User> UserStore::find(const std::string& email, std::string_view password) const
{
    const std::lock_guard lock{mutex_};
    const auto found = records_.find(email);
    if (found == records_.end()) return std::nullopt;
    const auto& record = found->second;
    const auto digest = salted_digest(record.salt, password);
    if (CRYPTO_memcmp(digest.data(), record.digest.data(), record.digest.size()) != 0) return std::nullopt;
    return User{.id = record.id, .email = email};
}

} // namespace wsrace::reference
