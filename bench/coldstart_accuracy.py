#!/usr/bin/python3
"""How well `wsrace coldstart` finds windows that are known to the millisecond.

    bench/coldstart_accuracy.py --wsrace PROGRAM [--widths 5,50,500,2000] [--searches 20] [--offsets 0..5s]
    bench/coldstart_accuracy.py --wsrace PROGRAM --correct [--searches 100]

The first form puts a window of each width at places drawn by the search's number and prints one line per
search and the medians; the second searches the correct reference server and counts windows (there must be
none).
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

SERVER = Path(__file__).resolve().parents[1] / "tests" / "end_to_end" / "window_server.py"


def scenario(folder, begin, until):
    command = [sys.executable, str(SERVER), "--port", "{port}", "--from", str(begin), "--until", str(until)]
    text = {"name": "window", "profile": "netra_token",
            "target": {"server": {"command": command, "ready": "port_open", "stop_within": "1s"}},
            "journey": ["login", "connect", "await_welcome", {"request": {"text": "hello {canary}"}},
                        "await_events", "close"]}
    file = Path(folder) / "window.json"
    file.write_text(json.dumps(text))
    return file


def search(program, folder, name, *options):
    out = Path(folder) / "out"
    command = [program, "coldstart", str(name), "--out", str(out), "--quiet", *options]
    environment = {**os.environ, "WSRACE_TOKEN": "bench-token"}
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=environment)
    return json.loads((out / "coldstart.json").read_text())


def measure(program, width, number, offsets):
    """Boots, and both edges' errors in milliseconds; None when not exactly one window was found."""
    draw = random.Random(f"{width} {number}")
    last = float(offsets.split("..")[1].removesuffix("s")) * 1000 - width - 50
    begin = round(draw.uniform(20, last), 3)
    with tempfile.TemporaryDirectory() as folder:
        found = search(program, folder, scenario(folder, begin, begin + width), "--offsets", offsets,
                       "--seed", str(number))
    windows, boots = found["windows"], found["search"]["boots"]
    if len(windows) != 1:
        return boots, None, f"{len(windows)} windows: {[window['sentence'] for window in windows]}"
    errors = [windows[0]["from"]["at_ms"] - begin, windows[0]["until"]["at_ms"] - begin - width]
    return boots, errors, f"edge errors {errors[0]:+.2f} ms, {errors[1]:+.2f} ms"


def accuracy(options):
    for width in map(float, options.widths.split(",")):
        boots, worst = [], []
        for number in range(options.searches):
            used, errors, text = measure(options.wsrace, width, number, options.offsets)
            print(f"{width:g} ms, search {number}: {used} boots, {text}", flush=True)
            boots.append(used)
            worst.append(max(map(abs, errors)) if errors else float("inf"))
        within = sum(error <= 5 for error in worst)
        print(f"{width:g} ms: median of {len(worst)}: {median(boots)} boots, worse edge {median(worst):.2f} "
              f"ms; both within 5 ms in {within}", flush=True)


def correct(options):
    false_alarms = 0
    for number in range(options.searches):
        with tempfile.TemporaryDirectory() as folder:
            found = search(options.wsrace, folder, "cold_start", "--offsets", "0..1200ms", "--boots", "12",
                           "--seed", str(number))
        alarm = bool(found["windows"] or found["readiness_lie"])
        false_alarms += alarm
        if alarm or found["problem"] or found["isolated_bad"]:
            print(f"search {number}: {found['windows']} {found['readiness_lie']} {found['problem']} "
                  f"isolated {found['isolated_bad']} {found['outcomes']}", flush=True)
        if number % 10 == 9:
            print(f"{number + 1} searches, {false_alarms} false alarms", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wsrace", required=True)
    parser.add_argument("--widths", default="5,50,500,2000")
    parser.add_argument("--searches", type=int, default=20)
    parser.add_argument("--offsets", default="0..5s")
    parser.add_argument("--correct", action="store_true")
    options = parser.parse_args()
    (correct if options.correct else accuracy)(options)


if __name__ == "__main__":
    main()
