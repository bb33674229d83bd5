#include "ingress/answer_head.hpp"

#include "ingress/request_head.hpp"

#include <algorithm>
#include <utility>

namespace wsrace::ingress {

namespace {

constexpr std::string_view protocol = "HTTP/1.";
constexpr std::string_view line_end = "\r\n";

bool may_be_answer(std::string_view bytes)
{
    return bytes.substr(0, protocol.size()) == protocol.substr(0, bytes.size());
}

} // namespace

std::string AnswerHead::pass(std::string_view bytes)
{
    if (line_.empty()) return std::string{bytes};
    held_ += bytes;
    const auto length = head_length(held_);
    if (!length && may_be_answer(held_) && held_.size() < longest_head) return {};
    const auto status = std::string_view{held_}.substr(std::min(protocol.size() + 1, held_.size()), 4);
    const auto interim = status.starts_with(" 1") && status != " 101";
    if (length && may_be_answer(held_) && !interim) held_.insert(*length - line_end.size(), line_ + "\r\n");
    line_.clear();
    return std::exchange(held_, {});
}

} // namespace wsrace::ingress
