#!/usr/bin/python3
"""The style script finds what it forbids, and nothing else. Run: tests/style/check_style_test.py"""
import os
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
import check_style  # noqa: E402


def messages(path, text):
    return [finding.message for finding in check_style.check_text(path, text)]


def coroutine(body):
    return f"Task run()\n{{\n    {body}\n}}\n"


class Includes(unittest.TestCase):
    def include(self, path, name, system=False):
        line = f"#include <{name}>\n" if system else f'#include "{name}"\n'
        return messages(path, line)

    def test_what_the_drawing_allows(self):
        for path, name in [("harness/core/a.cpp", "core/b.hpp"), ("harness/plan/a.cpp", "scenario/b.hpp"),
                           ("harness/plan/a.cpp", "core/b.hpp"), ("harness/run/a.cpp", "net/b.hpp"),
                           ("harness/explore/a.cpp", "checks/b.hpp"), ("harness/cli/a.cpp", "reports/b.hpp"),
                           ("reports/a.cpp", "core/b.hpp"), ("reports/a.cpp", "reports/b.hpp"),
                           ("harness/cli/serve.cpp", "reference_server/server.hpp"),
                           ("harness/main.cpp", "cli/run.hpp"), ("harness/net/a.cpp", "neighbour.hpp"),
                           ("reference_server/a.cpp", "reference_server/b.hpp"),
                           ("tests/net/a_test.cpp", "reference_server/b.hpp"),
                           ("tests/a.cpp", "checks/b.hpp")]:
            self.assertEqual(self.include(path, name), [], (path, name))

    def test_what_it_does_not_draw(self):
        for path, name in [("harness/core/a.cpp", "scenario/b.hpp"), ("harness/checks/a.cpp", "run/b.hpp"),
                           ("harness/checks/a.cpp", "scenario/b.hpp"), ("harness/faults/a.cpp", "net/b.hpp"),
                           ("harness/net/a.cpp", "scenario/b.hpp"), ("reports/a.cpp", "checks/b.hpp"),
                           ("harness/run/a.cpp", "explore/b.hpp"), ("harness/run/a.cpp", "reports/b.hpp"),
                           ("harness/run/a.cpp", "reference_server/server.hpp"),
                           ("harness/cli/a.cpp", "reference_server/bugs.hpp"),
                           ("reference_server/a.cpp", "core/time.hpp"),
                           ("harness/core/a.cpp", "harness/net/b.hpp"),
                           ("harness/new_folder/a.cpp", "core/b.hpp")]:
            self.assertEqual(len(self.include(path, name)), 1, (path, name))

    def test_an_include_in_a_comment_is_none(self):
        text = '/*\n#include "run/b.hpp"\n*/\n// #include "run/b.hpp"\n'
        self.assertEqual(messages("harness/core/a.hpp", text), [])

    def test_beast_stays_behind_net(self):
        beast = "boost/beast/core.hpp"
        for path in ["harness/net/a.cpp", "reference_server/a.cpp", "tests/net/a_test.cpp", "bench/a.cpp"]:
            self.assertEqual(self.include(path, beast, system=True), [], path)
        for path in ["harness/net/a.hpp", "harness/run/a.cpp", "reports/a.cpp", "harness/cli/a.cpp"]:
            self.assertEqual(len(self.include(path, beast, system=True)), 1, path)
        self.assertEqual(len(messages("harness/net/a.hpp", "boost::beast::error_code f();\n")), 1)
        self.assertEqual(messages("harness/net/a.hpp", "// hides beast::flat_buffer\n"), [])


class Coroutines(unittest.TestCase):
    def test_expressions_that_gcc_12_miscompiles(self):
        for body in ["if (co_await f()) return;", "while (co_await f()) {}", "switch (co_await f()) {}",
                     "if (ready(a) &&\n        co_await f()) return;",
                     "const auto x = a ? co_await f() : b;", "const auto x = co_await f(a ? b : c);",
                     "co_await f({a, b});", "co_await f(a, Event{b});", "co_await f(a,\n        Event{b});",
                     "const auto r = Result{co_await f()};", "Result r{co_await f()};",
                     "co_await f([value](int) { return value; });", "co_await f([=] { return value; });"]:
            found = messages("harness/run/a.cpp", coroutine(body))
            self.assertTrue(any(message.startswith("GCC 12") for message in found), body)

    def test_expressions_that_it_compiles_right(self):
        for body in ["const auto x = co_await f(named, arguments);", "if (x) co_await f();",
                     "while (x) co_await f(x);",
                     "co_await f([&] { return value; });", "co_await f([this] { return value; });",
                     "Event e{a}; co_await f(e);", "const auto x = a ? b : c; co_await f(x);",
                     "co_await f(a); const auto x = b ? c : d;", "// if (co_await f())",
                     'log("if (co_await f())");',
                     "for (auto& x : xs) {\n        co_await f(x);\n    }",
                     "const auto body = [&]() -> Task { co_await f(); };"]:
            self.assertEqual(messages("harness/run/a.cpp", coroutine(body)), [], body)

    def test_an_exception_needs_a_reason(self):
        for body, count in [("co_await f({1}); // gcc12-ok: trivial members", 0),
                            ("// gcc12-ok: empty\n    co_await f({});", 0),
                            ("co_await f({1}); // gcc12-ok:", 1)]:
            self.assertEqual(len(messages("harness/run/a.cpp", coroutine(body))), count, body)

    def test_a_class_with_a_coroutine_inside_is_no_braced_temporary(self):
        text = "class Session {\n  public:\n    Task run() { co_await f(); }\n};\n"
        self.assertEqual(messages("harness/run/a.hpp", text), [])


class Sizes(unittest.TestCase):
    def test_files(self):
        self.assertEqual(messages("harness/core/a.cpp", "int a;\n" * 400), [])
        self.assertEqual(len(messages("harness/core/a.cpp", "int a;\n" * 401)), 1)
        self.assertEqual(len(messages("reports/a.cpp", "int a;\n" * 401)), 1)
        self.assertEqual(messages("tests/core/a.cpp", "int a;\n" * 500), [])
        self.assertEqual(len(messages("tests/core/a.cpp", "int a;\n" * 501)), 1)
        self.assertEqual(messages("docs/long.md", "text\n" * 900), [])

    def test_functions(self):
        def function(lines):
            return "int f(int a)\n{\n" + "    if (a) {\n        --a;\n    }\n" * ((lines - 2) // 3) + "}\n"
        self.assertEqual(messages("harness/core/a.cpp", function(59)), [])
        self.assertEqual(messages("harness/core/a.cpp", function(62)), ["f: 62 lines (at most 60)"])
        python = "def f():\n" + "    pass\n" * 59
        self.assertEqual(messages("scripts/a.py", python), [])
        self.assertEqual(messages("scripts/a.py", python + "    pass\n"), ["f: 61 lines (at most 60)"])

    def test_functions_are_told_apart_and_named(self):
        text = ("struct A {\n    int f() const\n    {\n        return 1;\n    }\n};\n\n"
                'TEST_CASE("A sentence")\n{\n'
                "    {\n        int scoped;\n    }\n    const auto text = R\"(\n{\n}\n)\";\n"
                "    const char* rows[] = {\n        {R\"(\n  a)\"}};\n}\n\n"
                "A::A(int a,\n     int b)\n    : a_{a}\n{\n}\n")
        found = [(f.name, f.length) for f in check_style.cpp_functions("a.cpp", text)]
        self.assertEqual(found, [("f", 3), ("A sentence", 12), ("A::A", 2)])

    def test_columns(self):
        self.assertEqual(messages("harness/core/a.cpp", "//" + "x" * 108 + "\n"), [])
        self.assertEqual(len(messages("harness/core/a.cpp", "//" + "x" * 109 + "\n")), 1)
        self.assertEqual(len(messages("scripts/a.py", "#" + "x" * 110 + "\n")), 1)
        self.assertEqual(messages("docs/a.md", "x" * 200 + "\n"), [])


class Words(unittest.TestCase):
    def test_unfinished_work(self):
        for word in ["TODO", "FIXME"]:
            self.assertEqual(len(messages("scripts/a.sh", f"# {word}: later\n")), 1)
        self.assertEqual(messages("harness/core/a.cpp", "// AUTODOC\n"), [])

    def test_white_space(self):
        self.assertEqual(len(messages("docs/a.md", "a \n")), 1)
        self.assertEqual(len(messages("harness/core/a.cpp", "int a;\t\n")), 1)

    def test_names(self):
        for path in ["harness/core/string_util.cpp", "harness/core/a_test.hpp", "scripts/nightly_ci.sh",
                     "README.md"]:
            self.assertEqual(messages(path, ""), [], path)
        for path in ["harness/core/util.cpp", "tests/helpers/a.cpp", "harness/common/a.hpp",
                     "scripts/misc.sh",
                     "harness/core/CamelCase.cpp", "scripts/nightly-ci.sh"]:
            self.assertTrue(messages(path, ""), path)

    def test_paths_of_a_machine(self):
        for text in ["cd /home/somebody", '"/work/main/out"', "path=/root/x", "see `/Users/me/x`"]:
            self.assertEqual(len(messages("docs/a.md", text + "\n")), 1, text)
        for text in ["/usr/bin/python3", "https://host/home/x", "GET /ws/stats", "${dir}/work/x",
                     "docs/work/x", "/tmp/x"]:
            self.assertEqual(messages("docs/a.md", text + "\n"), [], text)

    def test_hosts_of_package_registries(self):
        for text in ['"https://registry.npmjs.org/ws"', "pip install -i https://pypi.org/simple x"]:
            self.assertEqual(len(messages("scripts/setup.sh", text + "\n")), 1, text)
        for text in ["pip install websockets", "npm ci", "apt-get install libfmt-dev"]:
            self.assertEqual(messages("scripts/setup.sh", text + "\n"), [], text)


class Modes(unittest.TestCase):
    def test_programs_can_be_started(self):
        for text, executable, wrong in [("#!/bin/sh\n", False, 1), ("#!/bin/sh\n", True, 0),
                                        ("set -e\n", True, 1), ("set -e\n", False, 0)]:
            found = list(check_style.check_mode("scripts/a.sh", text, executable))
            self.assertEqual(len(found), wrong, (text, executable))


class Program(unittest.TestCase):
    def run_on(self, text):
        with tempfile.TemporaryDirectory() as root, open(os.devnull, "w", encoding="utf-8") as nothing:
            with open(os.path.join(root, "a.cpp"), "w", encoding="utf-8") as file:
                file.write(text)
            before, sys.stdout = sys.stdout, nothing
            try:
                return check_style.main(["--root", root, "a.cpp"])
            finally:
                sys.stdout = before

    def test_exit_status(self):
        self.assertEqual(self.run_on("int a;\n"), 0)
        self.assertEqual(self.run_on("int a; \n"), 1)


if __name__ == "__main__":
    unittest.main()
