#include "core/canary.hpp"

#include <catch2/catch.hpp>
#include <openssl/evp.h>

using namespace wsrace;

namespace {

const Canary sample{RunId{0x12345abcde}, {UserId{14999}, SlotId{3}, 41}};

std::string base64(const std::string& bytes, bool url_alphabet)
{
    std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const auto length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(length));
    if (!url_alphabet) return out;
    for (auto& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
    while (out.ends_with('=')) out.pop_back();
    return out;
}

} // namespace

TEST_CASE("A canary names its owner without a look-up")
{
    const auto text = make_canary(sample);
    CHECK(text.size() == canary_length);
    CHECK(text.starts_with(canary_prefix));
    REQUIRE(parse_canary(text));
    CHECK(*parse_canary(text) == sample);
    CHECK(*parse_canary(text + " and more") == sample);
}

TEST_CASE("A canary with any character changed is not one")
{
    const auto text = make_canary(sample);
    for (std::size_t at = canary_prefix.size(); at < text.size(); ++at) {
        auto changed = text;
        changed[at] = changed[at] == '7' ? '8' : '7';
        CHECK_FALSE(parse_canary(changed));
    }
    CHECK_FALSE(parse_canary(text.substr(0, canary_length - 1)));
    CHECK_FALSE(parse_canary("wsrcanary"));
    CHECK_FALSE(parse_canary(""));
}

TEST_CASE("Canaries of other users, connections, requests and runs are different")
{
    auto other = sample;
    other.request.user.value += 1;
    CHECK(make_canary(other) != make_canary(sample));
    other = sample;
    other.request.slot.value += 1;
    CHECK(make_canary(other) != make_canary(sample));
    other = sample;
    other.request.request += 1;
    CHECK(make_canary(other) != make_canary(sample));
    other = sample;
    other.run.value += 1;
    CHECK(make_canary(other) != make_canary(sample));
}

TEST_CASE("Canaries are found inside any text, in order")
{
    auto second = sample;
    second.request.user.value = 2;
    const auto found = find_canaries("a " + make_canary(sample) + make_canary(second) + ".");
    REQUIRE(found.size() == 2);
    CHECK(*found[0].owner == sample);
    CHECK(*found[1].owner == second);
    CHECK_FALSE(found[0].encoded);
}

TEST_CASE("A canary is found inside base64 at every alignment, with both alphabets")
{
    const bool url_alphabet = GENERATE(false, true);
    const auto before = GENERATE(0, 1, 2, 3, 4, 5, 6, 7);
    const auto after = GENERATE(0, 1, 2);
    const auto plain = std::string(static_cast<std::size_t>(before), '\xfb') + make_canary(sample) +
                       std::string(static_cast<std::size_t>(after), '\xff');
    const auto encoded = "x: " + base64(plain, url_alphabet) + " y";
    CHECK(may_hold_canary(encoded));
    const auto found = find_canaries(encoded);
    REQUIRE(found.size() == 1);
    CHECK(found[0].encoded);
    REQUIRE(found[0].owner);
    CHECK(*found[0].owner == sample);
}

TEST_CASE("A damaged canary is found, without an owner")
{
    auto text = make_canary(sample);
    text.back() = text.back() == '0' ? '1' : '0';
    const auto found = find_canaries(text);
    REQUIRE(found.size() == 1);
    CHECK_FALSE(found[0].owner);
    const auto cut = find_canaries("wsrcanaryabc");
    REQUIRE(cut.size() == 1);
    CHECK_FALSE(cut[0].owner);
}

TEST_CASE("Text without a canary has none")
{
    const std::string text = "nothing here but words, wsrcan, wsr canary and d3NyY2FuYXJ";
    CHECK_FALSE(may_hold_canary(text));
    CHECK(find_canaries(text).empty());
}

TEST_CASE("Run ids are drawn, not counted")
{
    CHECK(random_run_id() != random_run_id());
    CHECK(to_string(RunId{31}) == "0000000z");
}
