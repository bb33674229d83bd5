#!/usr/bin/python3
"""Breaks the checks on purpose, one small mistake at a time, and expects their tests to fail.

    tests/mutations/run.py [--work DIR] [--only TEXT] [--jobs N]
    tests/mutations/run.py --check

Builds the checks with their tests and nothing else in DIR (default: build/mutations). Of each mutation of
mutations.py only the changed copy of one file is compiled there, and linked with everything else; the tree
stays as it is. Prints which test failed first, or SURVIVED. --check only makes sure that every mutation still
applies. Exit status 1 if a mutation survived, did not compile, or does not apply.
"""
import argparse
import html
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from mutations import MUTATIONS  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CHECKS = "harness/checks"
TEST_LIMIT = 300  # seconds; a mutation may never end
ROUNDS = ["~[random]~[large]", "[random]", "[large]"]  # the quick tests first
# What the files of the checks include anyway, compiled once.
HEADERS = ["fmt/format.h", "fmt/ranges.h", "algorithm", "array", "map", "optional", "regex", "set", "string",
           "unordered_map", "unordered_set", "vector"]


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


def run_quietly(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          errors="replace", **options)


class Build:
    """The tests of the checks as they are, in WORK/build, and what it takes to replace one object of them."""

    def __init__(self, work, jobs):
        self.work = work
        self.folder = os.path.join(work, "build")
        os.makedirs(work, exist_ok=True)
        self.step("configure", ["cmake", "-S", os.path.join(ROOT, "tests/mutations"), "-B", self.folder, "-G",
                                "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -g1"])
        self.step("build", ["ninja", "-C", self.folder, "-j", str(jobs), "check_tests"])
        listed = run_quietly(["ninja", "-C", self.folder, "-t", "commands", "check_tests"]).stdout
        commands = [line for line in listed.splitlines() if " -o " in line]
        self.link = shlex.split(commands[-1].split("&&")[1])
        a_check = next(line for line in commands if line.endswith("/judge.cpp"))
        self.compiler = [self.link[0]] + [flag for flag in shlex.split(a_check)
                                          if re.match(r"-(D|I|O|g|f|m|std)", flag)] + ["-w"]
        self.headers = os.path.join(work, "headers.hpp")
        with open(self.headers, "w", encoding="utf-8") as out:
            out.writelines(f"#include <{header}>\n" for header in HEADERS)
        self.step("compile the headers of", [*self.compiler, "-x", "c++-header", self.headers, "-o",
                                             self.headers + ".gch"])

    @staticmethod
    def step(what, command):
        done = run_quietly(command)
        if done.returncode:
            raise Broken(f"cannot {what} the tests as they are:\n{done.stdout[-3000:]}")

    def build_with(self, number, file, text):
        """The program with `text` in place of a file of the checks, or None and what was wrong."""
        place = os.path.join(self.work, f"mutation_{number}")
        os.makedirs(place, exist_ok=True)
        source, mutated = os.path.join(place, file), os.path.join(place, file + ".o")
        with open(source, "w", encoding="utf-8") as out:
            out.write(text)
        program = os.path.join(place, "check_tests")
        replaced = f"/{CHECKS}/{file}.o"
        link = [mutated if argument.endswith(replaced) else argument for argument in self.link]
        if link == self.link:
            raise Broken(f"{CHECKS}/{file} is not among what check_tests is linked from")
        link[link.index("-o") + 1] = program
        for command in ([*self.compiler, "-include", self.headers, "-c", source, "-o", mutated], link):
            done = run_quietly(command, cwd=self.folder)
            if done.returncode:
                said = [line for line in done.stdout.splitlines() if "error" in line] or [done.stdout[-200:]]
                return None, said[0]
        return program, ""


def first_failure(program):
    """The name of the first test that fails, or None."""
    for tests in ROUNDS:
        try:
            done = run_quietly([program, tests, "--abort", "--reporter", "xml"], timeout=TEST_LIMIT)
        except subprocess.TimeoutExpired:
            return f"(did not end within {TEST_LIMIT} s)"
        if done.returncode:
            began = re.findall(r'<TestCase name="([^"]*)"', done.stdout)
            crashed = " (crashed)" if done.returncode < 0 else ""
            return (html.unescape(began[-1]) if began else "(before the first test)") + crashed
    return None


def judge(build, number, mutation):
    """Whether the mutation was noticed, how, and after how many seconds."""
    start = time.monotonic()
    text = read_check(mutation.file).replace(mutation.before, mutation.after)
    program, complaint = build.build_with(number, mutation.file, text)
    try:
        failure = first_failure(program) if program else None
    finally:
        shutil.rmtree(os.path.join(build.work, f"mutation_{number}"))
    how = failure or ("SURVIVED" if program else f"DOES NOT COMPILE: {complaint}")
    return failure is not None, how, time.monotonic() - start


def run(mutations, work, jobs):
    began = time.monotonic()
    build = Build(work, jobs)
    failure = first_failure(os.path.join(build.folder, "check_tests"))
    if failure:
        raise Broken(f"the checks as they are fail a test: {failure}")
    print(f"built and tested without any mutation in {time.monotonic() - began:.0f} s", flush=True)
    width = max(len(one.name) for one in mutations)
    missed = 0
    with ThreadPoolExecutor(jobs) as pool:
        results = pool.map(lambda numbered: judge(build, *numbered), enumerate(mutations))
        for mutation, (noticed, how, took) in zip(mutations, results):
            missed += not noticed
            print(f"{mutation.name:{width}}  {took:4.0f} s  {how}", flush=True)
    took = time.monotonic() - began
    print(f"{len(mutations) - missed} of {len(mutations)} mutations noticed, in {took:.0f} s")
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", default=os.path.join(ROOT, "build/mutations"), help="scratch folder")
    parser.add_argument("--only", default="", help="those whose name contains this text")
    parser.add_argument("--jobs", type=int, default=2, help="mutations at a time")
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
