"""The file of raw results: one line of JSON for each execution, each written through to the disk at once.

Whatever stops the bench may leave the last line torn; it is dropped, and its execution played again. Every
start of the bench adds a line that says on which machine, with which program and how many side by side.
"""

import fcntl
import json
import os
from dataclasses import asdict, dataclass, field

from configurations import Cell


@dataclass(frozen=True)
class Execution:
    bug: str  # empty: the correct server
    column: str
    scenario: str
    seed: int
    verdict: str  # pass, fail, inconclusive, void; crashed or hung where the harness itself was
    failed: tuple  # ids of the checks that failed
    seconds: float  # from the start of wsrace to its end, its server's start and stop included
    load: float  # /proc/loadavg of one minute at its end
    at: int  # seconds since 1970 at its end
    judged: tuple = ()  # of the correct server: ids of the checks that had something to judge

    @property
    def cell(self):
        return Cell(self.bug, self.column, self.scenario)


@dataclass
class Results:
    sessions: list = field(default_factory=list)
    executions: list = field(default_factory=list)

    def by_cell(self):
        """Executions in the order of their seeds, by cell."""
        cells = {}
        for execution in sorted(self.executions, key=lambda one: one.seed):
            cells.setdefault(execution.cell, []).append(execution)
        return cells


class Unusable(Exception):
    """What there is cannot be gone on with; the message says why."""


def execution_of(line):
    return Execution(**{**line, "failed": tuple(line["failed"]), "judged": tuple(line.get("judged", ()))})


def read(path):
    """What is in the file; nothing if there is none. Without its last line if that is torn."""
    results = Results()
    seen = set()
    lines = path.read_bytes().split(b"\n") if path.exists() else [b""]
    for number, line in enumerate(lines[:-1], 1):  # behind the last line end is a torn line, or nothing
        try:
            value = json.loads(line)
            if "session" in value:
                results.sessions.append(value["session"])
                continue
            execution = execution_of(value)
        except (ValueError, TypeError, KeyError) as error:
            raise Unusable(f"{path}:{number}: expected one result as JSON, found {line[:60]!r} ({error}); "
                          "take this line out and start again") from None
        if (execution.cell, execution.seed) not in seen:
            seen.add((execution.cell, execution.seed))
            results.executions.append(execution)
    return results


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
        whole = self.file.read().rfind(b"\n") + 1
        self.file.truncate(whole)

    def session(self, about):
        self.line({"session": about})

    def execution(self, execution):
        value = asdict(execution)
        if not value["judged"]:
            del value["judged"]
        self.line(value)

    def line(self, value):
        self.file.write(json.dumps(value, separators=(",", ":")).encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())

    def close(self):
        self.file.close()
