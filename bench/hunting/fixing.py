"""Does `repro --fixed` tell the corrected server from one whose window was only made ten times narrower?"""

import shlex
import time

from cells import WINDOW_OPTIONS, Cell, command_of_server, scenarios_of
from process import load

# Bugs whose window is an option of its own, so that nothing else of the server changes with it.
BUGS = ("ticket_double_spend", "late_cleanup", "replay_races_live")
WINDOW = 25
NARROWER = 10
SAYS = {0: "fixed", 1: "still there", 3: "undecided"}


def cells(options):
    return [Cell(bug, WINDOW, scenarios_of(bug)[0]) for bug in BUGS if bug in (options.only or BUGS)]


def reproducer_of(options, cell):
    return options.state / "reproducers" / f"{cell.bug}-{cell.window}.json"


def half_fixed(cell):
    narrow = cell._replace(window=cell.window / NARROWER)
    assert cell.bug in WINDOW_OPTIONS
    return command_of_server(narrow, cell.bug)


def trial(wsrace, options, cell, number, _earlier):
    """Odd numbers ask about the corrected server, even ones about the half-fixed one."""
    reproducer = reproducer_of(options, cell)
    if not reproducer.exists():
        return None
    corrected = number % 2 == 1
    command = command_of_server(cell, "") if corrected else half_fixed(cell)
    with wsrace.folder() as folder:
        status, output, seconds = wsrace.call(["repro", reproducer, "--fixed", "--quiet", "--server",
                                               shlex.join(command), "--out", folder / "run"], limit=900)
    return {"server": "corrected" if corrected else "half-fixed", "says": SAYS.get(status, str(status)),
            "statement": output.strip()[-300:], "seconds": round(seconds, 2), "load": load(),
            "at": int(time.time())}


def is_right(record):
    return record["says"] == ("fixed" if record["server"] == "corrected" else "still there")
