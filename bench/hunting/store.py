"""The file of results: one line of JSON for each measurement, written through to the disk at once.

Whatever stops the bench may leave the last line torn; it is dropped, and measured again.
"""

import fcntl
import json
import os

from cells import Cell


class Unusable(Exception):
    """What there is cannot be gone on with; the message says why."""


def key_of(record):
    return (record["part"], Cell(record["bug"], record["window"], record["scenario"]), record["number"])


def read(path):
    """Sessions, and records in the order in which they were measured."""
    sessions, records = [], []
    lines = path.read_bytes().split(b"\n") if path.exists() else [b""]
    for number, line in enumerate(lines[:-1], 1):
        try:
            value = json.loads(line)
            if "session" in value:
                sessions.append(value["session"])
                continue
            key_of(value)
            records.append(value)
        except (ValueError, TypeError, KeyError) as error:
            raise Unusable(f"{path}:{number}: expected one result as JSON, found {line[:60]!r} ({error}); "
                           "take this line out and start again") from None
    return sessions, records


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

    def line(self, value):
        self.file.write(json.dumps(value, separators=(",", ":")).encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())

    def close(self):
        self.file.close()
