#!/usr/bin/python3
"""Holds the project to its own rules: who may include whom, sizes, names, GCC 12's coroutines.

    scripts/check_style.py [--root DIR] [FILE...]

Without files: every file that git tracks or would track. Prints `file:line: message` for each violation, and
the longest functions; exit status 1 if there is a violation.
"""
import argparse
import ast
import os
import re
import subprocess
import sys
from collections import namedtuple

Finding = namedtuple("Finding", "path line message")
Function = namedtuple("Function", "path line name length")

CPP = (".cpp", ".hpp")
CODE = CPP + (".py", ".sh")
TEXT = CODE + (".md", ".txt", ".cmake", ".json", ".yml", ".yaml", ".js", ".ts", ".go", ".html", ".xsd")

# What each folder may include besides itself and core: style.md's arrows, followed to their ends.
MAY_INCLUDE = {
    "core": set(),
    "scenario": {"core"},
    "plan": {"core", "scenario"},
    "target": {"core"},
    "net": {"core"},
    "faults": {"core", "scenario"},
    "ingress": {"core", "scenario", "faults"},
    "checks": {"core"},
    "run_store": {"core"},
    "reports": {"core"},
    "run": {"core", "scenario", "plan", "target", "net", "faults", "ingress"},
    "explore": {"core", "scenario", "plan", "target", "net", "faults", "ingress", "run", "checks"},
    "cli": {"core", "scenario", "plan", "target", "net", "faults", "ingress", "run", "checks", "explore",
            "reports", "run_store"},
}
EMBEDDED_SERVER = "reference_server/server.hpp"

LONGEST_LINE = 110
LONGEST_FUNCTION = 60
LONGEST_FILE = {"tests": 500}
LONGEST_FILE_ELSEWHERE = 400
BANNED_NAMES = {"util", "utils", "common", "misc", "helper", "helpers"}
UNFINISHED = re.compile(r"\b(TODO|FIXME)\b")
MACHINE_PATH = re.compile(r"(?<![\w.:/\-}>)])/(home|Users|root|work|workspace)/\w")
REGISTRIES = re.compile(
    r"\b(pypi\.org|files\.pythonhosted\.org|registry\.npmjs\.org|registry\.yarnpkg\.com|proxy\.golang\.org"
    r"|sum\.golang\.org|crates\.io|repo1?\.maven(\.apache)?\.org|rubygems\.org|nuget\.org|center\.conan\.io"
    r"|deb\.debian\.org|archive\.ubuntu\.com)\b")
SPELLS_THE_WORDS_OUT = {"scripts/check_style.py", "tests/style/check_style_test.py"}

# GCC 12.2 miscompiles these without a warning (style.md). `[^;]*` crosses line ends on purpose.
GCC12 = [
    (re.compile(r"\b(?:if|while|switch)\s*\("), "a condition awaits: await into a named constant first"),
    (re.compile(r"\?[^:;]*co_await|co_await[^;]*\?[^;]*:"), "?: and co_await in one expression"),
    (re.compile(r"co_await[^;]*[(,]\s*[\w:<>, ]*\{"),
     "a braced temporary in an awaiting expression: name it first"),
    (re.compile(r"(?<!class )(?<!struct )(?<!union )(?<!-> )\b[A-Z]\w*(\s+\w+)?\s*\{[^};]*co_await"),
     "co_await inside braces: await into a named constant first"),
    (re.compile(r"co_await[^;]*\[(?!this\])[^&\]][^\]]*\]\s*[({]"),
     "a lambda that captures values in an awaiting expression: name it first"),
]
GCC12_OK = re.compile(r"//\s*gcc12-ok:\s*\S")

TOKENS = re.compile(
    r'R"(?P<tag>[^()\s\\]{0,16})\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"'  # literals
    r"|(?<!\w)'(?:\\.|[^'\\\n])+'|//[^\n]*|/\*.*?\*/",  # not 1'000; comments
    re.DOTALL)


def blank_out(text):
    """C++ without comments and without the content of literals; every other character keeps its place."""
    def blanks(match):
        found = match.group(0)
        blank = re.sub(r"[^\n]", " ", found)
        return blank if found.startswith("/") else f'"{blank[1:-1]}"'
    return TOKENS.sub(blanks, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def folder_of(path):
    """The folder of style.md's drawing that a file belongs to, or "" outside of it."""
    parts = path.split("/")
    if parts[0] == "harness" and len(parts) > 2:
        return parts[1]
    if path == "harness/main.cpp":
        return "cli"
    return parts[0] if parts[0] in ("reports", "reference_server") else ""


def included_folder(path, included):
    """The folder an include names; one without a folder is a neighbour."""
    if "/" not in included:
        return folder_of(path)
    first = included.split("/")[0]
    if first == "harness":
        return included.split("/")[1]
    return first


def check_include(path, included):
    """Why a file may not include another of ours, or None."""
    folder, other = folder_of(path), included_folder(path, included)
    if not folder or folder == other:
        return None
    if folder == "reference_server":
        return f"reference_server shares nothing with the harness, includes {included}"
    if other == "reference_server":
        if folder == "cli" and included == EMBEDDED_SERVER:
            return None
        return f"{folder} may not include {included} (only cli may, and only {EMBEDDED_SERVER})"
    if folder not in MAY_INCLUDE:
        return f"harness/{folder} is not in the drawing of who may include whom"
    if other not in MAY_INCLUDE[folder]:
        return f"{folder} may not include {other} ({included})"
    return None


def may_use_beast(path):
    if path.startswith("harness/net/"):
        return path.endswith(".cpp")
    if path == "harness/ingress/request_head.cpp":
        return True
    return path.split("/")[0] in ("reference_server", "tests", "bench")


def check_includes(path, text):
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    for number, line in enumerate(code.split("\n"), 1):
        ours = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
        message = check_include(path, ours.group(1)) if ours else None
        if message:
            yield Finding(path, number, message)
        if re.match(r"\s*#\s*include\s*<boost/beast", line) and not may_use_beast(path):
            message = "only harness/net/*.cpp and harness/ingress/request_head.cpp may include Beast"
            yield Finding(path, number, message)
    if path.startswith("harness/net/") and path.endswith(".hpp"):
        for match in re.finditer(r"\bbeast::", blank_out(text)):
            yield Finding(path, line_of(text, match.start()), "a Beast type in a header of net")


def closing(code, opening):
    """The position of the parenthesis that closes the one at `opening`."""
    depth = 0
    for position in range(opening, len(code)):
        depth += {"(": 1, ")": -1}.get(code[position], 0)
        if depth == 0:
            return position
    return len(code)


def check_coroutines(path, text):
    code = blank_out(text)
    if "co_await" not in code:
        return
    lines = text.split("\n")
    for index, (pattern, message) in enumerate(GCC12):
        for match in pattern.finditer(code):
            end = closing(code, match.end() - 1) if index == 0 else match.end()
            if index == 0 and "co_await" not in code[match.start():end]:
                continue
            first, last = line_of(code, match.start()), line_of(code, end)
            if not any(GCC12_OK.search(line) for line in lines[max(0, first - 2):last]):
                yield Finding(path, first, "GCC 12: " + message)


def check_lines(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        if path.endswith(CPP + (".py",)) and len(line) > LONGEST_LINE:
            yield Finding(path, number, f"{len(line)} columns (at most {LONGEST_LINE})")
        if line.rstrip() != line:
            yield Finding(path, number, "white space at the end of the line")
        if path in SPELLS_THE_WORDS_OUT:
            continue
        if path.endswith(CODE) and UNFINISHED.search(line):
            yield Finding(path, number, "unfinished: do it, or write an issue")
        if MACHINE_PATH.search(line):
            yield Finding(path, number, "a path of somebody's machine")
        if REGISTRIES.search(line):
            yield Finding(path, number, "a package registry's host: that is the machine's setting, not ours")


def check_file(path, text):
    parts = path.split("/")
    for part in parts:
        if part.split(".")[0].lower() in BANNED_NAMES:
            yield Finding(path, 1, f"a name that says nothing: {part}")
    if path.endswith(CODE) and not re.fullmatch(r"[a-z0-9_]+\.\w+", parts[-1]):
        yield Finding(path, 1, "file names are snake_case")
    count = text.count("\n")
    most = LONGEST_FILE.get(parts[0], LONGEST_FILE_ELSEWHERE)
    if path.endswith(CODE) and count > most:
        yield Finding(path, count, f"{count} lines (at most {most})")


def function_name(lines, brace):
    """What is defined above an opening brace: the nearest name before a parenthesis at the same depth."""
    indent = len(lines[brace]) - len(lines[brace].lstrip())
    for number in range(brace - 1, max(-1, brace - 12), -1):
        line = lines[number]
        if line.strip() and len(line) - len(line.lstrip()) == indent:
            title = re.search(r'TEST_CASE\w*\("([^"]*)', line)
            name = re.search(r"([\w:~]+)\s*\(", line)
            return title.group(1) if title else name.group(1).lstrip(":") if name else line.strip()
    return lines[brace - 1].strip()


def cpp_functions(path, text):
    """Functions in clang-format's layout: a brace alone on a line opens, the next at its depth closes."""
    lines, code = text.split("\n"), blank_out(text).split("\n")
    for number, line in enumerate(code):
        if line.strip() != "{" or number == 0:
            continue
        indent = line[:len(line) - len(line.lstrip())]
        initialises = code[number - 1].startswith(indent + " ")  # "    : a_{a}" above a constructor's brace
        if re.search(r"[;{]\s*$" if initialises else r"[;{},]\s*$", code[number - 1]):
            continue  # a scope, or a value in a table
        below = range(number + 1, len(code))
        end = next((i for i in below if code[i].startswith(indent + "}")), len(code) - 1)
        yield Function(path, number + 1, function_name(lines, number), end - number + 1)


def python_functions(path, text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield Function(path, node.lineno, node.name, node.end_lineno - node.lineno + 1)


def functions_of(path, text):
    if path.endswith(CPP):
        return list(cpp_functions(path, text))
    return list(python_functions(path, text)) if path.endswith(".py") else []


def check_text(path, text):
    """Every violation in one file, given as its path from the root and its content."""
    findings = list(check_file(path, text)) + list(check_lines(path, text))
    if path.endswith(CPP):
        findings += list(check_includes(path, text)) + list(check_coroutines(path, text))
    for function in functions_of(path, text):
        if function.length > LONGEST_FUNCTION:
            message = f"{function.name}: {function.length} lines (at most {LONGEST_FUNCTION})"
            findings.append(Finding(path, function.line, message))
    return findings


def check_mode(path, text, executable):
    """What says by its first line that it is a program can be started as one."""
    if text.startswith("#!") and not executable:
        yield Finding(path, 1, "begins with #! and is not executable: chmod +x")
    if executable and not text.startswith("#!"):
        yield Finding(path, 1, "is executable and does not begin with #!")


def project_files(root):
    command = ["git", "-C", root, "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return sorted(set(listed.splitlines()))


def main(arguments):
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser.add_argument("files", nargs="*", help="paths from the root; default: all")
    options = parser.parse_args(arguments)
    findings, functions, count = [], [], 0
    for path in options.files or project_files(options.root):
        file = os.path.join(options.root, path)
        if not path.endswith(TEXT) or not os.path.isfile(file):
            continue
        with open(file, encoding="utf-8", errors="replace") as opened:
            text = opened.read()
        count += 1
        findings += check_text(path, text)
        findings += check_mode(path, text, os.access(file, os.X_OK))
        functions += functions_of(path, text)
    for finding in sorted(findings):
        print(f"{finding.path}:{finding.line}: {finding.message}")
    functions.sort(key=lambda function: -function.length)
    for function in functions[:5]:
        print(f"  {function.length:>3} lines  {function.path}:{function.line}  {function.name}")
    print(f"{count} files, {len(functions)} functions, {len(findings)} violations")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
