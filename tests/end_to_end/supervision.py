"""Supervised targets: their tools' reports are found and attributed, and nothing outlives the harness."""

import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from wsrace_process import EndToEnd, FACTOR, WSRACE, main, wait_until

KILLS = int(os.environ.get("WSRACE_KILLS", "8"))
CYCLES = int(os.environ.get("WSRACE_CYCLES", "10"))
SEED = 20  # of the moments at which the harness is killed

RACE = """
#include <thread>
int shared = 0;
void touch() { for (int i = 0; i < 1000; ++i) ++shared; }
int main() { std::thread a{touch}, b{touch}; a.join(); b.join(); }
"""
USE_AFTER_FREE = """
#include <cstdlib>
int read_freed(int* p) { return *p; }
int main(int count, char**) { int* p = new int(count); delete p; return read_freed(p) > 1000; }
"""
PYTHON = """
import asyncio, os, sys, traceback
async def forgotten(): pass
forgotten()
try:
    {}["no such key"]
except KeyError:
    traceback.print_exc()
os.execvp(sys.argv[1], [sys.argv[1], "serve", "--port", sys.argv[2]])
"""


def scenario(command, **changes):
    return {"name": "supervised", "profile": "netra",
            "target": {"server": {"command": command, "stop_within": "5s"}},
            "users": {"count": 5},
            "journey": ["login", "connect", "await_welcome", {"request": {"text": "hello {canary}"}},
                        "await_events", {"pause": "300ms"}, "close"],
            "thresholds": {"event_latency_p95": "5s", "event_latency_p99": "10s"}, **changes}


def with_neighbour(neighbour):
    """A server that starts another program beside itself."""
    return ["/bin/sh", "-c", f'{shlex.quote(str(neighbour))} & exec "$0" serve --port "$1"', WSRACE, "{port}"]


class Tools(EndToEnd):
    def compiled(self, source, sanitizer):
        program = self.folder / f"bad_{sanitizer}"
        code = self.folder / f"bad_{sanitizer}.cpp"
        code.write_text(source)
        compiler = shutil.which("g++")
        if compiler is None:
            self.skipTest("g++ is not there to build the faulty program")
        subprocess.run([compiler, "-std=c++20", "-g", "-O0", f"-fsanitize={sanitizer}", "-o", program, code,
                        "-pthread"], check=True)
        return program

    def test_a_data_race_is_reported_with_both_places(self):
        found = self.run_scenario(scenario(with_neighbour(self.compiled(RACE, "thread"))))
        self.assert_found(found, "sanitizer", r"data race.*bad_thread\.cpp:4")
        self.assertTrue(list(found.folder.glob("sanitizer.0.*")), found.text())

    def test_a_use_after_free_is_reported_with_its_place(self):
        found = self.run_scenario(scenario(with_neighbour(self.compiled(USE_AFTER_FREE, "address"))))
        self.assert_found(found, "sanitizer", r"heap-use-after-free.*bad_address\.cpp:3")

    def test_a_traceback_and_a_forgotten_coroutine_are_found_in_the_output(self):
        found = self.run_scenario(scenario([sys.executable, "-c", PYTHON, WSRACE, "{port}"]))
        self.assert_found(found, "server_log", "Traceback")
        self.assert_found(found, "server_log", "was never awaited")

    def test_a_crash_is_a_finding_with_the_last_output(self):
        script = '"$0" serve --port "$1" & sleep 1; echo about to crash; kill -SEGV $$'
        found = self.run_scenario(scenario(["/bin/sh", "-c", script, WSRACE, "{port}"],
                                           users={"count": 5, "arrival": {"pattern": "ramp", "over": "2s"}}))
        self.assert_found(found, "sanitizer", "SIGSEGV")
        crash = found.failed_checks()["sanitizer"]["violations"][0]
        self.assertIn("about to crash", str(crash["evidence"]), found.text())

    def test_a_leaking_server_is_not_back_at_its_level(self):
        clean = self.run_scenario("baseline", "--users", "20")
        self.assert_status(clean, 0)
        leaking = self.run_scenario("baseline", "--users", "20", "--server",
                                    "wsrace serve --port {port} --bug manager_cap_leak")
        self.assert_found(leaking, "baseline", "managers")


class NothingIsLeftBehind(EndToEnd):
    def wait_until_gone(self, started):
        wait_until(lambda: not started.left_behind(), "everything has ended")

    def test_when_the_harness_is_killed_at_any_moment_its_target_goes_with_it(self):
        """Also with a server that ignores SIGTERM and has children, and with a limited processor."""
        script = 'trap "" TERM; sleep 1000 & "$0" serve --port "$1" & wait'
        what = scenario(["/bin/sh", "-c", script, WSRACE, "{port}"], users={"count": 20})
        what["target"]["server"]["limits"] = {"cpu": 0.5}
        file = self.write(what)
        moments = random.Random(SEED)
        for number in range(KILLS):
            with self.start("run", file, "--out", self.folder / f"killed-{number}") as started:
                time.sleep(moments.uniform(0, 1.0 * FACTOR))  # the moment is what is varied
                started.send(signal.SIGKILL)
                started.process.communicate()
                self.wait_until_gone(started)
        left = [name for root in ("/sys/fs/cgroup", "/sys/fs/cgroup/cpu") if os.path.isdir(root)
                for name in os.listdir(root) if name.startswith("wsrace-")]
        self.assertEqual(left, [])

    def test_many_starts_and_stops_leave_no_process_and_no_folder(self):
        file = self.write(scenario(["wsrace", "serve", "--port", "{port}"]))
        finished = self.call("run", file, "--repeat", CYCLES, "--out", self.folder / "cycles")
        self.assert_status(finished, 0)
        self.assertIn(f"{CYCLES} runs: 0 failed", finished.out)
        self.assertEqual(list((self.folder / "cycles").glob("*")), [])

    def test_ctrl_c_while_the_server_starts_ends_it_at_once(self):
        self.assert_ends_at_once(scenario(["/bin/sh", "-c", "echo up {port}; exec sleep 1000"]), "up")

    def test_ctrl_c_does_not_wait_for_a_server_that_does_not_end(self):
        script = 'trap "" TERM; "$0" serve --port "$1" & while :; do sleep 1; done'
        journey = ["login", "connect", "await_welcome", {"request": {"text": "hello {canary}"}},
                   {"pause": "60s"}, "close"]
        self.assert_ends_at_once(scenario(["/bin/sh", "-c", script, WSRACE, "{port}"], journey=journey),
                                 "listening")

    def assert_ends_at_once(self, what, once_it_says):
        with self.start("run", self.write(what), "--out", self.folder / "run") as started:
            log = self.folder / "run" / "server.log"
            wait_until(lambda: log.is_file() and once_it_says in log.read_text(), "the server says so")
            begun = time.monotonic()
            started.send(signal.SIGINT)
            finished = started.finish()
            self.assert_status(finished, 130)
            self.assertLess(time.monotonic() - begun, 2 * FACTOR, finished.text())
            self.wait_until_gone(started)


class EarlyUsers(EndToEnd):
    """Who comes before the port is open is refused by right, if it opens; also when all have left by then."""

    def run_early(self, script, status):
        command = ["/bin/sh", "-c", script, WSRACE, "{port}"]
        arrival = {"pattern": "all_at_once", "after": "server.spawn"}
        what = scenario(command, users={"count": 3, "arrival": arrival}, thresholds={"golden_path": False})
        what["target"]["server"]["port_within"] = f"{2 * FACTOR}s"
        finished = self.run_scenario(what)
        self.assert_status(finished, status)
        return finished

    def test_of_a_port_that_opens_when_they_have_left(self):
        finished = self.run_early('sleep 0.3; exec "$0" serve --port "$1"', 3)
        self.assertEqual(finished.failed_checks(), {}, finished.text())

    def test_of_a_port_that_never_opens(self):
        finished = self.run_early("exec sleep 1000", 1)
        self.assert_found(finished, "handshake", "login: refused")


if __name__ == "__main__":
    main()
