#include "checks/sanitizer_report.hpp"
#include "support/judging.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include <utility>

using namespace wsrace;
using namespace wsrace::test;

namespace {

Expectations captured()
{
    Expectations expectations;
    expectations.server_output = true;
    return expectations;
}

void write(HistoryBuilder& history, std::initializer_list<std::string_view> lines, std::int64_t at = 100)
{
    for (const auto line : lines) history.log(at++, line);
}

} // namespace

TEST_CASE("schema names the frame, the field, and what was found")
{
    HistoryBuilder history;
    auto user = history.user(1).opens().run(0);
    CHECK(ask("schema", history).verdict == Verdict::pass);
    CHECK(ask("schema", history).sample_size == 6);
    user.note(EventKind::schema, "missing", "/payload/status");
    user.bare(FrameType::not_json).bare(FrameType::no_type).bare(FrameType::binary).bare(FrameType::unknown);
    CHECK(signatures(ask("schema", history)) == Signatures{"agent_completed at /payload/status: missing",
                                                           "a text frame that is not JSON",
                                                           "a frame without a type", "a binary frame"});
}

TEST_CASE("server_log knows how runtimes spell trouble")
{
    const auto* const line =
        GENERATE("app.py:3: DeprecationWarning: datetime.utcnow() is deprecated",
                 "(node:71) [DEP0005] DeprecationWarning: Buffer() is deprecated",
                 "RuntimeWarning: coroutine 'send' was never awaited",
                 "RecursionError: maximum recursion depth exceeded",
                 "AttributeError: 'NoneType' object has no attribute 'send'",
                 "Traceback (most recent call last):", "panic: send on closed channel",
                 "fatal error: concurrent map writes", "(node:7) UnhandledPromiseRejectionWarning: Error: x",
                 "Unhandled promise rejection", "RangeError: Maximum call stack size exceeded",
                 "terminate called after throwing an instance of 'std::bad_alloc'",
                 "(node:9) MaxListenersExceededWarning: Possible EventEmitter memory leak detected",
                 "ERROR: Exception in ASGI application", "Task exception was never retrieved",
                 "ERROR:asyncio:Exception in callback Loop.send()", "pure virtual method called",
                 "thread 'main' panicked at src/main.rs:1", "TypeError: Cannot read properties of undefined");
    HistoryBuilder history;
    write(history, {"listening on 127.0.0.1:8080", line});
    const auto result = ask("server_log", history, captured());
    CHECK(result.violation_count == 1);
    CHECK(result.sample_size == 2);
    CHECK(result.violations[0].evidence == std::vector<std::uint32_t>{1});
}

TEST_CASE("server_log folds lines that differ in numbers only, and says what happened before")
{
    HistoryBuilder history;
    history.user(4).at(90).connects();
    write(history,
          {"panic: connection 17 at 0xc000012345 gone", "fine", "panic: connection 4 at 0xc0000aaaa0 gone"});
    const auto result = ask("server_log", history, captured());
    REQUIRE(result.violation_count == 1);
    CHECK(result.violations[0].signature == "server_log: panic: connection # at # gone");
    CHECK(result.violations[0].message.find("2 of the target's lines") == 0);
    CHECK(result.violations[0].message.find("upgrade_answered of user 4, connection 0") != std::string::npos);
    CHECK(result.violations[0].evidence.size() == 2);
}

TEST_CASE("A scenario's own log patterns are regular expressions, in addition")
{
    HistoryBuilder history;
    write(history, {"pool exhausted: 12 waiting", "pool fine: 0 waiting", "queue=full", "queue=empty",
                    "no color left"});
    auto expectations = captured();
    expectations.log_patterns = {"pool ex.*: \\d+ waiting", "queue=(full|stuck)", "never+ here", "colou?r"};
    CHECK(signatures(ask("server_log", history, expectations)) ==
          Signatures{"pool exhausted: # waiting", "queue=full", "no color left"});
    expectations.log_patterns = {"("};
    const auto verdict = judge(expectations, history.build());
    const auto& check = *std::find_if(verdict.checks.begin(), verdict.checks.end(),
                                      [](const CheckResult& result) { return result.id == "server_log"; });
    CHECK(check.verdict == Verdict::inconclusive);
    CHECK(check.reason.find("log pattern \"(\"") != std::string::npos);
}

TEST_CASE("A pattern may spell characters by their numbers, and escape a backslash before a letter")
{
    struct Case {
        std::string pattern;
        std::string matched;
        std::string unmatched;
    };
    const auto tried = GENERATE(Case{R"(pool\x20full)", "pool full", "pool-full 20full"},
                                Case{R"(pool\u0020full)", "pool full", "pool-full 0020full"},
                                Case{R"(pool\\x20full)", R"(pool\x20full)", "pool full"});
    CAPTURE(tried.pattern);
    auto expectations = captured();
    expectations.log_patterns = {tried.pattern};
    HistoryBuilder history;
    write(history, {tried.unmatched});
    CHECK(ask("server_log", history, expectations).verdict == Verdict::pass);
    write(history, {tried.matched}, 200);
    CHECK(ask("server_log", history, expectations).violation_count == 1);
}

TEST_CASE("Where output was not kept server_log and sanitizer cannot tell, unless they have found something")
{
    const auto* const id = GENERATE("server_log", "sanitizer");
    const auto with = [id](std::string_view line, std::uint16_t instances, bool cut) {
        HistoryBuilder history;
        history.info().instances = instances;
        history.life_cycle(1, LifeCycle::spawned);
        write(history, {"ready", line});
        if (cut) history.log(1500, "output beyond 64 MiB is not kept", static_cast<int>(LogStream::cut));
        return ask(id, history, captured());
    };
    CHECK(with("fine", 1, false).verdict == Verdict::pass);
    const auto unknown = with("fine", 1, true);
    CHECK(unknown.verdict == Verdict::inconclusive);
    CHECK(unknown.sample_size == 2);
    CHECK(unknown.reason == "output beyond 64 MiB is not kept: nobody has read the lines after 1.500 s");
    CHECK(with("fine", 2, true).reason.starts_with("instance 0: output beyond"));
    const std::string_view trouble =
        id == std::string_view{"server_log"} ? "panic: gone" : "WARNING: ThreadSanitizer: data race (pid=1)";
    const auto found = with(trouble, 1, true);
    CHECK(found.verdict == Verdict::fail);
    CHECK(found.violation_count == 1);
}

TEST_CASE("Without captured output server_log and sanitizer are skipped; a silent target proves nothing")
{
    HistoryBuilder history;
    for (const auto* id : {"server_log", "sanitizer"}) {
        CHECK(ask(id, history).verdict == Verdict::skipped);
        CHECK(ask(id, history, captured()).verdict == Verdict::inconclusive);
    }
    history.life_cycle(1, LifeCycle::spawned);
    for (const auto* id : {"server_log", "sanitizer"})
        CHECK(ask(id, history, captured()).verdict == Verdict::skipped);
    write(history, {"ready"});
    for (const auto* id : {"server_log", "sanitizer"})
        CHECK(ask(id, history, captured()).verdict == Verdict::pass);
}

TEST_CASE("A ThreadSanitizer report is told by its two stacks, and folded")
{
    HistoryBuilder history;
    for (int i = 0; i < 2; ++i) {
        write(history,
              {"==================", "WARNING: ThreadSanitizer: data race (pid=4711)",
               "  Write of size 8 at 0x7b0400000010 by thread T2:",
               "    #0 operator delete(void*) <null> (libtsan.so.2+0x1)",
               "    #1 app::Registry::remove(unsigned int) /src/app/registry.cpp:42:7 (server+0x1234)",
               "    #2 main /src/app/main.cpp:7 (server+0x99)", "",
               "  Previous read of size 8 at 0x7b0400000010 by thread T1:",
               "    #0 app::Registry::find(unsigned int) /src/app/registry.cpp:17 (server+0x1111)", "",
               "SUMMARY: ThreadSanitizer: data race /src/app/registry.cpp:42 in remove",
               "=================="},
              100 + i * 100);
    }
    const auto result = ask("sanitizer", history, captured());
    REQUIRE(result.violation_count == 1);
    CHECK(result.violations[0].signature ==
          "sanitizer: ThreadSanitizer: data race at registry.cpp:17, registry.cpp:42");
    CHECK(result.violations[0].message.find("2 times") != std::string::npos);
    CHECK(result.violations[0].message.find("app::Registry::remove (registry.cpp:42)") != std::string::npos);
}

TEST_CASE("Reports of the other sanitizers are found, too")
{
    HistoryBuilder history;
    std::string expected;
    SECTION("AddressSanitizer")
    {
        write(history,
              {"==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x60 at pc 0x55 bp 0x7f sp 0x7e",
               "READ of size 8 at 0x60 thread T0", "    #0 0x55aa in send /src/a.cpp:3:1",
               "freed by thread T0 here:", "    #0 0x77 in operator delete(void*) (libasan.so+0x1)",
               "    #1 0x55bb in close /src/b.cpp:9:2", "SUMMARY: AddressSanitizer: heap-use-after-free"});
        expected = "AddressSanitizer: heap-use-after-free at a.cpp:3, b.cpp:9";
    }
    SECTION("LeakSanitizer")
    {
        write(
            history,
            {"==7==ERROR: LeakSanitizer: detected memory leaks", "",
             "Direct leak of 8 byte(s) in 1 object(s) allocated from:",
             "    #0 0x7f in operator new(unsigned long) ../../src/libsanitizer/asan/asan_new_delete.cpp:95",
             "    #1 0x55 in open /src/c.cpp:5", "SUMMARY: AddressSanitizer: 8 byte(s) leaked"});
        expected = "LeakSanitizer: detected memory leaks at c.cpp:5";
    }
    SECTION("UBSan")
    {
        write(history, {"/src/d.cpp:12:3: runtime error: signed integer overflow: 5 + 2147483647 cannot be "
                        "represented"});
        expected = "UBSan: signed integer overflow at d.cpp:12";
    }
    SECTION("UBSan, of a signal")
    {
        write(history,
              {"==7==ERROR: UndefinedBehaviorSanitizer: SEGV on unknown address 0x0 (pc 0x1 sp 0x3 T7)",
               "    #0 0x55 in send(int) /src/f.cpp:9:1", "    #1 0x57 in main /src/main.cpp:7:1"});
        expected = "UBSan: SEGV at f.cpp:9";
    }
    SECTION("Python's faulthandler")
    {
        write(history,
              {"Fatal Python error: Segmentation fault", "",
               "Current thread 0x00007f12 (most recent call first):",
               "  File \"/app/server.py\", line 42 in send", "  File \"/app/main.py\", line 7 in main"});
        expected = "Python: fatal error: Segmentation fault at server.py:42";
    }
    SECTION("Go")
    {
        write(history, {"==================", "WARNING: DATA RACE",
                        "Write at 0x00c0000b4010 by goroutine 8:", "  main.(*Registry).Remove()",
                        "      /src/registry.go:42 +0x3d", "  main.main()", "      /src/main.go:7 +0x1", "",
                        "Previous read at 0x00c0000b4010 by goroutine 7:", "  main.(*Registry).Find()",
                        "      /src/registry.go:17 +0x3d", "=================="});
        expected = "Go: data race at registry.go:17, registry.go:42";
    }
    const auto result = ask("sanitizer", history, captured());
    CHECK(signatures(result) == Signatures{expected});
}

TEST_CASE("A report of UBSan names the function that its stack begins with")
{
    HistoryBuilder history;
    write(history, {"/src/d.cpp:12:3: runtime error: signed integer overflow: 5 + 7 cannot be represented",
                    "    #0 0x55 in app::S::f(int) /src/d.cpp:12:3", "    #1 0x57 in main /src/main.cpp:7:1",
                    "", "SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior /src/d.cpp:12:3 in"});
    const auto found = ask("sanitizer", history, captured());
    REQUIRE(signatures(found) == Signatures{"UBSan: signed integer overflow at d.cpp:12"});
    CHECK(found.violations.at(0).message.find("app::S::f (d.cpp:12)") != std::string::npos);
    CHECK(found.violations.at(0).message.find("main") == std::string::npos);
}

TEST_CASE("In a library's header UBSan's stack tells the caller; addresses tell no reports apart")
{
    HistoryBuilder history;
    std::int64_t at = 100;
    for (const auto* address : {"0x5a60", "0x6b7f"}) {
        write(history,
              {fmt::format("/usr/include/c++/12/bits/v.h:9:3: runtime error: load of misaligned address "
                           "{} for type 'int', which requires 4 byte alignment",
                           address),
               fmt::format("{}: note: pointer points here", address), " 00 00 00 07 dd", "      ^",
               "    #0 0x55 in std::vector<int>::at(int) /usr/include/c++/12/bits/v.h:9:3",
               "    #1 0x56 in app::send(int) /src/e.cpp:4:1", "    #2 0x57 in main /src/main.cpp:7:1", ""},
              std::exchange(at, 200));
    }
    const std::string expected =
        "UBSan: load of misaligned address # for type 'int', which requires # byte alignment at "
        "e.cpp:4, v.h:9";
    CHECK(signatures(ask("sanitizer", history, captured())) == Signatures{expected});
}

TEST_CASE("Frames as Clang writes them: anonymous namespaces, lambdas, the library's own headers")
{
    HistoryBuilder history;
    write(history,
          {"WARNING: ThreadSanitizer: data race (pid=7)", "  Write of size 8 at 0x7b by thread T2:",
           "    #0 (anonymous namespace)::Registry::remove(int) /src/r.cpp:42:7 (server+0x12) (BuildId: "
           "a1)",
           "  Previous write of size 8 at 0x7b by main thread:",
           "    #0 std::vector<int>::push_back(int const&) /usr/lib/gcc/x/12/include/c++/bits/v.h:9:3 "
           "(s+0x1)",
           "    #1 __gthread_mutex_lock(m*) /usr/include/x86_64-linux-gnu/c++/12/bits/g.h:7:1 (s+0x2)",
           "    #2 main::$_0::operator()() const /src/m.cpp:3:1 (server+0x13) (BuildId: a1)"});
    const auto found = ask("sanitizer", history, captured());
    REQUIRE(signatures(found) == Signatures{"ThreadSanitizer: data race at m.cpp:3, r.cpp:42"});
    CHECK(found.violations.at(0).message.find("(anonymous namespace)::Registry::remove (r.cpp:42) and "
                                              "main::$_0::operator() (m.cpp:3)") != std::string::npos);
}

TEST_CASE("A report from a file is found, names the steps in flight, and cites its own lines")
{
    HistoryBuilder history;
    history.user(1).at(10).connects(); // long before
    for (std::uint32_t user = 2; user < 8; ++user) history.user(user).at(90).connects();
    const auto report = static_cast<int>(LogStream::report);
    history.log(100, "WARNING: ThreadSanitizer: lock-order-inversion (potential deadlock) (pid=3)", report);
    history.log(101, "a line of the target in between", 2);
    history.log(102, "    #0 connect() /src/a.cpp:3", report).log(103, "", report);
    history.log(104, "    #0 broadcast() /src/b.cpp:9", report);
    const auto result = ask("sanitizer", history, captured());
    REQUIRE(signatures(result) ==
            Signatures{"ThreadSanitizer: lock-order-inversion (potential deadlock) at a.cpp:3, b.cpp:9"});
    const auto& violation = result.violations[0];
    CHECK(violation.message.find("connect (a.cpp:3) and broadcast (b.cpp:9); in flight: upgrade_answered of "
                                 "user 7, connection 0, ") != std::string::npos);
    const auto built = history.build();
    std::size_t steps = 0;
    for (const auto position : violation.evidence) {
        const Event& event = built.events[position];
        steps += event.kind == EventKind::step ? 1 : 0;
        CHECK(event.user != 1);
    }
    CHECK(steps == 8);
    CHECK(violation.evidence.size() == 11);
    CHECK(ask("server_log", history, captured()).sample_size == 1);
}

TEST_CASE("What was in flight is looked for further back where a report was read from a file")
{
    HistoryBuilder history;
    history.user(1).at(690).step(StepKind::tcp_connect);
    history.user(2).at(710).step(StepKind::tcp_connect);
    history.user(3).at(960).step(StepKind::tcp_connect);
    const auto stream = GENERATE(LogStream::err, LogStream::report);
    history.log(1000, "WARNING: ThreadSanitizer: data race (pid=3)", static_cast<int>(stream));
    history.log(1001, "    #0 connect() /src/a.cpp:3", static_cast<int>(stream));
    const auto result = ask("sanitizer", history, captured());
    REQUIRE(result.violation_count == 1);
    const auto& message = result.violations[0].message;
    CHECK(message.find("tcp_connect of user 3") != std::string::npos);
    CHECK((message.find("tcp_connect of user 2") != std::string::npos) == (stream == LogStream::report));
    CHECK(message.find("tcp_connect of user 1") == std::string::npos);
}

TEST_CASE("A crash cites the last lines of its own instance")
{
    HistoryBuilder history;
    history.life_cycle(1, LifeCycle::spawned).life_cycle(2, LifeCycle::port_open);
    for (int i = 0; i < 10; ++i) history.log(10 + i, "line " + std::to_string(i));
    history.user(5).at(95).connects();
    history.life_cycle(100, LifeCycle::killed, 11).log(110, "still in the pipe");
    history.life_cycle(150, LifeCycle::spawned).log(160, "of the next life");
    const auto result = ask("sanitizer", history, captured());
    REQUIRE(signatures(result) == Signatures{"killed by SIGSEGV"});
    const auto& message = result.violations[0].message;
    CHECK(message.find("its last output: still in the pipe") != std::string::npos);
    CHECK(message.find("in flight: upgrade_answered of user 5") != std::string::npos);
    CHECK(result.violations[0].evidence.size() == 10); // the end, six lines, three steps
}

TEST_CASE("Each instance has an end of its own")
{
    HistoryBuilder history;
    history.life_cycle(1, LifeCycle::port_open, 0, 0).life_cycle(1, LifeCycle::port_open, 0, 1);
    history.life_cycle(50, LifeCycle::terminating, 15, 0).life_cycle(60, LifeCycle::exited, 0, 0);
    CHECK(ask("sanitizer", history, captured()).violation_count == 0);
    history.life_cycle(60, LifeCycle::exited, 1, 1);
    CHECK(signatures(ask("sanitizer", history, captured())) == Signatures{"unexpected exit"});
}

TEST_CASE("A crash is a finding, an end that the harness asked for is not")
{
    HistoryBuilder history;
    history.life_cycle(1, LifeCycle::spawned).log(2, "ready");
    SECTION("asked for")
    {
        history.life_cycle(100, LifeCycle::terminating).life_cycle(120, LifeCycle::exited, 0);
        CHECK(ask("sanitizer", history, captured()).verdict == Verdict::pass);
    }
    SECTION("killed by the harness")
    {
        const auto signal = GENERATE(9, 15, 50);
        history.life_cycle(99, LifeCycle::terminating, signal).life_cycle(100, LifeCycle::killed, signal);
        CHECK(ask("sanitizer", history, captured()).verdict == Verdict::pass);
    }
    SECTION("killed by somebody else")
    {
        const auto [signal, signature] =
            GENERATE(as<std::pair<int, std::string>>{}, std::pair{9, "killed by SIGKILL"},
                     std::pair{2, "killed by SIGINT"}, std::pair{15, "killed by SIGTERM"},
                     std::pair{13, "killed by SIGPIPE"}, std::pair{50, "killed by signal 50"});
        history.life_cycle(100, LifeCycle::killed, signal);
        const auto result = ask("sanitizer", history, captured());
        REQUIRE(signatures(result) == Signatures{signature});
        const auto oom =
            result.violations[0].message.find("SIGKILL, not by the harness; was it the OOM killer?");
        CHECK((oom != std::string::npos) == (signal == 9));
    }
    SECTION("killed by somebody else, in the life after one that the harness had ended")
    {
        history.life_cycle(50, LifeCycle::terminating).life_cycle(60, LifeCycle::exited, 0);
        history.life_cycle(70, LifeCycle::spawned).life_cycle(100, LifeCycle::killed, 9);
        CHECK(signatures(ask("sanitizer", history, captured())) == Signatures{"killed by SIGKILL"});
    }
    SECTION("a fatal signal while it was ending")
    {
        history.life_cycle(99, LifeCycle::terminating, 15).life_cycle(100, LifeCycle::killed, 6);
        CHECK(signatures(ask("sanitizer", history, captured())) == Signatures{"killed by SIGABRT"});
    }
    SECTION("a fatal signal")
    {
        history.life_cycle(100, LifeCycle::killed, 11);
        CHECK(signatures(ask("sanitizer", history, captured())) == Signatures{"killed by SIGSEGV"});
    }
    SECTION("a sanitizer's exit status")
    {
        history.life_cycle(100, LifeCycle::terminating).life_cycle(120, LifeCycle::exited, 66);
        CHECK(signatures(ask("sanitizer", history, captured())) == Signatures{"exit status 66"});
    }
    SECTION("on its own, before it came up: it could not be started, which the run says itself")
    {
        history.life_cycle(100, LifeCycle::exited, 1);
        CHECK(signatures(ask("sanitizer", history, captured())).empty());
    }
    SECTION("on its own")
    {
        history.life_cycle(50, LifeCycle::port_open).life_cycle(100, LifeCycle::exited, 1);
        CHECK(signatures(ask("sanitizer", history, captured())) == Signatures{"unexpected exit"});
    }
}
