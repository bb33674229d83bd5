#!/usr/bin/python3
"""Measures what `wsrace hunt` finds of the seeded bugs, how small it makes it, and what --fixed says.

    bench/hunting/run.py --wsrace build/release/harness/wsrace [--hours 1] [--part hunt --part rate]
    bench/hunting/run.py --wsrace build/release/harness/wsrace --only late_cleanup --part shrink
    bench/hunting/run.py --page-only

Appends each measurement to STATE/results.jsonl, and writes docs/detection_hunt.md from that file. Runs
unattended; stopped by a signal, by --hours or by a power cut, it goes on where it was when it is started
again. Needs no package besides Python.
"""

import argparse
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cells
import fixing
import hunt_page
import machine  # of bench/detection, which cells.py makes known
import program_options
import result_lines
import store
from campaigns import ARRIVALS, campaign, naive_load, rate
from process import Misconfigured, Stopped, Wsrace
from shrinking import shrink

SOURCE = cells.SOURCE
# Of each part: how many of each cell by default, and what measures one.
PARTS = {
    "hunt": (20, campaign),
    "rate": (1, lambda wsrace, options, cell, number, _: rate(wsrace, options, cell, number)),
    **{kind: (1, lambda wsrace, options, cell, number, _, kind=kind:
              naive_load(wsrace, options, cell, number, kind)) for kind in ARRIVALS},
    "golden": (1, campaign),
    "shrink": (1, shrink),
    "fixed": (34, fixing.trial),  # behind shrink, which makes the reproducers
}


def parse_options(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    program_options.define(parser)
    parser.add_argument("--part", action="append", choices=PARTS, help="this one; may be repeated")
    parser.add_argument("--only", action="append", choices=cells.ALL_BUGS, metavar="BUG",
                        help="this bug; may be repeated; default: all")
    parser.add_argument("--window", action="append", type=int, metavar="MS", help="only cells with it")
    parser.add_argument("--hours", type=float, default=float("inf"), help="begin nothing after so long")
    parser.add_argument("--times", type=int, help="of each cell; default: as each part needs")
    parser.add_argument("--budget", type=float, default=60, help="seconds of a hunt, or of a load")
    parser.add_argument("--shrink-budget", type=float, default=300, help="seconds of shrinking")
    parser.add_argument("--jobs", type=int, default=2, help="executions side by side in each")
    parser.add_argument("--side-by-side", type=int, default=1, help="measurements side by side")
    parser.add_argument("--rate-executions", type=int, default=200, help="most of the portfolio, for p")
    parser.add_argument("--load-executions", type=int, default=10, help="most of ramp and burst, for p")
    parser.add_argument("--few-executions", type=int, default=40, help="most of a ramp of few users, for p")
    parser.add_argument("--state", type=Path, default=SOURCE / "out" / "hunting", help="where results are")
    parser.add_argument("--page", type=Path, default=SOURCE / "docs" / "detection_hunt.md")
    options = parser.parse_args(arguments)
    program_options.complete(parser, options)
    return options


def cells_of(part, options):
    if part == "fixed":
        return fixing.cells(options)
    start = "golden_path" if part == "golden" else None
    found = cells.cells(options.only or cells.ALL_BUGS, start, options.tsan_wsrace)
    return [cell for cell in found if not options.window or cell.window in options.window]


def tasks(options, done):
    """Round k is measurement k of each cell and part, so that any stop leaves a balanced table."""
    rounds = max(options.times or PARTS[part][0] for part in options.part or PARTS)
    for number in range(1, rounds + 1):
        for part in options.part or PARTS:
            if number <= (options.times or PARTS[part][0]):
                for cell in cells_of(part, options):
                    if (part, cell, number) not in done:
                        yield part, cell, number


class Bench:
    """Measures one task after the other, some side by side, and writes each down."""

    def __init__(self, wsrace, options, writer, records):
        self.wsrace, self.options, self.writer, self.records = wsrace, options, writer, records
        self.end = time.monotonic() + options.hours * 3600

    def measure(self, task):
        part, cell, number = task
        if time.monotonic() >= self.end or self.wsrace.stopping:
            return
        earlier = [one for one in self.records if store.key_of(one)[:2] == (part, cell)]
        try:
            measured = PARTS[part][1](self.wsrace, self.options, cell, number, earlier)
        except Stopped:
            return
        except Exception:
            self.wsrace.stop()
            raise
        if measured is None:  # there is nothing yet to do it with
            return
        record = {"part": part, **cell._asdict(), "number": number, **measured}
        with self.wsrace.lock:
            self.records.append(record)
            self.writer.line(record)
        print(f"{time.strftime('%H:%M:%S')} {part} {cells.title(cell)} from {cell.scenario}, {number}: "
              f"{hunt_page.short(record)}", flush=True)

    def run(self, pending):
        with ThreadPoolExecutor(self.options.side_by_side) as pool:
            for done in [pool.submit(self.measure, task) for task in pending]:
                done.result()


def measure(options, file):
    sessions, records = store.read(file)
    about = {**machine.describe(options.wsrace), "jobs": options.jobs, "budget": options.budget,
             "side_by_side": options.side_by_side, "at": int(time.time())}
    other = [one for one in sessions if one["program"] != about["program"]]
    if other:
        print(f"note: some results there are of another build ({other[-1]['commit']})", file=sys.stderr)
    writer = result_lines.Writer(file)
    writer.session(about)
    wsrace = Wsrace(options.wsrace, options.state / "playing")
    signal.signal(signal.SIGTERM, lambda *_: wsrace.stop())
    signal.signal(signal.SIGINT, lambda *_: wsrace.stop())
    try:
        pending = list(tasks(options, {store.key_of(record) for record in records}))
        print(f"{len(records)} measurements recorded, {len(pending)} to go", flush=True)
        Bench(wsrace, options, writer, records).run(pending)
    finally:
        writer.close()
    return 130 if wsrace.stopping else 0


def main(arguments=None):
    options = parse_options(arguments)
    file = options.state / "results.jsonl"
    try:
        status = 0 if options.page_only else measure(options, file)
        sessions, records = store.read(file)
        if records:
            options.page.write_text(hunt_page.page(sessions, records))
    except (result_lines.Unusable, Misconfigured) as problem:
        print(f"run.py: {problem}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
