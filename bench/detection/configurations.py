"""What is played: for each seeded bug, and for none, the shipped scenarios and the loads to compare with.

A cell is one bug, one column and one scenario; its executions differ by their seeds only. A column says how
a cell's scenario becomes a command line of wsrace: another way to look for bugs is one more entry of COLUMNS.
"""

import json
import re
import sys
from collections import namedtuple
from functools import lru_cache
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "end_to_end"))
from seeded_bugs import CHECKS, promises  # noqa: E402  what the tests hold the shipped scenarios to

PLAIN = Path(__file__).resolve().parent / "plain.json"
NO_BUG = ""
RAMP = {"pattern": "ramp", "over": "1s"}
BURST = {"pattern": "all_at_once"}
# What a load tester has agreed upon with whoever runs the server, too: the limits, and what is judged.
SHARED = ("events", "deadlines", "thresholds")
NEEDS_THREAD_SANITIZER = "two_threads"
NEEDS_A_DEPLOYMENT = "staging_smoke"

Cell = namedtuple("Cell", "bug column scenario")


@lru_cache(maxsize=None)
def shipped(name):
    return json.loads((SOURCE / "scenarios" / f"{name}.json").read_text())


@lru_cache(maxsize=None)
def catalogue():
    """What docs/races.md says of each bug: how hard it is to hit, from T to TTT, and which checks name it."""
    page = (SOURCE / "docs" / "races.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \| (T+) \|[^|]*\|$", page, re.MULTILINE)
    return {bug: (level, re.findall(r"`(\w+)`", checks)) for bug, checks, level in rows}


def expected_checks(bug):
    """The checks that the shipped scenarios are held to find this bug with."""
    return CHECKS[bug].split(" and ")


@lru_cache(maxsize=None)
def naming_checks(bug):
    """Every check whose failure names this bug's symptom: also those that other journeys may show it by."""
    return frozenset(expected_checks(bug)).union(catalogue()[bug][1])


def scenarios_of(bug):
    """Those that promise to catch it, in the order of scenarios/README.md; loads compete with the first."""
    return [name for name, bugs in promises().items() if bug in bugs]


def judged_if_it_can_be(checks):
    """The same checks; one for which the plain journey has nothing to judge is no obstacle."""
    relaxed = {}
    for name, setting in checks.items():
        if setting is True:
            relaxed[name] = {"required": False}
        elif isinstance(setting, dict) and "off" not in setting:
            relaxed[name] = {**setting, "required": False}
        else:
            relaxed[name] = setting
    return relaxed


def set_options(fields):
    return [word for path, value in fields.items() for word in ("--set", f"{path}={json.dumps(value)}")]


def server_with(scenario, bug, sanitized):
    """The scenario's server with its options and the bug; `sanitized` is the program where one is needed."""
    server = dict(scenario["target"]["server"])
    command = list(server["command"])
    if sanitized and scenario["name"] == NEEDS_THREAD_SANITIZER:
        command[:1] = ["setarch", "-R", sanitized]  # ThreadSanitizer fails under randomised addresses
    server["command"] = command + (["--bug", bug] if bug else [])
    return server


def as_shipped(name, bug, options):
    """The scenario as it is, against its server with the bug."""
    server = shipped(name)["target"]["server"]
    command = server_with(shipped(name), bug, options.tsan_wsrace)["command"]
    changed = {"target.server.command": command} if command != server["command"] else {}
    return ["run", str(SOURCE / "scenarios" / f"{name}.json"), *set_options(changed)]


def load(arrival):
    """As many users as in the scenario, one connection each, on the plain journey, nothing else."""
    def arguments(name, bug, options):
        scenario = shipped(name)
        users = scenario["users"]["count"]
        fields = {"target": {"server": server_with(scenario, bug, options.tsan_wsrace)},
                  "users": {"count": min(users, options.load_users or users), "arrival": arrival}}
        fields.update({field: scenario[field] for field in SHARED if field in scenario})
        if "checks" in scenario:
            fields["checks"] = judged_if_it_can_be(scenario["checks"])
        return ["run", str(PLAIN), *set_options(fields)]
    return arguments


COLUMNS = {"ramp": load(RAMP), "burst": load(BURST), "shipped": as_shipped}
LOADS = ("ramp", "burst")


def arguments_of(cell, options):
    """The arguments of wsrace that play this cell, without seed and folder."""
    return COLUMNS[cell.column](cell.scenario, cell.bug, options)


def bug_cells(only):
    """Every bug against each column; further scenarios that promise it, as they are shipped."""
    cells = []
    for bug in CHECKS:
        if only and bug not in only:
            continue
        names = scenarios_of(bug)
        cells += [Cell(bug, column, names[0]) for column in COLUMNS]
        cells += [Cell(bug, "shipped", name) for name in names[1:]]
    return cells


def correct_cells():
    """Without a bug: every shipped scenario, and the loads wherever a bug is compared with them."""
    names = [name for name in promises() if name not in (NEEDS_A_DEPLOYMENT, NEEDS_THREAD_SANITIZER)]
    compared = {scenarios_of(bug)[0] for bug in CHECKS}
    return ([Cell(NO_BUG, "shipped", name) for name in names] +
            [Cell(NO_BUG, column, name) for name in names if name in compared for column in LOADS])
