"""A file of raw results: one line of JSON for each, written through to the disk at once.

Whatever stops a bench may leave the last line torn; it is dropped, and what it told is measured again. Every
start of a bench adds a line that says on which machine, with which program and how many side by side.
"""

import fcntl
import json
import os


class Unusable(Exception):
    """What there is cannot be gone on with; the message says why."""


def read(path, result_of):
    """Sessions, and what `result_of` makes of each other line, as written; nothing if there is no file."""
    sessions, results = [], []
    lines = path.read_bytes().split(b"\n") if path.exists() else [b""]
    for number, line in enumerate(lines[:-1], 1):  # behind the last line end is a torn line, or nothing
        try:
            value = json.loads(line)
            if "session" in value:
                sessions.append(value["session"])
            else:
                results.append(result_of(value))
        except (ValueError, TypeError, KeyError) as error:
            raise Unusable(f"{path}:{number}: expected one result as JSON, found {line[:60]!r} ({error}); "
                           "take this line out and start again") from None
    return sessions, results


class Writer:
    """Appends to the file, behind its last whole line."""

    def __init__(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = open(path, "ab+")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.file.close()
            raise Unusable(f"{path}: another bench is writing to it; wait for it, or give another --state "
                           "folder") from None
        self.file.seek(0)
        self.file.truncate(self.file.read().rfind(b"\n") + 1)

    def session(self, about):
        self.line({"session": about})

    def line(self, value):
        self.file.write(json.dumps(value, separators=(",", ":")).encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())

    def close(self):
        self.file.close()
