#!/usr/bin/python3
"""How sharp a byte-level starting gate is, and how exactly constraints are kept.

    bench/barrier_skew.py --wsrace PROGRAM [--users 500] [--runs 10] [--workers 0] [--server 'CMD {port}']

Runs have a gate at upgrade_sent or at request for all users, or pairs of users of which one connects 0 to
50 ms after the other's welcome. Prints p50, p99 and maximum of each run, and the medians. The target is the
reference server unless told otherwise; it shares the machine with the harness.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from statistics import median

WITHIN = {"within": "30s", "tolerance": "1h"}
CONSTRAINT = {"step": {"at": "connect", "users": "odd"}, "after": {"at": "welcome", "users": "previous"},
              "gap": {"uniform": ["0ms", "50ms"]}, **WITHIN}
SUBJECTS = {"gate at upgrade_sent": {"gates": [{"at": "upgrade_sent", **WITHIN}]},
            "gate at request": {"gates": [{"at": "request", **WITHIN}]},
            "connect after welcome": {"constraints": [CONSTRAINT]}}


def scenario(options, subject):
    return {"name": "barrier", "profile": "netra",
            "target": {"server": {"command": options.server.split(), "ready": "port_open"}},
            "users": {"count": options.users, "arrival": {"pattern": "ramp", "over": "500ms"}},
            "journey": ["login", "connect", "await_welcome", {"request": {"text": "hello {canary}"}},
                        "await_events", "close"], **SUBJECTS[subject]}


def measure(options, subject, folder):
    file = Path(folder) / "barrier.json"
    file.write_text(json.dumps(scenario(options, subject)))
    out = Path(folder) / "out"
    command = [options.wsrace, "run", str(file), "--out", str(out), "--quiet"]
    if options.workers > 0:
        command += ["--workers", str(options.workers)]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    return json.loads((out / "verdict.json").read_text())["schedule"][0]


def figures(found):
    return [found[name] / 1e6 for name in ("p50_ns", "p99_ns", "max_ns")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--wsrace", required=True)
    parser.add_argument("--users", type=int, default=500)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--server", default="wsrace serve --port {port}")
    options = parser.parse_args()
    for subject in SUBJECTS:
        rows = []
        for _ in range(options.runs):
            with tempfile.TemporaryDirectory() as folder:
                found = measure(options, subject, folder)
            rows.append(figures(found))
            print(f"{subject}: {found['met']} met; p50 {rows[-1][0]:.3f}, p99 {rows[-1][1]:.3f}, "
                  f"max {rows[-1][2]:.3f} ms", flush=True)
        print(f"{subject}, medians of {len(rows)}: " +
              ", ".join(f"{name} {median(column):.3f} ms"
                        for name, column in zip(("p50", "p99", "max"), zip(*rows))), flush=True)


if __name__ == "__main__":
    main()
