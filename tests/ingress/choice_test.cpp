// Which instance is chosen: pure, so that many users cost nothing.
#include "ingress/choice.hpp"
#include "ingress/names.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <numeric>

using namespace wsrace;
using namespace wsrace::ingress;

namespace {

RequestHead head_with(std::string_view field = {}, std::string value = {})
{
    RequestHead head;
    head.target = "/ws";
    if (!field.empty()) head.fields.emplace_back(field, std::move(value));
    return head;
}

Caller connection(std::uint32_t user, std::uint16_t incarnation = 0)
{
    return read_caller(fmt::format("{}.0.{}", user, incarnation), 0);
}

const std::vector<bool> four(4, true);

std::vector<std::uint16_t> choices(Choice choice, std::uint32_t users, std::vector<bool> available = four)
{
    std::vector<std::uint16_t> out;
    for (std::uint32_t user = 0; user < users; ++user)
        out.push_back(choice.among(choice.wish(connection(user), head_with()), available).value());
    return out;
}

// How many of `users` who come back are where they were.
int kept(const IngressSpec& spec, std::uint32_t users, bool with_cookie)
{
    Choice choice{spec, std::vector<bool>(4), 1};
    int out = 0;
    for (std::uint32_t user = 0; user < users; ++user) {
        auto head = head_with();
        const auto first_wish = choice.wish(connection(user), head);
        const auto first = choice.among(first_wish, four).value();
        choice.placed(first_wish, first);
        if (with_cookie) head = head_with("Cookie", fmt::format("{}={}", affinity_cookie, first));
        const auto wish = choice.wish(connection(user, 1), head);
        out += choice.among(wish, four) == first ? 1 : 0;
    }
    return out;
}

} // namespace

TEST_CASE("Who somebody is stands in a header", "[ingress]")
{
    CHECK(read_caller("17.2.3", 5).connection == ConnectionId{UserId{17}, SlotId{2}, 3});
    CHECK(read_caller("17", 5).user == UserId{17});
    CHECK(read_caller("17", 5).known);
    CHECK_FALSE(read_caller("17", 5).connection);
    CHECK(read_caller("", 5).user == UserId{5});
    CHECK_FALSE(read_caller("x", 5).known);
    CHECK_FALSE(read_caller("17.70000.0", 5).connection);
}

TEST_CASE("The same seed, user and attempt give the same instance, other seeds others", "[ingress]")
{
    const IngressSpec spec;
    const auto first = choices({spec, std::vector<bool>(4), 1}, 200);
    CHECK(first == choices({spec, std::vector<bool>(4), 1}, 200));
    CHECK(first != choices({spec, std::vector<bool>(4), 2}, 200));
    for (std::uint16_t instance = 0; instance < 4; ++instance)
        CHECK(std::count(first.begin(), first.end(), instance) > 25); // of 200; 50 are expected
}

TEST_CASE("An instance that is not there changes the choice only of those who would go to it", "[ingress]")
{
    const IngressSpec spec;
    const auto all = choices({spec, std::vector<bool>(4), 1}, 200);
    const auto three = choices({spec, std::vector<bool>(4), 1}, 200, {true, true, false, true});
    for (std::size_t user = 0; user < all.size(); ++user) {
        CHECK(three[user] != 2);
        if (all[user] != 2) CHECK(three[user] == all[user]);
    }
}

TEST_CASE("Affinity is followed as often as it is to be", "[ingress]")
{
    IngressSpec spec;
    spec.affinity_by = GENERATE(AffinityBy::cookie, AffinityBy::address);
    const bool cookie = spec.affinity_by == AffinityBy::cookie;
    spec.affinity = 1;
    CHECK(kept(spec, 300, cookie) == 300);
    spec.affinity = 0;
    CHECK(kept(spec, 300, cookie) < 120); // a quarter, by chance
    spec.affinity = 0.5;
    CHECK(kept(spec, 300, cookie) > 150); // half, and a quarter of the rest
    CHECK(kept(spec, 300, cookie) < 240);
}

TEST_CASE("A token leads back to where it was, whoever carries it", "[ingress]")
{
    IngressSpec spec;
    spec.affinity = 1;
    spec.affinity_by = AffinityBy::authorization;
    Choice choice{spec, std::vector<bool>(4), 1};
    std::set<std::uint16_t> seen;
    for (std::uint32_t user = 0; user < 40; ++user) {
        const auto wish = choice.wish(connection(user), head_with("Authorization", "Bearer shared"));
        const auto instance = choice.among(wish, four).value();
        choice.placed(wish, instance);
        seen.insert(instance);
    }
    CHECK(seen.size() == 1);
}

TEST_CASE("Affinity to an instance that is not there gives way", "[ingress]")
{
    IngressSpec spec;
    spec.affinity = 1;
    Choice choice{spec, std::vector<bool>(2), 1};
    const auto head = head_with("Cookie", "wsrace_instance=1");
    const auto wish = choice.wish(connection(1), head);
    CHECK(choice.among(wish, {true, true}) == 1);
    CHECK(choice.among(wish, {true, false}) == 0);
    CHECK(choice.among(wish, {false, false}) == std::nullopt);
    CHECK(choice.cookie_line(wish, head, 0) == "Set-Cookie: wsrace_instance=0; Path=/; HttpOnly");
    CHECK(choice.cookie_line(wish, head, 1).empty());
    const auto nonsense = choice.wish(connection(1), head_with("Cookie", "wsrace_instance=99"));
    CHECK(choice.among(nonsense, {true, true}).has_value());
}

TEST_CASE("Re-routing takes a reopened connection elsewhere, if there is an elsewhere", "[ingress]")
{
    IngressSpec spec;
    spec.affinity = 1;
    spec.reroute_on_reconnect = true;
    Choice choice{spec, std::vector<bool>(2), 1};
    for (std::uint32_t user = 0; user < 20; ++user) {
        auto wish = choice.wish(connection(user), head_with());
        const auto first = choice.among(wish, {true, true}).value();
        choice.placed(wish, first);
        wish = choice.wish(connection(user, 1),
                           head_with("Cookie", fmt::format("{}={}", affinity_cookie, first)));
        CHECK(choice.among(wish, {true, true}) == 1 - first);
        CHECK(choice.among(wish, {first == 0, first == 1}) == first);
    }
}

TEST_CASE("Revisions share the connections by weight, however many instances each has", "[ingress]")
{
    IngressSpec spec;
    spec.revisions = IngressRevision{.weight = 0.2, .command = {"other"}, .instances = 1};
    const auto chosen = choices({spec, {false, false, false, true}, 1}, 1000);
    const auto others = std::count(chosen.begin(), chosen.end(), 3);
    CHECK(others > 130); // 200 are expected, with a standard deviation of 13
    CHECK(others < 270);
    spec.revisions->weight = 0;
    for (const auto instance : choices({spec, {false, false, false, true}, 1}, 200)) CHECK(instance != 3);
}
