"""docs/your_server.md is run as it stands: its scenarios are saved, its commands are typed, on correct and
mistaken servers. Only a build with a sanitizer gets longer deadlines, and no thresholds.

Exit status 77, and a word on stderr, when a package that a server needs is missing; what could run passed.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import unittest
from pathlib import Path

from framework_servers import FASTAPI, NODE, fastapi_is_there, main_or_skipped, node_is_there
from wsrace_process import (DEFAULT_DEADLINES, LIMIT, NO_THRESHOLDS, SANITIZER, SOURCE, WSRACE, EndToEnd,
                            duration)

PROGRAM = str(Path(shutil.which(WSRACE) or WSRACE).resolve())
DOCUMENT = SOURCE / "docs" / "your_server.md"
MISTAKE = "accept_before_supervisor"
TIME = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)")
MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000}
BLOCK = re.compile(r"^```(json scenario|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def section(heading):
    """The scenario and the commands under a heading of the document."""
    parts = re.split(r"^## ", DOCUMENT.read_text(), flags=re.MULTILINE)
    text, = [part for part in parts if part.startswith(heading + "\n")]
    blocks = dict(BLOCK.findall(text))
    return json.loads(blocks["json scenario"]), blocks["sh"]


def longer(text):
    number, unit = TIME.fullmatch(text).groups()
    return duration(float(number) * MILLISECONDS[unit])


def fitting(scenario):
    """The scenario with times that this build can keep.

    The document is about a build as it is installed, which is given the scenario untouched. A sanitizer
    makes the harness, and the server of the section on C++, several times slower: each deadline, also one
    that the document leaves at its default, is made longer, and what is a level of service there is none
    here.
    """
    if SANITIZER == "none":
        return scenario
    deadlines = {**DEFAULT_DEADLINES, **scenario.get("deadlines", {})}
    server = {"ready_within": "20s", "stop_within": "10s", **scenario["target"]["server"]}
    deadlines = {name: longer(text) for name, text in deadlines.items()}
    server.update({name: longer(server[name]) for name in ("ready_within", "stop_within")})
    return {**scenario, "target": {"server": server}, "deadlines": deadlines, "thresholds": NO_THRESHOLDS}


class YourServer(EndToEnd):
    def typed(self, heading, program, command):
        """The commands of a section, in a folder where its program stands for this command."""
        scenario, script = section(heading)
        (self.folder / f"{scenario['name']}.json").write_text(json.dumps(fitting(scenario)))
        self.assertIn(program, scenario["target"]["server"]["command"])
        self.provide(program, command)
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "wsrace").symlink_to(PROGRAM)
        (tools / "python3").symlink_to(FASTAPI[0])
        environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(["/bin/sh", "-e", "-c", script], cwd=self.folder, env=environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=3 * LIMIT)
        return done.returncode, f"$ {script}\n{done.stdout}", scenario["name"]

    def provide(self, program, command):
        """A file that becomes this command, in the language in which the section starts it."""
        file = self.folder / program
        if program.endswith(".py"):
            file.write_text(f"import os, sys\nos.execvp({command[0]!r}, {command!r} + sys.argv[1:])\n")
        elif program.endswith(".cjs"):
            words = json.dumps(command[2:])
            file.write_text(f"process.argv.push(...{words});\nrequire({json.dumps(command[1])});\n")
        else:
            file.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
            file.chmod(0o755)

    def assert_passes(self, heading, program, command):
        status, text, name = self.typed(heading, program, command)
        self.assertEqual(status, 0, text)
        self.assertRegex(text, rf"(?m)^PASS +{name}\b.*\n(.*\n)*^PASS +{name}\b.*")

    def assert_window(self, heading, program, command):
        """The run passes, because its users wait for the server; the cold start does not."""
        status, text, name = self.typed(heading, program, command)
        self.assertEqual(status, 1, text)
        self.assertRegex(text, rf"(?m)^PASS +{name}\b.*\n(.*\n)*^FAIL +{name}\b.*")
        self.assertRegex(text, r"arrive between \d+ ms and \d+ ms after the port opens get 1011")


@unittest.skipUnless(fastapi_is_there(), "fastapi, uvicorn or websockets is missing for this python3")
class Uvicorn(YourServer):
    def test_a_correct_server_passes(self):
        self.assert_passes("uvicorn", "server.py", [*FASTAPI, "--cold-start", "300"])

    def test_a_server_that_accepts_too_early_has_a_window(self):
        self.assert_window("uvicorn", "server.py", [*FASTAPI, "--cold-start", "600", "--bug", MISTAKE])


@unittest.skipUnless(node_is_there(), "node or its package ws is missing")
class Node(YourServer):
    def test_a_correct_server_passes(self):
        self.assert_passes("Node", "server.cjs", [*NODE, "--cold-start", "300"])


class Cpp(YourServer):
    def test_a_correct_server_passes(self):
        self.assert_passes("C++", "./my_server", [PROGRAM, "serve", "--cold-start", "300ms"])


if __name__ == "__main__":
    main_or_skipped("your_server")
