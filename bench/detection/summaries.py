"""From executions to what the page shows: a summary of each cell, the confusion matrix, false positives."""

from collections import Counter, namedtuple
from functools import cached_property

import estimates
from configurations import COLUMNS, LOADS, NO_BUG, expected_checks, naming_checks

BUDGETS = (10, 60, 300)  # seconds that somebody may be ready to spend on one bug

Confusion = namedtuple("Confusion", "expected failed named checks")
FalsePositives = namedtuple("FalsePositives", "check shipped shipped_of loads loads_of")


def is_conclusive(execution):
    return execution.verdict in ("pass", "fail")


def is_detection(execution):
    """A check that names this bug's symptom failed."""
    return execution.verdict == "fail" and not naming_checks(execution.bug).isdisjoint(execution.failed)


class CellSummary:
    """How often and how soon the executions of one cell, in the order of their seeds, found the bug."""

    def __init__(self, cell, executions):
        self.cell, self.executions = cell, executions

    @cached_property
    def conclusive(self):
        return [execution for execution in self.executions if is_conclusive(execution)]

    @property
    def trials(self):
        return len(self.conclusive)

    @property
    def inconclusive(self):
        return len(self.executions) - self.trials

    @cached_property
    def detections(self):
        return sum(map(is_detection, self.conclusive))

    @cached_property
    def anything(self):
        """Executions in which any check failed, whether it names the symptom or not."""
        return sum(execution.verdict == "fail" for execution in self.conclusive)

    @property
    def rate(self):
        return self.detections / self.trials if self.trials else 0.0

    @property
    def interval(self):
        return estimates.wilson(self.detections, self.trials)

    @cached_property
    def campaigns(self):
        """Inconclusive executions find nothing, and cost as much as others."""
        return estimates.campaigns([(is_detection(one), one.seconds) for one in self.executions])

    @property
    def finished_campaigns(self):
        return sum(campaign.found for campaign in self.campaigns)

    def executions_to_detection(self):
        return estimates.median([(campaign.executions, campaign.found) for campaign in self.campaigns])

    def seconds_to_detection(self):
        return estimates.median([(campaign.seconds, campaign.found) for campaign in self.campaigns])

    def found_within(self, seconds):
        """The probability that a campaign finds the bug within a time, as far as that is known."""
        steps = estimates.survival([(campaign.seconds, campaign.found) for campaign in self.campaigns])
        return 1 - estimates.surviving_after(steps, seconds)


class Summary:
    """All cells of the results, with the order of bugs, columns and scenarios as they are played."""

    def __init__(self, results, bugs, scenarios_of):
        self.results = results
        self.bugs = [bug for bug in bugs if any(one.bug == bug for one in results.executions)]
        self.scenarios_of = scenarios_of
        self.cells = {cell: CellSummary(cell, executions) for cell, executions in results.by_cell().items()}
        present = {cell.column for cell in self.cells if cell.bug != NO_BUG}
        self.columns = [column for column in COLUMNS if column in present]

    def compared(self, bug, column):
        """The cell of the bug's first scenario, on which columns are compared; None if it was not played."""
        return next((cell for key, cell in self.cells.items()
                     if key == (bug, column, self.scenarios_of(bug)[0])), None)

    def column(self, column):
        cells = [self.compared(bug, column) for bug in self.bugs]
        return [cell for cell in cells if cell is not None and cell.trials > 0]

    def further(self):
        """Cells of the other scenarios that promise to catch a bug."""
        return [self.cells[key] for bug in self.bugs for name in self.scenarios_of(bug)[1:]
                for key in [(bug, "shipped", name)] if key in self.cells]

    def correct(self):
        return [cell for key, cell in self.cells.items() if key.bug == NO_BUG]


def overview(summary):
    """For each column: bugs, their mean rate, those never detected, the mean share found within budgets."""
    rows = []
    for column in summary.columns:
        cells = summary.column(column)
        if cells:
            within = [sum(cell.found_within(budget) for cell in cells) / len(cells) for budget in BUDGETS]
            rows.append({"column": column, "bugs": len(cells),
                         "mean": sum(cell.rate for cell in cells) / len(cells),
                         "never": [cell.cell.bug for cell in cells if cell.detections == 0],
                         "within": within})
    return rows


def confusion(summary):
    """By expected checks: in how many executions of shipped scenarios something failed, and what did."""
    failed, named, checks = Counter(), Counter(), {}
    for cell in summary.cells.values():
        if cell.cell.bug == NO_BUG or cell.cell.column != "shipped":
            continue
        for execution in cell.conclusive:
            if execution.verdict == "fail":
                expected = tuple(expected_checks(execution.bug))
                failed[expected] += 1
                named[expected] += is_detection(execution)
                checks.setdefault(expected, Counter()).update(execution.failed)
    return [Confusion(expected, failed[expected], named[expected], checks[expected])
            for expected in sorted(failed)]


def false_positives(summary):
    """By check: how often it failed on the correct server, and of how many executions that it could judge."""
    failures, judged = Counter(), Counter()
    for cell in summary.correct():
        kind = "loads" if cell.cell.column in LOADS else "shipped"
        for execution in cell.conclusive:
            failures.update((kind, check) for check in execution.failed)
            judged.update((kind, check) for check in execution.judged)
    checks = sorted({check for _, check in judged} | {check for _, check in failures})
    return [FalsePositives(check, failures["shipped", check], judged["shipped", check],
                           failures["loads", check], judged["loads", check]) for check in checks]


def wrongly_failed(summary):
    """Executions of the correct server in which a check failed."""
    return [execution for cell in summary.correct() for execution in cell.conclusive
            if execution.verdict == "fail"]
