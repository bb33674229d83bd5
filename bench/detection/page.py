"""docs/detection.md from the results alone: page.md with its tables filled in."""

import datetime
import shlex
import statistics
from collections import Counter
from pathlib import Path
from string import Template

import estimates
import summaries
from configurations import CHECKS, NEEDS_THREAD_SANITIZER, catalogue, scenarios_of

SKELETON = Path(__file__).resolve().parent / "page.md"
ENOUGH_CAMPAIGNS = 20


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def percent(rate):
    """A rate with as many digits as say something."""
    value = 100 * rate
    if value in (0, 100):
        return f"{value:.0f}"
    return f"{value:.1f}" if value < 10 or value > 99 else f"{value:.0f}"


def rate(cell):
    """As in `97 % (94–99, 195/200)`; a miss says so; what else failed and what proved nothing is added."""
    if cell is None or not cell.executions:
        return "not played"
    if cell.trials == 0:
        return f"nothing proven ({cell.inconclusive})"
    low, high = map(percent, cell.interval)
    counted = f"({low}–{high}, {cell.detections}/{cell.trials})"
    text = f"**miss** {counted}" if cell.detections == 0 else f"{percent(cell.rate)} % {counted}"
    if cell.anything != cell.detections:
        text += f"; any check {percent(cell.anything / cell.trials)} %"
    if cell.inconclusive:
        text += f"; {cell.inconclusive} inconclusive"
    return text


def effort(cell):
    """As in `1 / 1.3 s (195)`: executions, seconds, finished campaigns; `*` if these are few."""
    if cell is None or not cell.executions:
        return "not played"
    executions, counted = cell.executions_to_detection()
    seconds, timed = cell.seconds_to_detection()
    mark = "" if cell.finished_campaigns >= ENOUGH_CAMPAIGNS else "\\*"
    return (f"{'' if counted else '> '}{executions} / {'' if timed else '> '}{seconds_text(seconds)} "
            f"({cell.finished_campaigns}{mark})")


def seconds_text(seconds):
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds:.0f} s"


def overview(summary):
    header = ["", "bugs", "mean of p", "never found",
              *[f"found within {budget} s" for budget in summaries.BUDGETS]]
    rows, never = [], []
    for row in summaries.overview(summary):
        rows.append([row["column"], str(row["bugs"]), f"{percent(row['mean'])} %", str(len(row["never"])),
                     *[f"{percent(share)} %" for share in row["within"]]])
        if row["never"]:
            names = ", ".join(f"`{bug}`" for bug in row["never"])
            never.append(f"Never found by {row['column']}: {names}.")
    return {"overview": table(header, rows), "never": "\n\n".join(never) or "None was missed."}


def bug_tables(summary):
    levels = {bug: level for bug, (level, _) in catalogue().items()}
    rates, efforts = [], []
    for bug in summary.bugs:
        cells = [summary.compared(bug, column) for column in summary.columns]
        rates.append([f"`{bug}`", levels.get(bug, ""), scenarios_of(bug)[0], *map(rate, cells)])
        efforts.append([f"`{bug}`", *map(effort, cells)])
    further = [[f"`{cell.cell.bug}`", cell.cell.scenario, rate(cell), effort(cell)]
               for cell in summary.further()]
    return {"rates": table(["bug", "", "scenario", *summary.columns], rates),
            "efforts": table(["bug", *summary.columns], efforts),
            "further": table(["bug", "scenario", "shipped", "to the first detection"], further)}


def share_of(count, total, bold):
    if count == 0:
        return "**0**" if bold else ""
    text = percent(count / total)
    return f"**{text}**" if bold else text


def confusion(summary):
    rows = summaries.confusion(summary)
    reported = sorted({check for row in rows for check in row.checks})
    lines = []
    for row in rows:
        shares = [share_of(row.checks[check], row.failed, check in row.expected) for check in reported]
        named = share_of(row.named, row.failed, True)
        lines.append([" or ".join(row.expected), str(row.failed), named, *shares])
    header = ["expected", "failed", "named", *reported]
    return {"confusion": table(header, lines) if lines else "Nothing has failed."}


def bound(failures, judged):
    if judged == 0:
        return "never judged"
    return f"{failures}/{judged} (< {percent(estimates.upper_bound(failures, judged))} %)"


def correct(summary):
    cells = summary.correct()
    conclusive = sum(cell.trials for cell in cells)
    wrong = summaries.wrongly_failed(summary)
    rows = [[row.check, bound(row.shipped, row.shipped_of), bound(row.loads, row.loads_of)]
            for row in summaries.false_positives(summary)]
    listed = [[one.scenario, one.column, str(one.seed), ", ".join(one.failed)] for one in wrong]
    return {"correct": f"{conclusive:,}", "correct_cells": str(len(cells)),
            "wrong": bound(len(wrong), conclusive) if conclusive else "0",
            "correct_inconclusive": str(sum(cell.inconclusive for cell in cells)),
            "false_positives": table(["check", "shipped scenarios", "ramp and burst"], rows),
            "wrong_list": table(["scenario", "", "seed", "what failed"], listed) if listed
                          else "There is no false positive to list."}


def without_result(summary):
    counted = Counter((cell.cell, execution.verdict) for cell in summary.cells.values()
                      for execution in cell.executions if not summaries.is_conclusive(execution))
    rows = [[f"`{cell.bug}`" if cell.bug else "none", cell.column, cell.scenario, word, str(count)]
            for (cell, word), count in sorted(counted.items())]
    text = table(["bug", "", "scenario", "", "executions"], rows) if rows else "Every execution had a result."
    return {"without_result": text}


def date_of(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M")


def distinct(sessions, key):
    return " or ".join(dict.fromkeys(str(session[key]) for session in sessions))


def conditions(results):
    """The machine, the build, the load, and how to do it again."""
    sessions, played = results.sessions, results.executions
    loads = sorted(one.load for one in played)
    low, high = loads[len(loads) // 20], loads[-1 - len(loads) // 20]
    hours = sum(one.seconds for one in played) / 3600
    first, last = min(one.at for one in played), max(one.at for one in played)
    rows = [["machine", distinct(sessions, "machine")], ["system", distinct(sessions, "system")],
            ["build", f"{distinct(sessions, 'version')}, commit {distinct(sessions, 'commit')}, "
                      f"{distinct(sessions, 'build')}"],
            ["load", f"{distinct(sessions, 'jobs')} executions side by side; load average (1 min): median "
                     f"{statistics.median(loads):.1f}, from 5 to 95 %: {low:.1f} to {high:.1f}"],
            ["when", f"{date_of(first)} to {date_of(last)} UTC, sessions: {len(sessions)}"],
            ["played", f"{len(played):,} executions; one after the other they take {hours:.1f} hours"]]
    commands = dict.fromkeys("    bench/detection/run.py " + shlex.join(session["options"])
                             for session in sessions)
    return {"conditions": table(["", ""], rows), "commands": "\n".join(commands)}


def page(results):
    """The whole page, as Markdown. `results` hold an execution at least."""
    summary = summaries.Summary(results, CHECKS, scenarios_of)
    sanitized = any(session["thread_sanitizer"] for session in results.sessions)
    note = (f" `{NEEDS_THREAD_SANITIZER}` is for a build with ThreadSanitizer, which " +
            ("its server was." if sanitized else "was not at hand: what it shows is a miss here."))
    parts = {"enough": str(ENOUGH_CAMPAIGNS), "sanitizer": note, **overview(summary), **bug_tables(summary),
             **confusion(summary), **correct(summary), **without_result(summary), **conditions(results)}
    return Template(SKELETON.read_text()).substitute(parts)
