"""The pictures of docs/detection.md. The same results give the same bytes."""

import math

from svg import Picture

COLOURS = {"ramp": "#8a9099", "burst": "#e08214", "shipped": "#2166ac"}
OTHER_COLOURS = ("#1b7837", "#762a83", "#b2182b")
GRID, STRIPE = "#dadce0", "#f5f6f8"
SHORTEST, LONGEST = 0.2, 600  # seconds
MARKS = (0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600)
MOST_POINTS = 300  # of a curve


def colours(columns):
    others = [column for column in columns if column not in COLOURS]
    known = {**COLOURS, **dict(zip(others, OTHER_COLOURS * len(others)))}
    return {column: known[column] for column in columns}


def ordered_bugs(summary):
    """The hardest first: by how well the first column finds them, then the next one."""
    def rates(bug):
        cells = [summary.compared(bug, column) for column in summary.columns]
        return [cell.rate if cell is not None else 0 for cell in cells]
    return sorted(summary.bugs, key=rates)


def probability(summary, path):
    """A dot with its interval for each bug and column."""
    left, right, top, row = 200, 760, 50, 11 * len(summary.columns)
    bugs, colour = ordered_bugs(summary), colours(summary.columns)
    bottom = top + row * len(bugs)
    picture = Picture(right + 40, bottom + 50)
    for number, bug in enumerate(bugs):
        y = top + row * number
        if number % 2 == 0:
            picture.shape("rect", x=0, y=y, width=right + 40, height=row, fill=STRIPE)
        picture.text((left - 12, y + row / 2 + 4), bug, anchor="end")
    for tenth in range(0, 11, 2):
        x = left + (right - left) * tenth / 10
        picture.line((x, top), (x, bottom), GRID)
        picture.text((x, bottom + 18), f"{10 * tenth} %", anchor="middle")
    for number, bug in enumerate(bugs):
        for place, column in enumerate(summary.columns):
            cell = summary.compared(bug, column)
            if cell is None or cell.trials == 0:
                continue
            y = top + row * number + row * (place + 0.5) / len(summary.columns)
            low, at, high = (left + (right - left) * rate
                             for rate in (cell.interval.low, cell.rate, cell.interval.high))
            picture.line((low, y), (high, y), colour[column], width=1.6)
            picture.dot((at, y), colour[column], hollow=cell.detections == 0)
    picture.text(((left + right) / 2, bottom + 38), "detections per execution, with their 95 % interval; "
                 "hollow: never found", anchor="middle")
    picture.legend((left, top - 18), colour)
    picture.write(path)


def moments(cells):
    """Times at which a share of found bugs can change; few enough for a small file."""
    ends = {campaign.seconds for cell in cells for campaign in cell.campaigns if campaign.found}
    times = [SHORTEST, *sorted(end for end in ends if SHORTEST < end < LONGEST), LONGEST]
    if len(times) <= MOST_POINTS:
        return times
    return times[:-1:len(times) // MOST_POINTS + 1] + times[-1:]


def curve(cells, place):
    """The corners of the mean, over the bugs, of the probability to have found the bug after a time."""
    points, share = [], 0.0
    for time in moments(cells):
        points.append(place(time, share))
        share = sum(cell.found_within(time) for cell in cells) / len(cells)
        points.append(place(time, share))
    return points


def time_to_detection(summary, path):
    """For each column, how many bugs are found after a time that is spent on each."""
    left, right, top, bottom = 70, 760, 40, 340
    colour = colours(summary.columns)
    picture = Picture(right + 40, bottom + 50)

    def place(seconds, share):
        along = math.log(seconds / SHORTEST) / math.log(LONGEST / SHORTEST)
        return left + (right - left) * along, bottom - (bottom - top) * share

    for fifth in range(6):
        picture.line(place(SHORTEST, fifth / 5), place(LONGEST, fifth / 5), GRID)
        picture.text((left - 8, place(SHORTEST, fifth / 5)[1] + 4), f"{20 * fifth} %", anchor="end")
    for mark in MARKS:
        picture.line(place(mark, 0), place(mark, 1), GRID)
        picture.text((place(mark, 0)[0], bottom + 18), f"{mark:g}", anchor="middle")
    for column in summary.columns:
        cells = summary.column(column)
        if cells:
            picture.path(curve(cells, place), colour[column])
    picture.text(((left + right) / 2, bottom + 38),
                 "seconds spent on each bug, one execution after the other", anchor="middle")
    picture.legend((left, top - 16), colour)
    picture.text((right, top - 16), "bugs found", anchor="end")
    picture.write(path)


def draw(summary, folder):
    """Writes them; of the correct server alone there is nothing to draw."""
    if not summary.bugs:
        return
    folder.mkdir(parents=True, exist_ok=True)
    probability(summary, folder / "probability.svg")
    time_to_detection(summary, folder / "time.svg")
