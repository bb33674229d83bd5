"""docs/detection_hunt.md from the results alone: hunt_page.md with its tables filled in."""

import datetime
import statistics
from pathlib import Path
from string import Template

import outcomes
from cells import title
from page import distinct, percent, seconds_text, table  # of bench/detection

SKELETON = Path(__file__).resolve().parent / "hunt_page.md"
LOADS = {"ramp": "ramp", "burst": "burst", "few": "ramp of as few users"}


def short(record):
    """One line about one measurement, for whoever watches."""
    if "failures" in record:
        found = ", ".join(f"{one['signature']}{'' if one['race'] else ' (serial)'} {one['executions']}x"
                          for one in record["failures"][:5]) or "nothing"
        return (f"{record['seconds']:.1f} s, {record['executions']} executions, {record['voided']} void, "
                f"{record['failed']} failed: {found} {record['problem']}")
    hidden = ("part", "bug", "window", "scenario", "number", "output", "at")
    return ", ".join(f"{key} {value}" for key, value in record.items() if key not in hidden)


def counted(hits, trials):
    return f"{hits}/{trials}" if trials else "–"


def rate_text(rate):
    if rate is None or not rate.trials:
        return "–"
    return f"{percent(rate.hits / rate.trials)} % ({counted(*rate)})"


def bounded(value, reached, text):
    return text if reached else f"> {text}"


def rates_of(records):
    """p of each cell by the hunt's portfolio ("rate") and by the loads."""
    ways = {"rate": outcomes.portfolio_rate, **dict.fromkeys(LOADS, outcomes.load_rate)}
    return {part: {cell: of(found) for cell, found in outcomes.by_cell(records, part).items()}
            for part, of in ways.items()}


def campaigns_table(records, part):
    rates = rates_of(records)
    rows = []
    for cell, found in outcomes.by_cell(records, part).items():
        campaigns = outcomes.Campaigns(found)
        executions, counted_to = campaigns.executions()
        seconds, timed = campaigns.seconds()
        row = [f"`{cell.bug}`{title(cell)[len(cell.bug):]}", cell.scenario,
               counted(len(campaigns.found), len(campaigns.conclusive)),
               counted(len(campaigns.named), len(campaigns.found)),
               counted(len(campaigns.serial), len(campaigns.found)),
               bounded(executions, counted_to, str(executions)),
               bounded(seconds, timed, seconds_text(seconds))]
        if part == "hunt":
            row += [rate_text(of.get(cell)) for of in rates.values()]
        rows.append(row)
    header = ["bug", "from", "found", "named", "one user shows it", "executions", "time"]
    rates_header = ["p of the hunt", *(f"p of {name}" for name in LOADS.values())]
    return table(header + (rates_header if part == "hunt" else []), rows)


def overview(records):
    campaigns = {cell: outcomes.Campaigns(found)
                 for cell, found in outcomes.by_cell(records, "hunt").items()}
    found = sum(len(one.found) for one in campaigns.values())
    played = sum(len(one.conclusive) for one in campaigns.values())
    named = sum(len(one.named) for one in campaigns.values())
    enough = sum(len(one.found) >= 0.95 * len(one.conclusive) for one in campaigns.values())
    named_enough = sum(len(one.named) >= 0.95 * len(one.conclusive) for one in campaigns.values())
    missed = [title(cell) for cell, one in campaigns.items() if not one.found]
    inconclusive = sum(one.inconclusive for one in campaigns.values())
    rows = [["campaigns that found something",
             f"{counted(found, played)}, of these with a check that names the bug {named}; "
             f"inconclusive: {inconclusive}"],
            ["bugs and windows found in at least 95 % of their campaigns", counted(enough, len(campaigns))],
            ["the same, with a check that names the bug", counted(named_enough, len(campaigns))],
            ["never found", ", ".join(missed) or "none"]]
    rates = rates_of(records)
    common = [cell for cell in rates["rate"] if all(rates[load].get(cell) for load in LOADS)]
    names = {"rate": "the hunt's portfolio", **LOADS}
    means = {part: outcomes.mean_share([rates[part][cell] for cell in common]) for part in names}
    for part, name in names.items():
        mean = means[part]
        text = "–" if mean is None else f"{percent(mean)} % ({len(common)} rows)"
        rows.append([f"mean of p, {name}", text])
    few, hunted = means["few"], means["rate"]
    rows.append([f"mean p of the hunt over that of a {LOADS['few']}", f"{hunted / few:.1f}" if few else "–"])
    lost = [title(cell) for cell, one in campaigns.items() if not one.found and
            any(rates[load].get(cell) and rates[load][cell].hits for load in LOADS)]
    rows.append(["found by ramp or burst, and missed by the hunt", ", ".join(lost) or "none"])
    return table(["", ""], rows)


def yes(value):
    return "yes" if value else "**no**"


def shrinking(records):
    found = [outcomes.shrunk(cell, one[-1]) for cell, one in outcomes.by_cell(records, "shrink").items()]
    rows = []
    for one in found:
        record, name = one.record, f"`{one.cell.bug}`{title(one.cell)[len(one.cell.bug):]}"
        if not record["found"] or not record["shrunk"]:
            rows.append([name, "not shrunk" if record["found"] else "not found", *[""] * 10])
            continue
        rows.append([name, str(record["elements_before"]), str(one.left), str(one.known),
                     yes(one.small), str(record["users"]), f"{record['seconds']:.0f} s", str(record["plays"]),
                     *(counted(*record[key]) for key in ("before", "after", "one_core", "stressed"))])
    header = ["bug", "elements", "left", "known", "at most 1.5 times", "users", "time", "plays", "p before",
              "p after", "one core", "busy"]
    good = [one for one in found if one.record["found"]]
    tried = {one["bug"] for one in records if one["part"] == "shrink"}
    not_tried = sorted({one["bug"] for one in records} - tried)
    words = [("small enough", "small"), ("p at least 0.8 of before", "kept"), ("within 5 minutes", "fast"),
             ("failed again on one core and on busy ones", "again")]
    summary = "; ".join(f"{text}: {counted(sum(getattr(one, name) for one in good), len(good))}"
                        for text, name in words)
    return {"shrinking": table(header, rows) if rows else "Nothing was shrunk yet.", "shrunk": summary or "–",
            "not_shrunk": ", ".join(f"`{bug}`" for bug in not_tried) or "none"}


def trials(records):
    rows = [[f"`{bug}`", server, counted(right, answered), str(undecided)]
            for (bug, server), (right, answered, undecided)
            in outcomes.trials([one for one in records if one["part"] == "fixed"]).items()]
    return {"trials": table(["bug", "server", "right answers", "no answer"], rows) if rows
            else "No trial was made yet."}


def date_of(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M")


def conditions(sessions, records):
    loads = sorted(one["load"] for one in records if "load" in one) or [0]
    low, high = loads[len(loads) // 20], loads[-1 - len(loads) // 20]
    rows = [["machine", distinct(sessions, "machine")], ["system", distinct(sessions, "system")],
            ["build", f"{distinct(sessions, 'version')}, commit {distinct(sessions, 'commit')}, "
                      f"{distinct(sessions, 'build')}"],
            ["load", f"{distinct(sessions, 'jobs')} executions side by side in each of "
                     f"{distinct(sessions, 'side_by_side')} measurements; load average (1 min): median "
                     f"{statistics.median(loads):.1f}, from 5 to 95 %: {low:.1f} to {high:.1f}"],
            ["budget", f"{distinct(sessions, 'budget')} s for each campaign and each load"],
            ["when", f"{date_of(min(one['at'] for one in records))} to "
                     f"{date_of(max(one['at'] for one in records))} UTC, sessions: {len(sessions)}"]]
    return table(["", ""], rows)


def page(sessions, records):
    """The whole page, as Markdown. There is one record at least."""
    golden = outcomes.by_cell(records, "golden")
    parts = {"overview": overview(records), "campaigns": campaigns_table(records, "hunt"),
             "golden": campaigns_table(records, "golden") if golden else "Not played yet.",
             **shrinking(records), **trials(records), "conditions": conditions(sessions, records)}
    return Template(SKELETON.read_text()).substitute(parts)
