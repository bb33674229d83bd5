"""The clients that are compared: how each is started for a measurement, and what only it can tell.

A client has a name and three command lines: `journeys` (so many users at once, so many journeys in all),
`hold` (connect users at once and keep them) and `lateness` (one long run per user, None if it cannot).
"""
import json
import math
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
LONG_RUN_THOUGHTS = 46
LONG_RUN_EVENTS = LONG_RUN_THOUGHTS + 4
SETTLING_US = 300_000
CLOCK_ERROR_US = 200  # a figure that may be wrong by more is none; the target is 1 ms


class Limit:
    name = "limit"
    environment = {}
    stdin = subprocess.PIPE  # its idle mode lives until this closes

    def __init__(self, program):
        self.program = [str(program)]

    def journeys(self, port, users, total):
        return [*self.program, "--port", str(port), "--users", str(users), "--journeys-total", str(total)]

    def hold(self, port, users):
        return [*self.program, "--port", str(port), "--users", str(users), "--mode", "idle"]

    def lateness(self, port, users):
        return [*self.program, "--port", str(port), "--users", str(users), "--events", str(LONG_RUN_EVENTS),
                "--lateness", "yes"]

    def lateness_us(self, measured):
        late = measured.last_json().get("late_us", {})
        return late.get("p50"), late.get("p99")


class Wsrace:
    """The harness. This class is the only place that knows its command line and its reports."""

    name = "wsrace"
    environment = {"WSRACE_JWT_SECRET": "any token is accepted"}
    stdin = subprocess.DEVNULL

    def __init__(self, program, seed):
        self.program = str(program)
        self.seed = seed
        self.folder = tempfile.TemporaryDirectory(prefix="wsrace-bench-")
        self.runs = 0
        self.out = None  # of the latest run

    def command(self, scenario, port, users, *settings):
        self.runs += 1
        self.out = Path(self.folder.name) / str(self.runs)
        url = f"ws://127.0.0.1:{port}/ws"
        return [self.program, "run", str(HERE / "scenarios" / scenario), "--target", url,
                "--users", str(users), "--seed", str(self.seed), "--out", str(self.out), "--quiet", *settings]

    def journeys(self, port, users, total):
        return self.command("journey.json", port, users, "--set", f"journey[1].repeat.times={total // users}")

    def hold(self, port, users):
        return self.command("hold.json", port, users)

    def lateness(self, port, users):
        return self.command("long_run.json", port, users)

    def lateness_us(self, _):
        """Median and p99 of the delay from an event's timestamp to its arrival, out of the run's history."""
        exported = subprocess.run([self.program, "report", str(self.out), "--format", "jsonl"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        history = self.out / "history.jsonl"
        if exported.returncode == 2 or not history.exists():
            return None, None
        with history.open() as lines:
            return lateness_quantiles(map(json.loads, lines))


def lateness_quantiles(events):
    """Median and p99, in microseconds, of arrival minus the server's timestamp; None if nobody can tell.

    Arrivals are on the harness's monotonic clock, timestamps on the wall clock. What lies between the two is
    found as NTP finds it, from both sides: no event is stamped before its request was sent, and none
    arrives before it was stamped. The middle of the narrowest such bounds is wrong by half of their distance.
    Events of the first 300 ms, while users are still connecting, do not count: nor do the limit client's.
    """
    sent, stamped = {}, []
    latest_zero = math.inf  # the harness's zero on the wall clock is no later than this
    for event in events:
        key = event.get("user"), event.get("connection"), event.get("request")
        arrived = event["at_ns"] / 1000
        if event["type"] == "request_sent":
            sent[key] = arrived
        elif event["kind"] == "frame" and "run" in event and "timestamp_us" in event:
            stamped.append((event["timestamp_us"], arrived - event["timestamp_us"]))
            if key in sent:
                latest_zero = min(latest_zero, event["timestamp_us"] - sent[key])
    if not stamped or latest_zero is math.inf:
        return None, None
    settled = min(stamped)[0] + SETTLING_US
    late = sorted(delay for stamp, delay in stamped if stamp >= settled)
    earliest_zero = -min(delay for _, delay in stamped)
    if not 0 <= latest_zero - earliest_zero <= 2 * CLOCK_ERROR_US:
        return None, None  # less than nothing: the wall clock was set meanwhile
    zero = (earliest_zero + latest_zero) / 2
    return tuple(late[int(part * (len(late) - 1))] + zero for part in (0.5, 0.99))


class K6:
    name = "k6"
    stdin = subprocess.DEVNULL
    environment = {}

    def __init__(self, program):
        self.program = program

    def command(self, port, users, iterations, hold):
        return [self.program, "run", "--quiet", "--no-usage-report", "--vus", str(users), "--iterations",
                str(iterations), "-e", f"PORT={port}", "-e", f"HOLD={hold}",
                str(HERE / "peers" / "k6_journey.js")]

    def journeys(self, port, users, total):
        return self.command(port, users, total, "")

    def hold(self, port, users):
        return self.command(port, users, users, "yes")

    def lateness(self, _port, _users):
        return None


class Artillery:
    name = "artillery"
    stdin = subprocess.DEVNULL

    def __init__(self, program):
        self.program = program
        self.environment = {"ARTILLERY_DISABLE_TELEMETRY": "true", "WORKERS": "1"}

    def command(self, port, users, each, hold):
        # The script's variables come from the environment: there is no other way to set a phase's count.
        self.environment.update(USERS=str(users), EACH=str(each), HOLD=hold)
        return [self.program, "run", "--quiet", "--target", f"ws://127.0.0.1:{port}/ws",
                str(HERE / "peers" / "artillery_journey.yml")]

    def journeys(self, port, users, total):
        return self.command(port, users, total // users, "")

    def hold(self, port, users):
        return self.command(port, users, 1, "yes")

    def lateness(self, _port, _users):
        return None


def find_clients(options, say):
    """The clients that can be measured here, the limit first; says which are left out."""
    clients = [Limit(options.build / "bench" / "limit_client")]
    wsrace = options.wsrace or options.build / "harness" / "wsrace"
    if wsrace.exists():
        clients.append(Wsrace(wsrace, options.seed))
    else:
        say(f"wsrace: skipped, {wsrace} is not built")
    for peer in (K6, Artillery):
        program = shutil.which(peer.name)
        if program:
            clients.append(peer(program))
        else:
            say(f"{peer.name}: skipped, not installed")
    return clients
