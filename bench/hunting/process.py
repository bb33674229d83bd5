"""Runs wsrace, and ends it when the bench is to end."""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

GRACE = 120  # seconds that a program may take to end after its budget, until it counts as hung


class Misconfigured(Exception):
    """wsrace does not accept what it was told to play."""


class Stopped(Exception):
    """The bench is to end; what is under way is not recorded."""


class Wsrace:
    """`program`, each run in a folder of its own below `scratch`. Any thread may call, and stop()."""

    def __init__(self, program, scratch, prefix=()):
        self.program, self.scratch, self.prefix = program, scratch, list(prefix)
        scratch.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()  # a signal may come while it is held
        self.running = set()
        self.stopping = False

    def stop(self):
        with self.lock:
            self.stopping = True
            for process in self.running:
                process.send_signal(signal.SIGINT)

    @contextmanager
    def folder(self):
        folder = Path(tempfile.mkdtemp(dir=self.scratch))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def call(self, arguments, limit, prefix=None):
        """Exit status (None: hung), output, seconds. `prefix`: words in front, as taskset -c 0."""
        command = [*(self.prefix if prefix is None else prefix), str(self.program), *map(str, arguments)]
        begin = time.monotonic()
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, errors="replace",
                              start_new_session=True) as process:
            with self.lock:
                self.running.add(process)
                if self.stopping:
                    process.send_signal(signal.SIGINT)
            try:
                output, errors = process.communicate(timeout=limit + GRACE)
                status = process.returncode
            except subprocess.TimeoutExpired:
                process.kill()
                status, output, errors = None, "", ""
            finally:
                with self.lock:
                    self.running.discard(process)
        if self.stopping:
            raise Stopped
        if status == 2:
            raise Misconfigured(f"{shlex.join(command)}: {errors}")
        return status, output, time.monotonic() - begin


def load():
    return round(os.getloadavg()[0], 2)
