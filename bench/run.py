#!/usr/bin/python3
"""Measures what the harness costs as a client, against the limit and against other tools, and prints ratios.

Server and client are pinned to one core each; clients take turns (A B A B), every pair in a network of its
own where the kernel allows. Medians are printed as a Markdown table; --json FILE keeps every single figure.
"""
import argparse
import json
import os
import platform
import signal
import statistics
import sys
from pathlib import Path

from clients import LONG_RUN_THOUGHTS, find_clients
from lab import FastServer, Measured, fresh_network, settled_kib

HERE = Path(__file__).resolve().parent
LIMIT_SECONDS = 180
# Each measurement: what its figures are called, and the unit to print.
UNITS = {"cpu_100": "CPU s per 1,000 journeys, 100 at once",
         "cpu_1000": "CPU s per 1,000 journeys, 1,000 at once",
         "peak_1000": "peak memory MiB, 1,000 in journeys",
         "connect": "connect at once: s until all welcomed",
         "lost": "connect at once: users lost", "idle_low": "memory MiB, 1,000 idle users",
         "idle_high": "memory MiB, most idle users", "idle_user": "KiB per further idle user",
         "late_p50": "event lateness p50, us", "late_p99": "event lateness p99, us"}
STEPS = ["journeys_100", "journeys_1000", "connect", "idle", "lateness"]
RATIOS = ["cpu_100", "cpu_1000", "connect"]


class Bench:
    def __init__(self, options, say):
        self.options = options
        self.say = say
        self.server_program = options.build / "bench" / "fast_server"
        self.own_network = True

    def pair(self, *server_options):
        self.own_network = fresh_network() and self.own_network
        return FastServer(self.server_program, self.options.server_core, *server_options)

    def start(self, client, command):
        return Measured(command, self.options.client_core, client.stdin, client.environment)

    def journeys(self, client, users):
        total = max(users, self.options.journeys)
        with self.pair() as server, self.start(client, client.journeys(server.port, users, total)) as run:
            measured = run.wait(LIMIT_SECONDS)
            done = server.stats()["completed_runs"]
        if done < total:
            self.say(f"{client.name}: {done} of {total} journeys, status {measured.status}")
            self.say(measured.output[-500:])
        if done == 0:
            return {}
        figures = {f"cpu_{users}": measured.cpu_seconds / done * 1000}
        if users == 1000:
            figures["peak_1000"] = measured.peak_kib / 1024
        return figures

    def hold(self, client, users, use):
        """Connects users at once; `use` reads its figure from the held client and the server's counters."""
        with self.pair() as server, self.start(client, client.hold(server.port, users)) as held:
            stats = server.wait_for_users(users, held, LIMIT_SECONDS)
            if held.status is not None:
                self.say(f"{client.name}: ended instead of holding {users} users: {held.output[-500:]}")
                return {}
            figure = use(held, stats)
            held.end(LIMIT_SECONDS)
            return figure

    def connect(self, client):
        users = self.options.connect_users

        def use(_, stats):
            return {"connect": stats["welcoming_seconds"], "lost": users - stats["active_connections"]}

        return self.hold(client, users, use)

    def idle(self, client):
        low, high = 1000, self.options.idle_users

        def use(held, _):
            return {"kib": settled_kib(held.process.pid)}

        at_low, at_high = self.hold(client, low, use), self.hold(client, high, use)
        if not at_low or not at_high:
            return {}
        return {"idle_low": at_low["kib"] / 1024, "idle_high": at_high["kib"] / 1024,
                "idle_user": (at_high["kib"] - at_low["kib"]) / (high - low)}

    def lateness(self, client):
        with self.pair("--event-gap", "20ms", "--thinking", str(LONG_RUN_THOUGHTS)) as server:
            command = client.lateness(server.port, 1000)
            if command is None:
                return {}
            with self.start(client, command) as measured:
                measured.wait(LIMIT_SECONDS)
        p50, p99 = client.lateness_us(measured)
        return {} if p99 is None else {"late_p50": p50, "late_p99": p99}


def measure(bench, clients, options):
    """Every figure of every round: {client: {figure: [values]}}. In a round the clients take turns."""
    steps = {"journeys_100": lambda client: bench.journeys(client, 100),
             "journeys_1000": lambda client: bench.journeys(client, 1000),
             "connect": bench.connect, "idle": bench.idle, "lateness": bench.lateness}
    results = {client.name: {} for client in clients}
    for name in options.only or STEPS:
        for number in range(1, options.rounds + 1):
            for client in clients:
                figures = steps[name](client)
                shown = ", ".join(f"{key} {value:.4g}" for key, value in figures.items()) or "nothing"
                bench.say(f"{name} round {number}: {client.name}: {shown}")
                for key, value in figures.items():
                    results[client.name].setdefault(key, []).append(value)
    return results


def medians(results):
    return {name: {key: statistics.median(values) for key, values in figures.items()}
            for name, figures in results.items()}


def ratios(middle):
    """How often the limit's cost each client has, and for lateness how much it adds to the limit's."""
    limit = middle["limit"]
    out = {}
    for name, figures in middle.items():
        out[name] = {key: figures[key] / limit[key] for key in RATIOS if limit.get(key) and key in figures}
        if "late_p99" in figures and "late_p99" in limit:
            out[name]["late_p99_added_us"] = figures["late_p99"] - limit["late_p99"]
    return out


def machine():
    with open("/proc/cpuinfo") as info:
        names = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    model = names[0] if names else platform.machine()
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(), "load": os.getloadavg()[0]}


def table(middle, ratio):
    names = list(middle)
    lines = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for key, title in UNITS.items():
        if not any(key in figures for figures in middle.values()):
            continue
        cells = []
        for name in names:
            value = middle[name].get(key)
            times = ratio[name].get(key)
            suffix = f" ({times:.2f} x)" if times is not None and name != "limit" else ""
            cells.append("-" if value is None else f"{value:.4g}{suffix}")
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=HERE.parent / "build" / "release")
    parser.add_argument("--wsrace", type=Path, help="default: the one in the build folder")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", choices=STEPS, help="may be repeated; default: all")
    parser.add_argument("--client", action="append", help="only this client; the limit always takes part")
    parser.add_argument("--journeys", type=int, default=10000, help="journeys of one measurement")
    parser.add_argument("--connect-users", type=int, default=5000)
    parser.add_argument("--idle-users", type=int, default=15000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--client-core", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write every figure here")
    return parser.parse_args()


def main():
    options = parse_options()

    def say(text):
        print(text, file=sys.stderr, flush=True)

    clients = [client for client in find_clients(options, say)
               if not options.client or client.name in ["limit", *options.client]]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that contexts end the pair
    os.sched_setaffinity(0, {options.server_core})  # what this script does must not delay the client
    bench = Bench(options, say)
    about = machine()
    results = measure(bench, clients, options)
    middle = medians(results)
    ratio = ratios(middle)
    about["own_network_per_pair"] = bench.own_network
    network = "a network per pair" if bench.own_network else "common loopback"
    print(f"Machine: {about['cpu']}, {about['cores']} cores, Linux {about['kernel']}, "
          f"load {about['load']:.1f}; median of {options.rounds}; {network}\n")
    print(table(middle, ratio))
    if options.json:
        document = {"machine": about, "rounds": options.rounds, "figures": results, "medians": middle,
                    "ratios_to_limit": ratio}
        options.json.write_text(json.dumps(document, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
