// What the harness looks at in a frame: one pass over the bytes, no DOM, no allocation for an uneventful
// frame.
#pragma once

#include "core/canary.hpp"
#include "core/event.hpp"
#include "scenario/profile.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

// The id-like tokens that one connection has seen: only the first sight of each goes into the history.
// Bounded; forgetting is harmless.
class SeenTokens {
public:
    bool insert(std::string_view token); // true: not seen before
private:
    std::vector<std::uint32_t> hashes_;
};

struct FrameFacts {
    FrameType type = FrameType::not_json;
    std::string type_name; // as on the wire
    std::string run;
    std::string execution;
    std::string tool;
    std::string step;
    std::string status;
    std::int64_t timestamp_us = no_stamp;
    bool bad_timestamp = false;
    bool recovered = false;
    int own_request = -1; // the newest of this connection's requests whose canary the frame carries

    struct Located {
        std::string path; // JSON pointer of the value
        std::string text;
        bool encoded = false;
        bool corrupt = false;
    };
    std::vector<Located> other_canaries;
    std::vector<Located> tokens;
    std::vector<Located> schema; // path: the field's name; text: "missing" or the type found

    void clear();
};

// One per worker; compiled from the profile once. Not thread-safe.
class FrameScanner {
public:
    explicit FrameScanner(const Profile& profile);
    ~FrameScanner();
    FrameScanner(const FrameScanner&) = delete;
    FrameScanner& operator=(const FrameScanner&) = delete;

    // `own` are the canaries of this connection's requests, by request number. The result is valid until the
    // next call.
    const FrameFacts& scan(std::string_view frame, const std::vector<std::string>& own, SeenTokens& seen);

private:
    struct Machine;
    std::unique_ptr<Machine> machine_;
};

} // namespace wsrace
