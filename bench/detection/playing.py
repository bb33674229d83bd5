"""Plays executions, some side by side, each as a `wsrace run` of its own with a server of its own."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from configurations import NO_BUG, arguments_of
from results import Execution

LIMIT = 420  # seconds; scenarios end themselves after five minutes
VERDICT_STATUS = (0, 1, 3)
INTERRUPTED = 130


class Misconfigured(Exception):
    """wsrace does not accept what it was told to play."""


def command_of(cell, seed, options):
    return [str(options.wsrace), *arguments_of(cell, options), "--seed", str(seed)]


def judged(verdict):
    return tuple(check["id"] for check in verdict["checks"] if check["verdict"] in ("pass", "fail"))


def failed(verdict):
    return tuple(check["id"] for check in verdict["checks"] if check["verdict"] == "fail")


class Players:
    """Takes from the schedule and adds to the results, until there is nothing more to do or it is stopped."""

    def __init__(self, schedule, writer, options):
        self.schedule, self.writer, self.options = schedule, writer, options
        self.playing = options.state / "playing"
        shutil.rmtree(self.playing, ignore_errors=True)  # what a bench that was killed has left
        self.playing.mkdir(parents=True)
        self.lock = threading.RLock()  # of all below, schedule, writer; a signal may come while it is held
        self.running = set()
        self.stopping = False
        self.problem = None
        self.count = 0

    def play(self, until, report):
        """Returns when all have ended. `until`: the time.monotonic() after which none is begun."""
        threads = [threading.Thread(target=self.one_after_the_other, args=(until,))
                   for _ in range(self.options.jobs)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            threads[0].join(timeout=1) if threads[0].is_alive() else time.sleep(0.2)
            report(self)

    def stop(self):
        """Ends those that are being played; what they would have found is not recorded."""
        with self.lock:
            self.stopping = True
            for process in self.running:
                process.send_signal(signal.SIGINT)

    def one_after_the_other(self, until):
        try:
            while time.monotonic() < until:
                with self.lock:
                    task = None if self.stopping else self.schedule.next()
                if task is None:
                    return
                execution = self.execute(*task)
                if execution is None:
                    return
                with self.lock:
                    self.writer.execution(execution)
                    self.schedule.account(execution)
                    self.count += 1
        except Exception as problem:  # pylint: disable=broad-except  it would be lost with the thread
            self.problem = self.problem or problem
            self.stop()

    def execute(self, cell, seed):
        """One execution; None if it was stopped."""
        folder = Path(tempfile.mkdtemp(dir=self.playing))
        try:
            begin = time.monotonic()
            command = command_of(cell, seed, self.options)
            status, errors = self.run([*command, "--out", str(folder / "run"), "--quiet"])
            seconds = time.monotonic() - begin
            if self.stopping or status == INTERRUPTED:
                self.stopping = True
                return None
            if status == 2:
                raise Misconfigured(f"{cell.scenario} as {cell.column}, bug {cell.bug or 'none'}: {errors}")
            execution = self.recorded(cell, seed, status, seconds, folder / "run" / "verdict.json")
            self.keep_evidence(execution, folder, errors)
            return execution
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def run(self, command):
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, errors="replace",
                              start_new_session=True) as process:
            with self.lock:
                self.running.add(process)
                if self.stopping:
                    process.send_signal(signal.SIGINT)
            try:
                _, errors = process.communicate(timeout=LIMIT)
                return process.returncode, errors
            except subprocess.TimeoutExpired:
                process.kill()
                return None, f"did not end within {LIMIT} s"
            finally:
                with self.lock:
                    self.running.discard(process)

    def recorded(self, cell, seed, status, seconds, file):
        verdict = json.loads(file.read_text()) if status in VERDICT_STATUS and file.exists() else None
        if verdict is None:
            word = "hung" if status is None else "crashed"
        else:
            word = "void" if verdict["void"] else verdict["verdict"]
        return Execution(bug=cell.bug, column=cell.column, scenario=cell.scenario, seed=seed, verdict=word,
                         failed=failed(verdict) if verdict else (), seconds=round(seconds, 3),
                         load=os.getloadavg()[0], at=int(time.time()),
                         judged=judged(verdict) if verdict and cell.bug == NO_BUG else ())

    def keep_evidence(self, execution, folder, errors):
        """What should not have happened keeps its folder."""
        found_nothing_there = execution.bug == NO_BUG and execution.verdict == "fail"
        if not found_nothing_there and execution.verdict not in ("crashed", "hung"):
            return
        name = f"{execution.bug or 'correct'}-{execution.column}-{execution.scenario}-{execution.seed}"
        kept = self.options.state / "kept" / name
        shutil.rmtree(kept, ignore_errors=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        (folder / "stderr.txt").write_text(errors)
        shutil.copytree(folder, kept)
