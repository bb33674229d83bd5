#include "reports/source_place.hpp"
#include "support/history_builder.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using test::HistoryBuilder;

namespace {

using Places = std::vector<SourcePlace>;

// The places of these lines' history, of which the first line is the evidence.
Places behind(std::initializer_list<std::string_view> lines)
{
    HistoryBuilder builder;
    std::int64_t at = 100;
    for (const auto line : lines) {
        builder.log(at++, line, 2);
        builder.log(at++, "    at unrelated (/of/another/stream.js:1:1)", 1);
    }
    const auto history = builder.build();
    return source_places(history, {0});
}

} // namespace

TEST_CASE("A place in a source file is read as each runtime writes it")
{
    struct Case {
        std::string_view line;
        Places places;
    };
    const auto tried = GENERATE(
        Case{"    #1 app::f(int) /src/app/registry.cpp:42:7 (server+0x1234)",
             {{"/src/app/registry.cpp", 42, 7}}},
        Case{"    #0 0x55aa in send ../src/a.cc:3 (server+0x1) (BuildId: a1)", {{"../src/a.cc", 3, 0}}},
        Case{"/src/d.cpp:12:3: runtime error: signed integer overflow: 5 + 7", {{"/src/d.cpp", 12, 3}}},
        Case{"      /src/registry.go:42 +0x3d", {{"/src/registry.go", 42, 0}}},
        Case{"  File \"/app/my server.py\", line 42, in send", {{"/app/my server.py", 42, 0}}},
        Case{"/app/server.py:17: DeprecationWarning: there is no current event loop",
             {{"/app/server.py", 17, 0}}},
        Case{"    at Object.<anonymous> (/app/server.js:12:5)", {{"/app/server.js", 12, 5}}},
        Case{"    at file:///app/server.mjs:12:5", {{"/app/server.mjs", 12, 5}}},
        Case{"thread 'main' panicked at src/main.rs:4:9:", {{"src/main.rs", 4, 9}}},
        Case{"thread 'main' panicked at 'gone', src/main.rs:4:9", {{"src/main.rs", 4, 9}}},
        Case{"\tat com.example.App.run(App.java:31)", {{"App.java", 31, 0}}});
    CAPTURE(tried.line);
    CHECK(source_places(tried.line) == tried.places);
}

TEST_CASE("What only looks like a place is none")
{
    const auto* const line = GENERATE(
        "12:34:56.789 ready", "listening on 127.0.0.1:8000", "GET http://example.com/app.js:1",
        "wss://example.com:443/ws", "    at node:internal/process/task_queues:95:5", "a.cpp:", "a.cpp:0",
        "a.cpp:x", ":12", ".cpp:3", "", ":", "  File \"<frozen importlib>\", line 241, in x",
        "a.cpp:99999999999999999999", "/src/a.cpp/b:12");
    CAPTURE(line);
    CHECK(source_places(line).empty());
}

TEST_CASE("A line that announces a stack is followed to it, the innermost place first")
{
    CHECK(behind({"Traceback (most recent call last):", "  File \"/app/server.py\", line 9, in main",
                  "    main()", "  File \"/app/agent.py\", line 42, in send", "    self.socket.send(text)",
                  "  File \"/usr/lib/python3/site-packages/websockets/p.py\", line 7, in send",
                  "AttributeError: 'NoneType' object has no attribute 'send'",
                  "  File \"/app/of_the_next.py\", line 1, in x"}) ==
          Places{{"/app/agent.py", 42, 0},
                 {"/app/server.py", 9, 0},
                 {"/usr/lib/python3/site-packages/websockets/p.py", 7, 0}});
    CHECK(behind({"ERROR asyncio: Task exception was never retrieved", "future: <Task finished>",
                  "Traceback (most recent call last):", "  File \"/app/server.py\", line 9, in main",
                  "  File \"/app/agent.py\", line 42, in send"}) ==
          Places{{"/app/agent.py", 42, 0}, {"/app/server.py", 9, 0}});
    CHECK(behind({"TypeError: Cannot read properties of undefined (reading 'send')",
                  "    at Agent.send (/app/agent.js:3:7)", "    at main (/app/server.js:9:1)",
                  "Node.js v18.19.0", "    at later (/app/other.js:1:1)"}) ==
          Places{{"/app/agent.js", 3, 7}, {"/app/server.js", 9, 1}});
    CHECK(behind({"panic: send on closed channel", "", "goroutine 7 [running]:", "main.(*Hub).Send(0x1)",
                  "\t/src/hub.go:42 +0x1d", "main.main()", "\t/src/main.go:9 +0x3", "",
                  "\t/src/other.go:1 +0x1"}) == Places{{"/src/hub.go", 42, 0}, {"/src/main.go", 9, 0}});
}

TEST_CASE("No stack is looked for where none is announced, nor far behind")
{
    CHECK(behind({"all is well", "    at Agent.send (/app/agent.js:3:7)"}).empty());
    CHECK(
        behind({"ValueError: gone", "one", "two", "three", "four", "    at x (/app/agent.js:3:7)"}).empty());
    CHECK(behind({"ValueError: gone"}).empty());
    CHECK(source_places(HistoryBuilder{}.build(), {0, 7}).empty());
}
