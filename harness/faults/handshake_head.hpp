// The head of an HTTP message (the upgrade, or its answer) as it passes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wsrace::faults {

// Finds its end, and whether it says 101; keeps nothing but its first line's beginning.
class HandshakeHead {
public:
    // How many of the bytes belong to the head; complete() says whether it ends with them.
    std::size_t follow(std::string_view bytes);
    bool complete() const { return matched_ == end_mark.size(); }
    bool begun() const { return begun_; }
    bool switches() const; // HTTP/1.1 101

private:
    static constexpr std::string_view end_mark = "\r\n\r\n";

    std::string line_; // the beginning of the first line
    std::size_t matched_ = 0;
    bool begun_ = false;
};

// The complete head with one character of the value of `header` changed to another letter or digit, both
// drawn from `seed`; never to the same letter in the other case. Names of headers are compared without regard
// to case. False: there is no such header, or its value has no letter or digit.
bool corrupt_header(std::string& head, std::string_view header, std::uint64_t seed);

} // namespace wsrace::faults
