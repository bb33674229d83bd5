"""Runs wsrace as its users do, and reads what a run leaves. Every wait has a deadline; nothing sleeps.

Environment: WSRACE, the program; WSRACE_SOURCE_DIR; WSRACE_TIME_FACTOR, how much slower than a release build
the program is (8 with a sanitizer); WSRACE_SANITIZER, what it was built with.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid
import xml.etree.ElementTree
from pathlib import Path

try:
    import jsonschema
except ImportError:
    jsonschema = None  # then only the unit tests know whether documents satisfy their schemas

WSRACE = os.environ.get("WSRACE", "wsrace")
SOURCE = Path(os.environ.get("WSRACE_SOURCE_DIR", Path(__file__).resolve().parents[2]))
FACTOR = float(os.environ.get("WSRACE_TIME_FACTOR", "1"))
SANITIZER = os.environ.get("WSRACE_SANITIZER", "none")
LIMIT = 60 * FACTOR  # seconds that any one run may take
ARTEFACTS = ["report.html", "verdict.json", "junit.xml", "summary.md", "metrics.prom", "plan.json",
             "scenario.json"]
SCHEMAS = {"verdict.json": "verdict.schema.json", "results.sarif": "sarif.schema.json"}
NO_THRESHOLDS = {name: False for name in ("connection_success", "golden_path", "event_latency_p95",
                                          "event_latency_p99", "events_missing_per_hour")}
DEFAULT_DEADLINES = {"login": "10s", "connect": "5s", "handshake": "5s", "welcome": "5s", "first_event": "5s",
                     "event_gap": "5s", "run": "30s", "ping": "2s", "stop": "2s", "close": "5s",
                     "retry": "30s", "baseline": "5s"}
CRASHES = ("terminate called", "Assertion", "AddressSanitizer", "runtime error:")
MARK = "WSRACE_END_TO_END_MARK"  # inherited by all that a run starts, so that what it leaves behind is found


def duration(milliseconds):
    """A time as scenarios write it, made longer for a slow build."""
    return f"{int(milliseconds * FACTOR * 1000)}us"


def wait_until(condition, what, limit=LIMIT):
    """What `condition` gives as soon as that is true; its truth is asked for without a pause in between."""
    deadline = time.monotonic() + limit
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit:.0f} s: {what}")
        os.sched_yield()
    return value


class Finished:
    """A wsrace that has ended: its exit status, its output, and the files of its run."""

    def __init__(self, command, status, out, err, folder):
        self.command, self.status, self.out, self.err, self.folder = command, status, out, err, folder

    def text(self):
        return f"$ {' '.join(self.command)}\n{self.out}\n{self.err}\nexit status {self.status}"

    def read(self, name):
        return (self.folder / name).read_text()

    @property
    def verdict(self):
        return json.loads(self.read("verdict.json"))

    def failed_checks(self):
        return {check["id"]: check for check in self.verdict["checks"] if check["verdict"] == "fail"}

    def messages(self, check):
        """The violations of a check with their signatures, one line each."""
        found = [one for one in self.verdict["checks"] if one["id"] == check]
        return [f"{violation['signature']} | {violation['message']} | expected: {violation['expected']}"
                for one in found for violation in one["violations"]]


class Started:
    """A wsrace that is running. `finish` ends the story; leaving the block without it kills the process."""

    def __init__(self, arguments, environment, preexec=None, directory=None):
        self.command = [WSRACE, *map(str, arguments)]
        self.mark = uuid.uuid4().hex
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            errors="replace", env={**os.environ, **environment,
                                   MARK: self.mark}, preexec_fn=preexec, cwd=directory)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()

    def send(self, number):
        self.process.send_signal(number)

    def finish(self, folder=None, limit=LIMIT):
        try:
            out, err = self.process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            what = f"{' '.join(self.command)}\n{out}\n{err}"
            raise AssertionError(f"did not end within {limit:.0f} s: {what}") from None
        return Finished(self.command, self.process.returncode, out, err, folder)

    def left_behind(self):
        """Command lines of processes that this one started and that are still there."""
        wanted = f"{MARK}={self.mark}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and wanted in (entry / "environ").read_bytes().split(b"\0"):
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        return found


class EndToEnd(unittest.TestCase):
    """A folder for each test, and what must be true of every run whatever it finds."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="wsrace-end-to-end-"))
        self.runs = 0

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, scenario):
        """A scenario's file in the folder of the test."""
        file = self.folder / f"{scenario['name']}.json"
        file.write_text(json.dumps(scenario, indent=2))
        return file

    def start(self, *arguments, environment=None, **options):
        return Started(arguments, environment or {}, **options)

    def call(self, *arguments, **options):
        """One wsrace command to its end, without looking at what it says."""
        with self.start(*arguments, **options) as started:
            finished = started.finish()
            self.assertEqual(started.left_behind(), [], finished.text())
        self.assert_no_crash(finished)
        return finished

    def run_scenario(self, scenario, *options, environment=None):
        """`wsrace run`: a dict is written to a file first, a string names a shipped scenario."""
        self.runs += 1
        folder = self.folder / f"run-{self.runs}"
        name = self.write(scenario) if isinstance(scenario, dict) else scenario
        finished = self.call("run", name, "--out", folder, *options, environment=environment)
        finished.folder = folder
        self.assert_artefacts(finished)
        return finished

    def assert_no_crash(self, finished):
        self.assertIn(finished.status, (0, 1, 2, 3, 130), finished.text())
        for word in CRASHES:
            self.assertNotIn(word, finished.err, finished.text())

    def assert_artefacts(self, finished, supervised=False):
        self.assertTrue(list(finished.folder.glob("history.*")), f"no history\n{finished.text()}")
        if supervised:
            self.assertTrue(list(finished.folder.glob("server*.log")), f"no log\n{finished.text()}")
        for name in ARTEFACTS + (["history.0", "history.1000"] if supervised else []):
            self.assertTrue((finished.folder / name).is_file(), f"{name} is missing\n{finished.text()}")
        for name in ("verdict.json", "plan.json", "scenario.json"):
            json.loads(finished.read(name))
        root = xml.etree.ElementTree.fromstring(finished.read("junit.xml"))
        self.assertIn(root.tag, ("testsuites", "testsuite"))
        self.assertEqual(finished.verdict["exit_status"] if finished.status != 130 else 130, finished.status,
                         finished.text())
        broken = int(root.get("failures", 0)) + int(root.get("errors", 0))
        if finished.status in (0, 1, 3):
            self.assertEqual(broken > 0, finished.status != 0, f"junit.xml disagrees\n{finished.text()}")
        self.assertTrue(finished.read("summary.md").strip())
        self.assertTrue(finished.read("metrics.prom").endswith("\n# EOF\n"))
        self.assert_schemas(finished.folder)

    def assert_schemas(self, folder):
        """The files that have a schema satisfy it."""
        self.assert_junit(folder / "junit.xml")
        for name, schema in SCHEMAS.items():
            if jsonschema and (folder / name).exists():
                jsonschema.validate(json.loads((folder / name).read_text()),
                                    json.loads((SOURCE / "reports" / "schema" / schema).read_text()))

    def assert_junit(self, file):
        if shutil.which("xmllint"):
            schema = SOURCE / "tests" / "reports" / "junit.xsd"
            checked = subprocess.run(["xmllint", "--noout", "--schema", schema, file], capture_output=True,
                                     text=True, check=False)
            self.assertEqual(checked.returncode, 0, checked.stderr)

    def assert_status(self, finished, status):
        self.assertEqual(finished.status, status, finished.text())

    def assert_found(self, finished, check, pattern):
        """The run failed, this check is among the failed ones, and one of its violations reads like that."""
        self.assert_status(finished, 1)
        self.assertIn(check, finished.failed_checks(), finished.text())
        messages = finished.messages(check)
        self.assertTrue(any(re.search(pattern, message) for message in messages),
                        f"none matches {pattern!r}: {messages}\n{finished.text()}")


def self_signed_certificate(folder):
    """PEM files of a certificate for 127.0.0.1 that nobody knows, and of its key."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-nodes",
                    "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-days", "2", "-subj", "/CN=wsrace test", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


class ReferenceServer:
    """`wsrace serve` on a port of its own, outside of the harness."""

    def __init__(self, *options, environment=None):
        self.command = [WSRACE, "serve", "--port", "0", *map(str, options)]
        self.environment = {**os.environ, **(environment or {})}

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, env=self.environment)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(LIMIT)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def main():
    if not shutil.which(WSRACE):
        sys.exit(f"{WSRACE} is not a program; set WSRACE to the one to test")
    unittest.main(module="__main__", verbosity=2)
