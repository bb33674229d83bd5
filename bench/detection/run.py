#!/usr/bin/python3
"""Measures how often and how soon each seeded bug is found, and what is reported of the correct server.

    bench/detection/run.py --wsrace build/release/harness/wsrace [--jobs 4] [--hours 1.5]
    bench/detection/run.py --wsrace build/release/harness/wsrace --only ttl_eviction --print-commands
    bench/detection/run.py --page-only

Plays every bug against the shipped scenarios that promise it, against a ramp and a burst of users, and the
correct server against all of them; appends each execution to STATE/executions.jsonl and writes
docs/detection.md from that file. Runs unattended; stopped by a signal, by --hours or by a power cut, it goes
on where it was when it is started again. Needs no
package besides Python.
"""

import argparse
import shlex
import signal
import sys
import time
from pathlib import Path

import configurations
import machine
import page
import plots
import program_options
import results
import summaries
from playing import Misconfigured, Players, command_of
from result_lines import Unusable
from schedule import Limits, Schedule

SOURCE = configurations.SOURCE
REPORT_EVERY = 60  # seconds
DEFAULTS = {"jobs": 2, "executions": 200, "correct_executions": 40, "floor": 20, "cell_seconds": 300,
            "load_users": 0}


def parse_options(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    program_options.define(parser)
    parser.add_argument("--only", action="append", choices=[*configurations.CHECKS, "correct"], metavar="BUG",
                        help="this bug, or `correct`; may be repeated; default: all")
    parser.add_argument("--hours", type=float, default=float("inf"), help="begin nothing after so long")
    parser.add_argument("--jobs", type=int, help="executions side by side")
    parser.add_argument("--executions", type=int, help="of each bug in each configuration")
    parser.add_argument("--correct-executions", type=int, help="of the correct server in each configuration")
    parser.add_argument("--floor", type=int, help="so many executions also where they take long")
    parser.add_argument("--cell-seconds", type=float, help="beyond the floor, no configuration takes longer")
    parser.add_argument("--load-users", type=int, help="most users of ramp and burst; 0: as in the scenario")
    parser.add_argument("--state", type=Path, default=SOURCE / "out" / "detection", help="where results are")
    parser.add_argument("--page", type=Path, default=SOURCE / "docs" / "detection.md", help="what is written")
    parser.add_argument("--print-commands", action="store_true", help="play nothing, print a command of each")
    parser.set_defaults(**DEFAULTS)
    options = parser.parse_args(arguments)
    program_options.complete(parser, options)
    if options.jobs < 1 or options.executions < 1 or options.floor < 1:
        parser.error("--jobs, --executions and --floor are at least 1")
    return options


def options_text(options):
    """What makes the same table, as options."""
    words = ["--wsrace", machine.shown_path(options.wsrace)]
    if options.tsan_wsrace:
        words += ["--tsan-wsrace", machine.shown_path(options.tsan_wsrace)]
    for bug in options.only or []:
        words += ["--only", bug]
    for name in DEFAULTS:
        if getattr(options, name) != DEFAULTS[name]:
            words += ["--" + name.replace("_", "-"), f"{getattr(options, name):g}"]
    return words


def cells_of(options):
    bugs = [name for name in options.only or [] if name != "correct"]
    cells = configurations.bug_cells(bugs) if bugs or not options.only else []
    return cells + (configurations.correct_cells() if not options.only or "correct" in options.only else [])


def say(text):
    print(text, flush=True)


class Progress:
    """A line now and then."""

    def __init__(self, jobs):
        self.jobs, self.begin, self.next = jobs, time.monotonic(), time.monotonic() + REPORT_EVERY

    def __call__(self, players):
        if time.monotonic() < self.next:
            return
        self.next = time.monotonic() + REPORT_EVERY
        with players.lock:
            count, seconds = players.schedule.left()
            played = players.count
        passed = time.monotonic() - self.begin
        say(f"{played} executions in {passed / 60:.0f} min; {count} to go, "
            f"about {seconds / self.jobs / 60:.0f} min")


def check_program(found, about):
    """Results of two programs do not belong into one table."""
    other = [session for session in found.sessions if session["program"] != about["program"]]
    if other:
        was, this = (f"{one['version']}, commit {one['commit']}, {one['program']}"
                     for one in (other[-1], about))
        raise Unusable(f"the results there are of another program ({was}) than this one ({this}); "
                               "give another --state folder, or remove them")


def measure(options, file):
    found = results.read(file)
    about = {**machine.describe(options.wsrace), "jobs": options.jobs, "options": options_text(options),
             "thread_sanitizer": bool(options.tsan_wsrace)}
    check_program(found, about)
    limits = Limits(executions=options.executions, correct=options.correct_executions, floor=options.floor,
                    cell_seconds=options.cell_seconds)
    schedule = Schedule(cells_of(options), found, limits)
    count, seconds = schedule.left()
    say(f"{len(schedule.cells)} configurations, {len(found.executions)} executions recorded, up to {count} "
        f"to go; about {seconds / options.jobs / 60:.0f} min with {options.jobs} side by side")
    writer = results.Writer(file)
    writer.session(about)
    players = Players(schedule, writer, options)
    signal.signal(signal.SIGTERM, lambda *_: players.stop())
    signal.signal(signal.SIGINT, lambda *_: players.stop())
    try:
        players.play(time.monotonic() + options.hours * 3600, Progress(options.jobs))
    finally:
        writer.close()
    if players.problem is not None:
        raise players.problem
    say(f"{players.count} executions played" + ("; stopped" if players.stopping else ""))
    return 130 if players.stopping else 0


def write_page(options, file):
    found = results.read(file)
    if not found.executions:
        raise Unusable(f"{file}: no execution is recorded there, so that there is no page to write")
    options.page.write_text(page.page(found))
    plots.draw(summaries.Summary(found, configurations.CHECKS, configurations.scenarios_of),
               options.page.parent / options.page.stem)
    say(f"written: {options.page} from {len(found.executions)} executions")


def main(arguments=None):
    options = parse_options(arguments)
    file = options.state / "executions.jsonl"
    if options.print_commands:
        for cell in cells_of(options):
            say(f"# {cell.bug or 'no bug'}, {cell.column}\n{shlex.join(command_of(cell, 1, options))}")
        return 0
    try:
        status = 0 if options.page_only else measure(options, file)
        write_page(options, file)
    except (Unusable, Misconfigured) as problem:
        print(f"run.py: {problem}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
