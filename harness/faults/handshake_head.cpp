#include "faults/handshake_head.hpp"

#include "core/random.hpp"

#include <boost/random/uniform_int_distribution.hpp>

#include <algorithm>
#include <vector>

namespace wsrace::faults {

namespace {

constexpr std::string_view letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t status_size = 12; // "HTTP/1.1 101"

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view one, std::string_view other)
{
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

std::size_t draw_below(std::size_t count, RandomEngine& random)
{
    boost::random::uniform_int_distribution<std::size_t> place{0, count - 1};
    return place(random);
}

} // namespace

std::size_t HandshakeHead::follow(std::string_view bytes)
{
    std::size_t taken = 0;
    while (taken < bytes.size() && !complete()) {
        const auto c = bytes[taken++];
        begun_ = true;
        if (line_.size() < status_size) line_ += c;
        if (c == end_mark[matched_])
            ++matched_;
        else
            matched_ = c == '\r' ? 1 : 0;
    }
    return taken;
}

bool HandshakeHead::switches() const
{
    return line_.size() == status_size && line_.starts_with("HTTP/1.") && line_.ends_with(" 101");
}

bool corrupt_header(std::string& head, std::string_view header, std::uint64_t seed)
{
    for (auto line = head.find("\r\n"); line != std::string::npos; line = head.find("\r\n", line + 2)) {
        const auto begin = line + 2;
        const auto end = std::min(head.find("\r\n", begin), head.size());
        const auto colon = head.find(':', begin);
        if (colon >= end || !same_name(std::string_view{head}.substr(begin, colon - begin), header)) continue;
        std::vector<std::size_t> places;
        for (auto at = colon + 1; at < end; ++at)
            if (letters.find(head[at]) != std::string_view::npos) places.push_back(at);
        if (places.empty()) return false;
        RandomEngine random{seed};
        const auto place = places[draw_below(places.size(), random)];
        const auto was = lower(head[place]);
        while (lower(head[place]) == was) head[place] = letters[draw_below(letters.size(), random)];
        return true;
    }
    return false;
}

} // namespace wsrace::faults
