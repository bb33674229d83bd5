// The registered users, in memory.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace wsrace::reference {

struct User {
    std::string id; // "u-<process>-<n>"
    std::string email;
};

// Any thread.
class UserStore {
public:
    // Nothing when the address is taken.
    std::optional<User> add(const std::string& email, std::string_view password);

    // Nothing when the user is unknown or the password is wrong.
    std::optional<User> find(const std::string& email, std::string_view password) const;

private:
    struct Record {
        std::string id;
        std::string salt;
        std::string digest;
    };

    mutable std::mutex mutex_;
    std::unordered_map<std::string, Record> records_; // by e-mail address
    std::uint64_t last_number_{0};
};

} // namespace wsrace::reference
