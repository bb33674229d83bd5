#include "scenario/mistakes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace wsrace {

void Mistakes::add(const std::string& path, const std::string& message)
{
    const bool known = std::any_of(problems_.begin(), problems_.end(), [&](const Problem& problem) {
        return problem.path == path && problem.message == message && problem.file == file_;
    });
    if (!known) problems_.push_back({.file = file_, .path = path, .message = message});
}

std::string unknown_name(std::string_view kind, std::string_view found,
                         const std::vector<std::string_view>& known)
{
    std::string message = fmt::format("unknown {} \"{}\" (known: {})", kind, found, fmt::join(known, ", "));
    const std::string_view near = nearest(found, known);
    if (!near.empty()) message += fmt::format("; did you mean \"{}\"?", near);
    return message;
}

std::string alternatives(const std::vector<std::string_view>& names)
{
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
        text += fmt::format("\"{}\"", names[i]);
    }
    return text;
}

} // namespace wsrace
