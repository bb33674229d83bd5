"""The statistics, pure: rates with their intervals, campaigns, and medians where some were not finished."""

import math
from collections import namedtuple

Z_95 = 1.959963984540054
Interval = namedtuple("Interval", "low high")
Campaign = namedtuple("Campaign", "executions seconds found")  # found False: censored, its end was not seen
Step = namedtuple("Step", "at surviving")


def wilson(hits, trials):
    """The Wilson score interval of a rate, 95 %."""
    if trials == 0:
        return Interval(0.0, 1.0)
    rate, z2 = hits / trials, Z_95 * Z_95
    middle = (rate + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z_95 / (1 + z2 / trials) * math.sqrt(rate * (1 - rate) / trials + z2 / (4 * trials * trials))
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == trials else min(1.0, middle + half)
    return Interval(low, high)


def upper_bound(hits, trials):
    """Of a rate, 95 %: the rule of three where nothing was hit, else the end of the Wilson interval."""
    if trials == 0:
        return 1.0
    return min(1.0, 3 / trials) if hits == 0 else wilson(hits, trials).high


def campaigns(outcomes):
    """Cuts consecutive executions behind each detection.

    `outcomes`: (detected, seconds) of each execution, in order. What follows the last detection is a campaign
    that was not finished. An execution belongs to one campaign only.
    """
    cut, executions, seconds = [], 0, 0.0
    for detected, took in outcomes:
        executions += 1
        seconds += took
        if detected:
            cut.append(Campaign(executions, seconds, True))
            executions, seconds = 0, 0.0
    if executions > 0:
        cut.append(Campaign(executions, seconds, False))
    return cut


def survival(lengths):
    """Kaplan and Meier (1958): the share of campaigns that last longer, after each length at which one ended.

    `lengths`: (length, found); a campaign that was not finished counts as long as it was watched.
    """
    surviving, steps = 1.0, []
    for at in sorted({length for length, found in lengths if found}):
        watched = sum(length >= at for length, _ in lengths)
        ended = sum(found and length == at for length, found in lengths)
        surviving *= 1 - ended / watched
        steps.append(Step(at, surviving))
    return steps


def surviving_after(steps, length):
    """The share of campaigns that last longer than this."""
    return next((step.surviving for step in reversed(steps) if step.at <= length), 1.0)


def median(lengths):
    """The median length, and whether it was reached; if not, what is known: it is longer than this."""
    for step in survival(lengths):
        if step.surviving <= 0.5 + 1e-12:
            return step.at, True
    return max((length for length, _ in lengths), default=0), False
