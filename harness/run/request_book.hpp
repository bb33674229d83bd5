// What a connection's journey has to know about its requests to go on. Not a verdict: checks work from the
// history alone.
#pragma once

#include "run/scanner.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wsrace {

class RequestBook {
public:
    std::uint16_t add(std::string canary); // the new request's number
    const std::vector<std::string>& canaries() const { return canaries_; }

    // Takes note of an event or a refusal; gives the request it belongs to by its canary, or -1. Frames
    // without a canary are followed by their run's id, or belong to the only request that is open.
    int note(const FrameFacts& facts);

    // Nobody waits for the rest of what is open any more, unless it goes on by itself: the target has ended
    // the connection, or it was awaited in vain.
    void give_up_open();

    // Nobody answers this one any more.
    void give_up(std::uint16_t request);

    bool all_ended() const { return open_ == 0; }
    bool newest_started() const { return !requests_.empty() && requests_.back().started; }
    std::uint16_t newest_events() const
    {
        return requests_.empty() ? std::uint16_t{0} : requests_.back().events;
    }
    // The newest request that has not ended, or -1; its run's id, as far as it is known.
    int newest_open() const;
    const std::string& run_of(int request) const { return requests_[static_cast<std::size_t>(request)].run; }
    bool ended(int request) const { return requests_[static_cast<std::size_t>(request)].ended; }

private:
    struct Request {
        std::string run;
        bool started = false;
        bool ended = false;
        std::uint16_t events = 0; // of the five
        bool given_up = false;    // ended only in that nobody waits for it
    };

    int request_of(const FrameFacts& facts) const;

    std::vector<std::string> canaries_;
    std::vector<Request> requests_;
    std::uint32_t open_ = 0;
};

} // namespace wsrace
