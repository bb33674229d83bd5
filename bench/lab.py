"""The benchmark's laboratory: processes on their own cores, a fresh network for each pair, what they cost."""
import ctypes
import fcntl
import json
import os
import re
import signal
import socket
import struct
import subprocess
import threading
import time
import urllib.request

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1
POLL_SECONDS = 0.05
OUTPUT_SECONDS = 5


def fresh_network():
    """Moves this process, and what it starts from now on, into a network of its own: ports and TIME_WAIT of
    earlier pairs are gone. False where the kernel does not allow that; then all pairs share the loopback."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    return True


class Measured:
    """A client process and its cost: CPU seconds by wait4, peak memory by VmHWM while it ran. A context."""

    def __init__(self, command, core, stdin=subprocess.DEVNULL, environment=None):
        self.peak_kib = 0
        self.cpu_seconds = None
        self.status = None
        self.output = ""
        pinned = ["taskset", "--cpu-list", str(core), *command]
        self.process = subprocess.Popen(pinned, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, env={**os.environ, **(environment or {})})
        self.reader = threading.Thread(target=self._read_output, daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.ended():
            os.kill(self.process.pid, signal.SIGKILL)
            self.wait(OUTPUT_SECONDS)
        if self.process.stdin:
            self.process.stdin.close()

    def _read_output(self):
        with self.process.stdout:
            for line in self.process.stdout:
                self.output += line

    def wait(self, limit_seconds):
        """Waits for the end; after the limit the process is killed, and its status shows it."""
        deadline = time.monotonic() + limit_seconds
        while not self.ended():
            self.peak_kib = max(self.peak_kib, status_kib(self.process.pid, "VmHWM"))
            if time.monotonic() > deadline:
                os.kill(self.process.pid, signal.SIGKILL)
            time.sleep(POLL_SECONDS)
        self.reader.join(OUTPUT_SECONDS)  # a child that the client has left behind may hold the pipe open
        return self

    def ended(self):
        if self.status is not None:
            return True
        # Reaped by hand: only wait4 tells what the process has used. Popen's poll, kill, wait would reap it.
        pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
        if pid == 0:
            return False
        self.status = self.process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu_seconds = usage.ru_utime + usage.ru_stime
        return True

    def end(self, limit_seconds):
        """Ends a held process: its standard input is closed, and it gets an interrupt."""
        if self.process.stdin:
            self.process.stdin.close()
        if not self.ended():
            os.kill(self.process.pid, signal.SIGINT)
        return self.wait(limit_seconds)

    def last_json(self):
        """The last line of the output that is a JSON object."""
        lines = [line for line in self.output.splitlines() if line.startswith("{")]
        return json.loads(lines[-1]) if lines else {}


def status_kib(pid, name):
    try:
        with open(f"/proc/{pid}/status") as status:
            found = re.search(rf"^{name}:\s+(\d+) kB", status.read(), re.MULTILINE)
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(found.group(1)) if found else 0


def rollup_kib(pid):
    """Resident memory of a process, read from its mappings."""
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        return int(re.search(r"^Rss:\s+(\d+) kB", rollup.read(), re.MULTILINE).group(1))


def descendants(pid):
    """The process and all its children: some clients are a launcher and workers."""
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        return [pid] + [below for child in children.read().split() for below in descendants(int(child))]


def settled_kib(pid, limit_seconds=10):
    """Memory once two readings half a second apart agree within one per cent, or as it is at the limit."""
    deadline = time.monotonic() + limit_seconds
    last = 0
    while True:
        now = sum(rollup_kib(each) for each in descendants(pid))
        if abs(now - last) <= now * 0.01 or time.monotonic() > deadline:
            return now
        last = now
        time.sleep(0.5)


class FastServer:
    """The project's fast server on its own core; a context. Its counters are what clients are judged by."""

    def __init__(self, program, core, *options):
        self.command = ["taskset", "--cpu-list", str(core), str(program), "--port", "0", *options]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", line)
        if not found:
            raise RuntimeError(f"the server did not start: {line!r}")
        self.port = int(found.group(1))
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def stats(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ws/stats", timeout=30) as answer:
            return json.load(answer)

    def wait_for_users(self, users, client, limit_seconds):
        """The counters once so many users are connected, or at the limit, or at the client's end."""
        deadline = time.monotonic() + limit_seconds
        while True:
            stats = self.stats()
            gone = client.ended()
            if stats["active_connections"] >= users or gone or time.monotonic() > deadline:
                return stats
            time.sleep(POLL_SECONDS)
