#!/usr/bin/python3
"""Breaks the checks on purpose, one small mistake at a time, and expects their tests to fail.

    tests/mutations/run.py [--work DIR] [--only TEXT] [--jobs N]
    tests/mutations/run.py --check

Each mutation of mutations.py is applied in a copy of the tree in DIR (default: build/mutations), built there
with the checks' tests and nothing else, and run until the first test fails. Prints which test that was, or
SURVIVED. --check only makes sure that every mutation still applies. Exit status 1 if a mutation survived,
did not compile, or does not apply.
"""
import argparse
import html
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from mutations import MUTATIONS  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CHECKS = "harness/checks"
COPIED = ["cmake", "harness/core", "harness/checks", "tests/checks", "tests/support",
          "tests/mutations/CMakeLists.txt"]
TEST_LIMIT = 300  # seconds; a mutation may never end
ROUNDS = ["~[random]~[large]", "[random],[large]"]  # the quick tests first


class Broken(Exception):
    """Something that keeps mutations from being judged at all."""


def problems_of_table(read, mutations):
    """What is wrong with the table; `read` gives the text of a file of harness/checks."""
    problems = []
    names = set()
    for one in mutations:
        if one.name in names:
            problems.append(f"{one.name}: stands in the table twice; give each mutation a name of its own")
        names.add(one.name)
        if one.before == one.after:
            problems.append(f"{one.name}: changes nothing")
        if not one.why:
            problems.append(f"{one.name}: does not say why somebody could make it")
        try:
            found = read(one.file).count(one.before)
        except OSError as error:
            problems.append(f"{one.name}: {error}")
            continue
        if found != 1:
            problems.append(f"{one.name}: its text stands {found} times in {CHECKS}/{one.file}, expected"
                            " once; adapt `before` and `after` in tests/mutations/mutations.py")
    return problems


def read_check(name):
    with open(os.path.join(ROOT, CHECKS, name), encoding="utf-8") as file:
        return file.read()


def source_files():
    """What is copied, as paths below the root."""
    for entry in COPIED:
        top = os.path.join(ROOT, entry)
        if os.path.isfile(top):
            yield entry
        for folder, _, names in os.walk(top):
            for name in names:
                if name.endswith((".cpp", ".hpp", ".ipp", ".cmake", ".txt")):
                    yield os.path.relpath(os.path.join(folder, name), ROOT)


def copy_tree(work):
    """Makes WORK/tree what the tree is now; what has not changed keeps its time, and is not built again."""
    tree = os.path.join(work, "tree")
    wanted = set(source_files())
    for folder, _, names in os.walk(tree):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), tree)
            if path not in wanted:
                os.remove(os.path.join(tree, path))
    for path in sorted(wanted):
        source, copy = os.path.join(ROOT, path), os.path.join(tree, path)
        with open(source, "rb") as file:
            text = file.read()
        if os.path.exists(copy):
            with open(copy, "rb") as file:
                if file.read() == text:
                    continue
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        with open(copy, "wb") as file:
            file.write(text)
    return tree


class Builder:
    """The copy of the tree and its build folder."""

    def __init__(self, work, jobs):
        self.tree = copy_tree(work)
        self.build = os.path.join(work, "build")
        self.jobs = jobs

    def configure(self):
        command = ["cmake", "-S", os.path.join(self.tree, "tests/mutations"), "-B", self.build, "-G", "Ninja",
                   "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Broken(f"cannot configure:\n{done.stdout}{done.stderr}")

    def compile(self):
        """None, or what the compiler said."""
        done = subprocess.run(["ninja", "-C", self.build, "-j", str(self.jobs), "check_tests"],
                              capture_output=True, text=True, check=False)
        return None if done.returncode == 0 else done.stdout + done.stderr

    def first_failure(self):
        """The name of the first test that fails, or None."""
        for tests in ROUNDS:
            command = [os.path.join(self.build, "check_tests"), tests, "--abort", "--reporter", "xml"]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=TEST_LIMIT,
                                      check=False)
            except subprocess.TimeoutExpired:
                return f"(did not end within {TEST_LIMIT} s)"
            if done.returncode:
                began = re.findall(r'<TestCase name="([^"]*)"', done.stdout)
                crashed = " (crashed)" if done.returncode < 0 else ""
                return (html.unescape(began[-1]) if began else "(before the first test)") + crashed
        return None

    def write(self, file, text):
        with open(os.path.join(self.tree, CHECKS, file), "w", encoding="utf-8") as out:
            out.write(text)


def judge(builder, mutation):
    """Whether the mutation was noticed, and how."""
    text = read_check(mutation.file)
    builder.write(mutation.file, text.replace(mutation.before, mutation.after))
    try:
        complaint = builder.compile()
        if complaint:
            said = [line for line in complaint.splitlines() if "error" in line]
            return False, "DOES NOT COMPILE: " + (said[0] if said else complaint[-200:])
        failure = builder.first_failure()
        return (True, failure) if failure else (False, "SURVIVED")
    finally:
        builder.write(mutation.file, text)


def run(mutations, work, jobs):
    began = time.monotonic()
    builder = Builder(work, jobs)
    builder.configure()
    complaint = builder.compile()
    if complaint:
        raise Broken(f"the tree as it is does not compile:\n{complaint[-3000:]}")
    failure = builder.first_failure()
    if failure:
        raise Broken(f"the tree as it is fails a test: {failure}")
    print(f"built and tested without any mutation in {time.monotonic() - began:.0f} s", flush=True)
    width = max(len(one.name) for one in mutations)
    failed = 0
    for mutation in sorted(mutations, key=lambda one: one.file):  # so that little is built twice
        start = time.monotonic()
        noticed, how = judge(builder, mutation)
        failed += not noticed
        print(f"{mutation.name:{width}}  {time.monotonic() - start:4.0f} s  {how}", flush=True)
    took = time.monotonic() - began
    print(f"{len(mutations) - failed} of {len(mutations)} mutations noticed, in {took:.0f} s")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", default=os.path.join(ROOT, "build/mutations"), help="scratch folder")
    parser.add_argument("--only", default="", help="those whose name contains this text")
    parser.add_argument("--jobs", type=int, default=2, help="compilers at a time")
    parser.add_argument("--check", action="store_true", help="only whether every mutation applies")
    options = parser.parse_args()
    problems = problems_of_table(read_check, MUTATIONS)
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    if options.check:
        print(f"{len(MUTATIONS)} mutations apply")
        return 0
    chosen = [one for one in MUTATIONS if options.only in one.name]
    if not chosen:
        print(f"no mutation's name contains \"{options.only}\"; tests/mutations/mutations.py lists them",
              file=sys.stderr)
        return 2
    if not shutil.which("ninja"):
        print("ninja is not installed", file=sys.stderr)
        return 2
    try:
        return run(chosen, os.path.abspath(options.work), options.jobs)
    except Broken as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
