// The tests, and the reference server for scenarios whose server is "wsrace serve": a harness starts itself.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "reference_server/server.hpp"

#include <string_view>

int main(int argc, char** argv)
{
    if (argc > 1 && std::string_view{argv[1]} == "serve")
        return wsrace::reference::serve_main(argc - 1, argv + 1);
    return Catch::Session().run(argc, argv);
}
