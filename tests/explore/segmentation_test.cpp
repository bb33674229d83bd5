#include "explore/segmentation.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace wsrace;

namespace {

// One probe per letter, a millisecond apart.
std::vector<Probe> probes_of(const std::string& letters)
{
    std::vector<Probe> probes;
    for (const auto character : letters) {
        Probe probe;
        probe.at = std::chrono::milliseconds{probes.size()};
        for (std::size_t i = 0; i < arrival_outcomes; ++i)
            if (letter(static_cast<ArrivalOutcome>(i)) == character)
                probe.outcome = static_cast<ArrivalOutcome>(i);
        probes.push_back(probe);
    }
    return probes;
}

// The segments, spelled as the probes were.
std::string cut(const std::string& letters)
{
    std::string out(letters.size(), '?');
    for (const auto& one : segment(probes_of(letters)))
        for (auto i = one.first; i <= one.last; ++i) out[i] = letter(one.outcome);
    return out;
}

} // namespace

TEST_CASE("Stretches are cut where the outcome changes", "[explore]")
{
    CHECK(cut("wwwwwwXXXXXXXX........") == "wwwwwwXXXXXXXX........");
    CHECK(cut("....................") == "....................");
    CHECK(cut("") == "");
    CHECK(segment(probes_of("wwwwwwXXXXXXXX........")).size() == 3);
}

TEST_CASE("Outliers stay in the stretch they are in", "[explore]")
{
    CHECK(cut("..........X..........") == ".....................");
    CHECK(cut("........XX....H......") == ".....................");
    CHECK(cut("wwwwXwwwwwwXXXXX.XXXXX.......R......") == "wwwwwwwwwwwXXXXXXXXXXX..............");
}

TEST_CASE("Five that agree in the middle of others are a stretch, four are not", "[explore]")
{
    CHECK(cut("..........XXXXX..........") == "..........XXXXX..........");
    CHECK(cut("..........XXXX...........") == ".........................");
}

TEST_CASE("Bad outcomes of different kinds are different stretches", "[explore]")
{
    CHECK(cut("RRRRRRRRXXXXXXXXSSSSSSSS") == "RRRRRRRRXXXXXXXXSSSSSSSS");
}
