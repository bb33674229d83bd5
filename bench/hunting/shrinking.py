"""Shrinks what a hunt finds, once for each cell: how small, how long, how often it fails before and after;
and whether what is left fails on a machine with one core, and on one that has other things to do."""

import json
import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import fixing
from cells import scenario_arguments
from configurations import naming_checks
from campaigns import checks_of
from process import load

SUMMARY = re.compile(r"^(\d+) elements? to (\d+) in (\d+) plays?(?P<stopped> \(the budget ended\))?;",
                     re.MULTILINE)
ONE_CORE = ("taskset", "-c", "0")
HUNTS = (["--executions", "200"], ["--until-found"])  # a race ends the second one only
REPLAYS = 20


@contextmanager
def busy_processors():
    """As many processes as there are cores, each of which takes all it can get."""
    loops = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(os.cpu_count())]
    try:
        yield
    finally:
        for process in loops:
            process.kill()
            process.wait()


def find(wsrace, options, cell, seed, folder):
    """A run that failed with a check that names the bug, and its signature; None: none was found."""
    for attempt, further in enumerate(HUNTS):
        out = folder / f"hunt-{attempt}"
        wsrace.call(["hunt", *scenario_arguments(cell, cell.bug, options.tsan_wsrace), "--budget",
                     f"{options.budget:g}s", "--no-shrink", "--jobs", options.jobs, "--seed", seed, "--quiet",
                     "--out", out, *further], limit=options.budget)
        if not (out / "hunt.json").exists():
            continue
        for failure in json.loads((out / "hunt.json").read_text())["failures"]:
            named = naming_checks(cell.bug).intersection(checks_of(failure, wsrace))
            if failure["folder"] and named:
                return failure["folder"], failure["signature"]
    return None


def replays(wsrace, what, out, prefix=()):
    """Failures and replays that could be judged."""
    _, output, _ = wsrace.call(["repro", what, "--times", REPLAYS, "--out", out, "--quiet"], 400, prefix)
    counted = re.search(r"\b(\d+) of (\d+)\)", output)
    return [int(counted[1]), int(counted[2])] if counted else [0, 0]


def elements_of(output):
    """What is left, as shrink prints it: behind "fails in", indented further."""
    lines = output.splitlines()
    first = next((i for i, line in enumerate(lines) if line.startswith("  fails in ")), len(lines))
    return [line.strip() for line in lines[first + 1:] if line.startswith("    ")]


def shrink(wsrace, options, cell, seed, _earlier):
    with wsrace.folder() as folder:
        found = find(wsrace, options, cell, seed, folder)
        if found is None:
            return {"found": False, "at": int(time.time())}
        run, signature = found
        out = folder / "shrunk"
        _, output, seconds = wsrace.call(["shrink", run, "--signature", signature, "--budget",
                                          f"{options.shrink_budget:g}s", "--seed", seed, "--out", out],
                                         limit=options.shrink_budget)
        record = {"found": True, "signature": signature, "seconds": round(seconds, 1), "load": load(),
                  "output": output[-2000:], "at": int(time.time())}
        counts = SUMMARY.search(output)
        if not counts or not (out / "reproducer.json").exists():
            return {**record, "shrunk": False}
        before = replays(wsrace, plan_with_signature(run, out, folder), folder / "before")
        reproducer = json.loads((out / "reproducer.json").read_text())
        record.update(shrunk=True, elements_before=int(counts[1]), elements=int(counts[2]),
                      plays=int(counts[3]), stopped=bool(counts["stopped"]), left=elements_of(output),
                      users=len(reproducer["plan"]["users"]), before=before,
                      after=replays(wsrace, out, folder / "after"),
                      one_core=replays(wsrace, out, folder / "one-core", ONE_CORE))
        keep(out / "reproducer.json", options, cell)
        with busy_processors():
            record["stressed"] = replays(wsrace, out, folder / "stressed")
        return record


def keep(reproducer, options, cell):
    """For the trials of --fixed."""
    kept = fixing.reproducer_of(options, cell)
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(reproducer, kept)


def plan_with_signature(run, shrunk, folder):
    """The plan as the hunt found it, as a reproducer.json, so that the same failure is counted."""
    whole = json.loads((shrunk / "reproducer.json").read_text())
    plan = json.loads((Path(run) / "plan.json").read_text())
    whole["plan"] = plan
    file = folder / "whole.json"
    file.write_text(json.dumps(whole))
    return file
