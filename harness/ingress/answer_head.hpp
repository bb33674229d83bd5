// Puts a header into the first answer on a connection, while it passes by.
#pragma once

#include <string>
#include <string_view>

namespace wsrace::ingress {

class AnswerHead {
public:
    // `line`, such as "Set-Cookie: a=b", goes behind the answer's other headers. Empty: nothing is to be
    // done.
    explicit AnswerHead(std::string line) : line_{std::move(line)} {}

    // What may be passed on of all that has come so far; the rest is kept until the head is whole. What does
    // not look like the head of an answer, an interim one included, passes as it is.
    std::string pass(std::string_view bytes);

    std::string rest() { return std::move(held_); } // at the end of the connection

private:
    std::string line_;
    std::string held_;
};

} // namespace wsrace::ingress
