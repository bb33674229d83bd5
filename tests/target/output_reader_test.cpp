// Lines out of what a process writes, however the pipe cuts it.
#include "target/output_reader.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace wsrace;

namespace {

std::vector<std::string> lines_of(std::string_view text, std::size_t piece)
{
    std::vector<std::string> lines;
    LineSplitter splitter;
    const auto sink = [&](std::string_view line) { lines.emplace_back(line); };
    for (std::size_t at = 0; at < text.size(); at += piece) splitter.add(text.substr(at, piece), sink);
    splitter.finish(sink);
    return lines;
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("Lines are the same however the output comes")
{
    const auto piece = GENERATE(1, 2, 7, 100'000);
    const auto size = static_cast<std::size_t>(piece);
    CHECK(lines_of("one\ntwo\n\nthree", size) == Lines{"one", "two", "", "three"});
    CHECK(lines_of("\n", size) == Lines{""});
    CHECK(lines_of("", size).empty());
}

TEST_CASE("A line that is too long comes in pieces of one size, and nothing of it is lost")
{
    const auto piece = GENERATE(1, 1000, 8192, 8193, 100'000);
    const auto size = static_cast<std::size_t>(piece);
    const std::string most(8192, 'x');
    CHECK(lines_of(most + "\nrest", size) == Lines{most, "rest"});
    CHECK(lines_of(most + "y\nrest\n", size) == Lines{most, "y", "rest"});
    CHECK(lines_of(most + most + "y", size) == Lines{most, most, "y"});
}
