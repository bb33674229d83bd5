#include "run/scaling.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace std::chrono_literals;

TEST_CASE("Added instances get new numbers, and the newest are removed first", "[run][ingress]")
{
    ServerSpec server;
    server.instances = 2;
    CHECK(scale_steps(server).empty());
    server.ingress = IngressSpec{};
    CHECK(scale_steps(server).empty());
    server.ingress->scale = {{.at = 1s, .change = 2}, {.at = 2s, .change = -3}, {.at = 3s, .change = 1}};
    const std::vector<ScaleStep> expected{
        {.at = 1s, .instance = 2, .add = true},  {.at = 1s, .instance = 3, .add = true},
        {.at = 2s, .instance = 3, .add = false}, {.at = 2s, .instance = 2, .add = false},
        {.at = 2s, .instance = 1, .add = false}, {.at = 3s, .instance = 4, .add = true}};
    CHECK((scale_steps(server) == expected));
    CHECK(server.instances_in_all() == 5);
}
