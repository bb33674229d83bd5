"""From records to what the page says of each cell: campaigns, rates, shrinking, trials."""

import statistics
from collections import namedtuple

import estimates
from campaigns import is_named, is_serial, named_executions
from cells import Cell
from fixing import is_right
from triggers import TRIGGERS, size

TOLERATED = 1.5  # of the known minimum
KEPT_RATE = 0.8  # of the rate before
Rate = namedtuple("Rate", "hits trials")


def cell_of(record):
    return Cell(record["bug"], record["window"], record["scenario"])


def by_cell(records, part):
    """Records of a part in the order of their numbers; cells in the order of the catalogue and of windows."""
    found = {}
    for record in sorted((one for one in records if one["part"] == part), key=lambda one: one["number"]):
        found.setdefault(cell_of(record), []).append(record)
    order = list(TRIGGERS)
    return dict(sorted(found.items(), key=lambda item: (order.index(item[0].bug), item[0].window)))


def judged(record):
    return record["executions"] - record["voided"]


class Campaigns:
    """Those of one cell. One whose executions were all void, and that found nothing, proves nothing."""

    def __init__(self, records):
        self.conclusive = [one for one in records if one["failures"] or judged(one) > 0]
        self.inconclusive = len(records) - len(self.conclusive)
        self.found = [one for one in self.conclusive if one["failures"]]
        self.named = [one for one in self.found if is_named(one)]
        self.serial = [one for one in self.found if is_serial(one)]

    def seconds(self):
        """What is found before the search is known when that begins, whenever the hunt ends."""
        return estimates.median([(one["baseline" if is_serial(one) else "seconds"], bool(one["failures"]))
                                 for one in self.conclusive])

    def executions(self):
        """Until the first race; those found before the search count none."""
        return estimates.median([(0 if is_serial(one) else first_execution(one), bool(one["failures"]))
                                 for one in self.conclusive])


def first_execution(record):
    return min((failure["first"] for failure in record["failures"] if failure["race"] and failure["first"]),
               default=record["executions"])


def portfolio_rate(records):
    """Executions that failed with a check that names the bug, of those that could be judged."""
    return Rate(sum(map(named_executions, records)), sum(map(judged, records)))


def load_rate(records):
    return Rate(sum(one["found"] for one in records), sum(map(judged, records)))


def share(rate):
    return rate.hits / rate.trials if rate.trials else None


def mean_share(rates):
    known = [share(rate) for rate in rates if rate.trials]
    return statistics.fmean(known) if known else None


Shrunk = namedtuple("Shrunk", "cell record left known small kept fast again")


def size_left(record):
    """Elements that are left. A journey of one's own counts nothing: everybody has a journey."""
    more = sum(int(line.split()[1]) for line in record["left"] if line.startswith("and "))
    return more + sum(not line.startswith(("and ", "journey of its own")) for line in record["left"])


def shrunk(cell, record):
    """What shrinking left, against what is known to be enough."""
    known = size(TRIGGERS[cell.bug])
    if not record["found"] or not record["shrunk"]:
        return Shrunk(cell, record, None, known, False, False, False, False)
    before, after = (share(Rate(*record[key])) or 0 for key in ("before", "after"))
    left = size_left(record)
    return Shrunk(cell, record, left, known, small=left <= TOLERATED * known,
                  kept=after >= KEPT_RATE * before, fast=record["seconds"] <= 300,
                  again=record["one_core"][0] > 0 and record["stressed"][0] > 0)


def trials(records):
    """By server: right answers, all answers that were given, and those that none was given for."""
    out = {}
    for record in records:
        right, answered, undecided = out.get((record["bug"], record["server"]), (0, 0, 0))
        decided = record["says"] in ("fixed", "still there")
        out[record["bug"], record["server"]] = (right + (decided and is_right(record)), answered + decided,
                                               undecided + (not decided))
    return out
