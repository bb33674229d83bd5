"""In which order executions are played: each cell in turn, so that any stop leaves a balanced table."""

import random
from dataclasses import dataclass

from configurations import NO_BUG


@dataclass(frozen=True)
class Limits:
    executions: int  # of a cell with a bug
    correct: int  # of a cell without
    floor: int  # so many also of slow cells
    cell_seconds: float  # beyond the floor no cell takes longer than this

    def most(self, cell):
        return self.executions if cell.bug != NO_BUG else self.correct


class Schedule:
    """Round k is the execution with seed k of each cell that may still have one.

    Cells stand in another order in each round, so that nobody always has the same neighbours on the machine.
    """

    def __init__(self, cells, results, limits):
        self.cells, self.limits = list(cells), limits
        self.seconds = {cell: 0.0 for cell in self.cells}
        self.played = {cell: 0 for cell in self.cells}
        self.done = {(execution.cell, execution.seed) for execution in results.executions}
        for execution in results.executions:
            if execution.cell in self.seconds:
                self.account(execution)
        self.order = self.walk()

    def account(self, execution):
        """What an execution took; its cell's further ones are expected to take as long."""
        self.seconds[execution.cell] += execution.seconds
        self.played[execution.cell] += 1

    def mean(self, cell):
        return self.seconds[cell] / self.played[cell] if self.played[cell] else None

    def wanted(self, cell):
        """How many executions this cell shall have, as far as is known by now."""
        mean = self.mean(cell)
        affordable = self.limits.most(cell) if not mean else int(self.limits.cell_seconds / mean)
        return min(self.limits.most(cell), max(self.limits.floor, affordable))

    def walk(self):
        for seed in range(1, max(self.limits.executions, self.limits.correct, self.limits.floor) + 1):
            cells = list(self.cells)
            random.Random(f"round {seed}").shuffle(cells)
            for cell in cells:
                if (cell, seed) not in self.done and seed <= self.wanted(cell):
                    yield cell, seed

    def next(self):
        """The next cell and seed; None when all is done."""
        return next(self.order, None)

    def left(self):
        """Executions still to be played, and their seconds; unknown cells take as long as the mean one."""
        known = [mean for mean in map(self.mean, self.cells) if mean]
        typical = sum(known) / len(known) if known else 2.0
        counts = {cell: max(0, self.wanted(cell) - self.played[cell]) for cell in self.cells}
        seconds = sum(count * (self.mean(cell) or typical) for cell, count in counts.items())
        return sum(counts.values()), seconds
