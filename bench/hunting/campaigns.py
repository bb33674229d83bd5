"""A campaign: one hunt of one bug that ends with the first thing it finds, or with its budget."""

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cells import load_arguments, scenario_arguments
from configurations import BURST, RAMP, naming_checks
from process import load

ARRIVALS = {"ramp": RAMP, "few": RAMP, "burst": BURST}
SILENCE = "five_events: silence"  # the same symptom, whichever of these checks tells it
SILENT = {"five_events", "liveness", "acknowledged"}


def checks_of(failure, wsrace):
    """The checks that failed in the run that was kept; where none was, those that the signature names."""
    if failure["folder"]:
        wsrace.call(["report", failure["folder"], "--format", "all"], limit=60)
        file = Path(failure["folder"]) / "verdict.json"
        if file.exists():
            verdict = json.loads(file.read_text())
            return [check["id"] for check in verdict["checks"] if check["verdict"] == "fail"]
    symptoms = [failure["signature"], *(other["symptom"] for other in failure["also_seen"])]
    named = {symptom.split(":")[0] for symptom in symptoms}
    return sorted(named | (SILENT if SILENCE in symptoms else set()))


def hunt(wsrace, options, cell, seed, *further):
    """hunt.json, the failures with their checks, and the seconds from start to end."""
    with wsrace.folder() as folder:
        out = folder / "hunt"
        arguments = ["hunt", *scenario_arguments(cell, cell.bug, options.tsan_wsrace), "--budget",
                     f"{options.budget:g}s", "--no-shrink", "--jobs", options.jobs, "--seed", seed, "--quiet",
                     "--out", out, *further]
        status, output, seconds = wsrace.call(arguments, limit=options.budget)
        file = out / "hunt.json"
        if status is None or not file.exists():
            return {"status": status, "problem": output[-300:], "seconds": round(seconds, 3), "load": load(),
                    "executions": 0, "voided": 0, "failed": 0, "failures": [], "at": int(time.time())}
        report = json.loads(file.read_text())
        failures = [{"signature": failure["signature"], "race": failure["race"],
                     "executions": failure["executions"], "first": failure["first_execution"],
                     "checks": checks_of(failure, wsrace)} for failure in report["failures"]]
        return {"status": status, "problem": report["problem"], "seconds": round(seconds, 3),
                "baseline": round(report["baseline_ms"] / 1000, 3), "load": load(),
                "executions": report["executions"], "voided": report["voided"], "failed": report["failed"],
                "strategies": {one["name"]: [one["executions"], one["failed"], one["voided"]]
                               for one in report["strategies"] if one["executions"]},
                "failures": failures, "at": int(time.time())}


def campaign(wsrace, options, cell, seed, earlier):
    """Until the first race. What one user at a time shows is known before the search begins, and would not
    end it: where that may be so, a hunt that ends behind its first execution comes before."""
    if not earlier or any(is_serial(record) for record in earlier):
        found = hunt(wsrace, options, cell, seed, "--executions", 1)
        if found["failures"]:
            return found
    return hunt(wsrace, options, cell, seed, "--until-found")


def rate(wsrace, options, cell, seed):
    """Executions of the whole portfolio, whatever they find."""
    return hunt(wsrace, options, cell, seed, "--executions", options.rate_executions)


def is_serial(record):
    """Found before the search, by one user at a time; nothing else was found."""
    return bool(record["failures"]) and not any(failure["race"] for failure in record["failures"])


def is_named(record):
    """A check failed that names the bug's symptom (docs/races.md)."""
    return any(naming_checks(record["bug"]).intersection(failure["checks"]) for failure in record["failures"])


def named_executions(record):
    """At least so many executions failed with a check that names the symptom."""
    return max((failure["executions"] for failure in record["failures"]
                if naming_checks(record["bug"]).intersection(failure["checks"])), default=0)


def users_as_a_hunt_draws_them(seed):
    """With the shares of harness/plan/strategies/draft.cpp, but for its crowds."""
    low, high = random.Random(seed).choices([(2, 2), (3, 3), (4, 6), (7, 20)], [45, 30, 18, 7])[0]
    return random.Random(-seed).randint(low, high)


def naive_load(wsrace, options, cell, seed, kind):
    """Executions of a load tester's script, two side by side as a hunt has them, within a hunt's budget; with
    all users of the scenario, or with few."""
    end = time.monotonic() + options.budget

    def one(number):
        if time.monotonic() >= end:
            return None
        users = users_as_a_hunt_draws_them(number) if kind == "few" else None
        arguments = load_arguments(cell, ARRIVALS[kind], users, options.tsan_wsrace)
        with wsrace.folder() as folder:
            begin = time.monotonic()
            wsrace.call(["run", *arguments, "--seed", str(number), "--out", folder / "run", "--quiet"], 420)
            file = folder / "run" / "verdict.json"
            verdict = json.loads(file.read_text()) if file.exists() else {"void": True, "checks": []}
            failed = {check["id"] for check in verdict["checks"] if check["verdict"] == "fail"}
            return {"void": verdict["void"] or verdict["verdict"] == "inconclusive",
                    "found": not naming_checks(cell.bug).isdisjoint(failed),
                    "seconds": time.monotonic() - begin}

    first = seed * 1000
    most = options.few_executions if kind == "few" else options.load_executions
    with ThreadPoolExecutor(options.jobs) as pool:
        played = [done for done in pool.map(one, range(first, first + most)) if done]
    return {"executions": len(played), "voided": sum(done["void"] for done in played),
            "found": sum(done["found"] and not done["void"] for done in played),
            "seconds": round(sum(done["seconds"] for done in played), 3), "load": load(),
            "at": int(time.time())}
