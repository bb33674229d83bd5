"""Executions of the bench, as they stand in the file of results (result_lines.py)."""

from dataclasses import asdict, dataclass, field

import result_lines
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


def execution_of(line):
    return Execution(**{**line, "failed": tuple(line["failed"]), "judged": tuple(line.get("judged", ()))})


def read(path):
    """What is in the file, each execution once; nothing if there is none."""
    sessions, executions = result_lines.read(path, execution_of)
    first = {}
    for execution in executions:
        first.setdefault((execution.cell, execution.seed), execution)
    return Results(sessions, list(first.values()))


class Writer(result_lines.Writer):
    def execution(self, execution):
        value = asdict(execution)
        if not value["judged"]:
            del value["judged"]
        self.line(value)
