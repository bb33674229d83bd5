"""What is hunted: each seeded bug from the scenario that promises it, some with windows of several lengths.

A cell is one bug with one window and one scenario to begin with. Where a bug's window has the length of an
option of the server, the cell sets that option, so that the window has the length in its name; the other bugs
are hunted as their scenario is shipped.
"""

import sys
from collections import namedtuple
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.append(str(SOURCE / "bench" / "detection"))  # what is here goes first
import configurations  # noqa: E402
from configurations import CHECKS, scenarios_of, set_options, shipped  # noqa: E402

WINDOWS = (1, 5, 25)  # milliseconds
AS_SHIPPED = 0
NEEDS_THREAD_SANITIZER = {"unlocked_registry"}

Cell = namedtuple("Cell", "bug window scenario")


def duration(milliseconds):
    return f"{round(milliseconds * 1000)}us"


# The options that make a window so long, as docs/races.md describes them. An agent that is slower than the
# window cannot get to its tool within it: dual_path needs a quick one.
WINDOW_OPTIONS = {
    "dual_path": lambda ms: {"--bug-window": ms, "--step-delay": min(1, 0.3 * ms)},
    "late_cleanup": lambda ms: {"--bug-window": ms},
    "replay_races_live": lambda ms: {"--bug-window": ms},
    "retry_reorders": lambda ms: {"--bug-window": ms},
    "ticket_double_spend": lambda ms: {"--bug-window": ms},
    "two_emitters": lambda ms: {"--step-delay": 2.5 * ms},
    "swapped_payload": lambda ms: {"--step-delay": 5 * ms},
    "first_use_init": lambda ms: {"--step-delay": ms},
    "recursive_manager": lambda ms: {"--manager-delay": ms},
    "two_state_machines": lambda ms: {"--manager-delay": ms},
    "accept_before_ready": lambda ms: {"--auth-delay": ms},
}


def with_options(command, options):
    """The command with each option's value replaced, or added behind it."""
    command = list(command)
    for option, milliseconds in options.items():
        value = duration(milliseconds)
        if option in command:
            command[command.index(option) + 1] = value
        else:
            command += [option, value]
    return command


def windows_of(bug):
    return WINDOWS if bug in WINDOW_OPTIONS else (AS_SHIPPED,)


def cells(bugs, start=None, tsan_wsrace=None):
    """One for each bug and window; `start`: the scenario that all begin with, instead of the bug's own."""
    return [Cell(bug, window, start or scenarios_of(bug)[0]) for bug in bugs for window in windows_of(bug)
            if bug not in NEEDS_THREAD_SANITIZER or tsan_wsrace]


def command_of_server(cell, bug, tsan_wsrace=None):
    """The server of the scenario that promises the cell's bug, with `bug`; empty: the correct one."""
    scenario = shipped(scenarios_of(cell.bug)[0])
    options = WINDOW_OPTIONS[cell.bug](cell.window) if cell.window != AS_SHIPPED else {}
    command = configurations.server_with(scenario, bug, tsan_wsrace)["command"]
    return with_options(command, options)


def target_of(cell, bug, tsan_wsrace=None):
    server = dict(shipped(scenarios_of(cell.bug)[0])["target"]["server"])
    return {"server": {**server, "command": command_of_server(cell, bug, tsan_wsrace)}}


def scenario_arguments(cell, bug, tsan_wsrace=None):
    """The cell's scenario against the bug's server, as arguments of wsrace."""
    return [str(SOURCE / "scenarios" / f"{cell.scenario}.json"),
            *set_options({"target": target_of(cell, bug, tsan_wsrace)})]


def load_arguments(cell, arrival, users=None, tsan_wsrace=None):
    """The load tester's journey (bench/detection) against the same server; `users`: at most, if given."""
    scenario = shipped(cell.scenario)
    count = scenario["users"]["count"]
    fields = {"target": target_of(cell, cell.bug, tsan_wsrace),
              "users": {"count": min(count, users or count), "arrival": arrival}}
    fields.update({field: scenario[field] for field in configurations.SHARED if field in scenario})
    if "checks" in scenario:
        fields["checks"] = configurations.judged_if_it_can_be(scenario["checks"])
    return [str(configurations.PLAIN), *set_options(fields)]


def title(cell):
    return cell.bug if cell.window == AS_SHIPPED else f"{cell.bug}, {cell.window} ms"


ALL_BUGS = tuple(CHECKS)
