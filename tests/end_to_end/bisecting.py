"""The line of docs/hunting.md for `git bisect run`, as it stands there, finds what brought a race."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from wsrace_process import EndToEnd, FACTOR, SOURCE, WSRACE, main

PROGRAM = Path(shutil.which(WSRACE)).resolve()
CORRECT = "--step-delay 5ms"
RACE = f"{CORRECT} --bug shared_manager"
BUILD = ("my-server: options\n"
         "\tprintf '#!/bin/sh\\nexec wsrace serve %s \"$$@\"\\n' \"`cat options`\" >$@ && chmod +x $@\n")
UNBUILDABLE = "my-server:\n\t@echo 'error: expected a semicolon' >&2; exit 1\n"
# What the server is started with, and how it is built, commit by commit: the fifth brings the race.
COMMITS = [(CORRECT, BUILD), (f"{CORRECT} --threads 2", BUILD), (CORRECT, UNBUILDABLE), (CORRECT, BUILD),
           (RACE, BUILD), (f"{RACE} --threads 2", BUILD)]
# Runs of that race fall silent: every replay lasts as long as that is waited for.
IMPATIENT = ["--set", "deadlines.first_event=200ms", "--set", "deadlines.event_gap=200ms",
             "--set", "deadlines.run=300ms"]


class Bisecting(EndToEnd):
    def git(self, *arguments):
        identity = ["-c", "user.name=wsrace", "-c", "user.email=wsrace@wsrace.test"]
        path = {**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}
        done = subprocess.run(["git", *identity, *arguments], cwd=self.folder, env=path, text=True,
                              timeout=240 * FACTOR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout.strip()

    def commit(self, options, build):
        (self.folder / "options").write_text(options)
        (self.folder / "Makefile").write_text(build)
        self.git("add", "options", "Makefile")
        self.git("commit", "--quiet", "--message", options)
        return self.git("rev-parse", "HEAD")

    def documented(self):
        line = re.search(r"^    git bisect run sh -c '(.*)'$", (SOURCE / "docs/hunting.md").read_text(),
                         re.MULTILINE)
        return line[1]

    def test_the_documented_line_finds_the_commit_that_brought_a_race(self):
        server = f"wsrace serve --port {{port}} {RACE}"
        found = self.call("hunt", "golden_path", "--server", server, "--budget", "30s", "--until-found",
                          "--seed", "1", "--strategy", "step_pair_collision", *IMPATIENT, "--out",
                          self.folder / "hunt", directory=self.folder)
        self.assert_status(found, 1)
        shutil.copytree(self.folder / "hunt/race-1", self.folder / "race-1")
        self.git("init", "--quiet")
        commits = [self.commit(*each) for each in COMMITS]
        self.git("bisect", "start", commits[-1], commits[0])
        said = self.git("bisect", "run", "sh", "-c", self.documented())
        self.assertIn(f"{commits[4]} is the first bad commit", said)
        self.assertIn("fixed", said)
        self.assertIn("still there", said)


if __name__ == "__main__":
    main()
