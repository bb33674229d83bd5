#include "run_store/counted_samples.hpp"

#include "core/random.hpp"

#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <limits>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

// Of all magnitudes, many of them several times.
std::vector<Duration> drawn(std::size_t count, std::uint64_t seed)
{
    auto random = random_stream(seed, "samples");
    boost::random::uniform_int_distribution<int> magnitude{0, 62};
    std::vector<Duration> out;
    for (std::size_t i = 0; i < count; ++i) {
        boost::random::uniform_int_distribution<std::int64_t> any{0, std::int64_t{1} << magnitude(random)};
        out.emplace_back(any(random));
    }
    return out;
}

} // namespace

TEST_CASE("Samples are counted by their values, ascending", "[run_store]")
{
    CHECK(counted({3ms, 1ms, 3ms}) == CountedSamples{{1ms, 1}, {3ms, 2}});
    CHECK(counted({}).empty());
    const std::array several{counted({1ms, 2ms}), CountedSamples{}, counted({2ms, 0ms})};
    CHECK(merged(several) == CountedSamples{{0ms, 1}, {1ms, 1}, {2ms, 2}});
    CHECK(total(merged(several)) == 4);
}

TEST_CASE("Quantiles of counted samples are nearest ranks", "[run_store]")
{
    const CountedSamples samples{{1ms, 1}, {2ms, 98}, {9ms, 1}};
    CHECK(quantile(samples, 0.0) == 1ms);
    CHECK(quantile(samples, 0.5) == 2ms);
    CHECK(quantile(samples, 0.99) == 2ms);
    CHECK(quantile(samples, 1.0) == 9ms);
    CHECK(quantile(CountedSamples{}, 0.5) == 0ms);
}

TEST_CASE("A bucket is at most a sixty-fourth of its values wide", "[run_store]")
{
    for (const auto value : drawn(2000, 1)) {
        const auto lower = bucketed({{value, 1}}).front().value;
        CHECK(lower <= value);
        CHECK((value - lower).count() <= value.count() / 64);
    }
    CHECK(bucketed({{63ns, 1}}).front().value == 63ns);
    CHECK(bucketed({{129ns, 1}}).front().value == 128ns);
    CHECK(bucketed({{-5ms, 2}}) == CountedSamples{{0ms, 2}});
}

TEST_CASE("Buckets keep the order and the number of samples", "[run_store]")
{
    const auto samples = counted(drawn(5000, 2));
    const auto buckets = bucketed(samples);
    CHECK(buckets.size() < samples.size());
    CHECK(total(buckets) == total(samples));
    CHECK(std::is_sorted(buckets.begin(), buckets.end(),
                         [](const auto& a, const auto& b) { return a.value < b.value; }));
    CHECK(bucketed(buckets) == buckets);
}

TEST_CASE("What is encoded can be decoded, and is small", "[run_store]")
{
    for (const std::uint64_t seed : {3U, 4U, 5U}) {
        const auto samples = counted(drawn(3000, seed));
        const auto decoded = decode(encode(samples));
        REQUIRE(decoded);
        CHECK(*decoded == bucketed(samples));
        CHECK(encode(samples).size() <= 2 * 3712);
    }
    CHECK(decode("") == CountedSamples{});
    const CountedSamples largest{{Duration{std::numeric_limits<std::int64_t>::max()}, 7}};
    CHECK(decode(encode(largest)) == bucketed(largest));
}

TEST_CASE("Bytes that were never encoded are refused", "[run_store]")
{
    using namespace std::string_literals;
    CHECK_FALSE(decode("\x05"s));             // a bucket without a count
    CHECK_FALSE(decode("\x05\x00"s));         // an empty bucket
    CHECK_FALSE(decode("\x80"s));             // a number that goes on
    CHECK_FALSE(decode("\xff\xff\x7f\x01"s)); // a bucket that there is none of
    CHECK_FALSE(decode(std::string(40, '\xff')));
    CHECK(decode("\x05\x01"s) == CountedSamples{{5ns, 1}});
    const auto good = encode(counted(drawn(200, 6)));
    for (std::size_t cut = 0; cut < good.size(); ++cut) {
        const auto part = decode(std::string_view{good}.substr(0, cut));
        if (part) CHECK(total(*part) < 200);
    }
}
