#!/usr/bin/python3
"""What `wsrace proxy` costs when it does nothing: an echo through it and an echo beside it, in turns.

    bench/proxy_overhead.py --wsrace build/release/harness/wsrace [--rounds 20000] [--idle 0] [--fault JSON]

One client sends 200 bytes, waits for their echo, and does so in turns on a connection to the server and on
one through the proxy; the difference of the quantiles is what the proxy adds to a round trip, which passes it
twice. With --idle N connections stand open through the proxy besides, and each has an echo at the end.
Client, server and proxy are three processes.
"""

import argparse
import json
import os
import resource
import selectors
import signal
import socket
import subprocess
import sys
import time

MESSAGE = b"x" * 200
BATCH = 500  # connections that are opened before their echoes are awaited


def raise_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def echo_server(listener):
    """Everything comes back, on any number of connections; for ever."""
    raise_limit()
    poll = selectors.EpollSelector()
    listener.setblocking(False)
    poll.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in poll.select():
            if key.fileobj is listener:
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                poll.register(connection, selectors.EVENT_READ)
                continue
            try:
                data = key.fileobj.recv(65536)
                if data:
                    key.fileobj.sendall(data)
                    continue
            except OSError:
                pass
            poll.unregister(key.fileobj)
            key.fileobj.close()


def connect(address):
    host, port = address.rsplit(":", 1)
    connection = socket.create_connection((host, int(port)), 30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def echo(connection):
    """How long one round trip takes, in microseconds."""
    begin = time.perf_counter_ns()
    connection.sendall(MESSAGE)
    left = len(MESSAGE)
    while left:
        data = connection.recv(left)
        if not data:
            raise SystemExit("a connection ended")
        left -= len(data)
    return (time.perf_counter_ns() - begin) / 1000


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measure(direct, through, rounds):
    times = {"direct": [], "through": []}
    for _ in range(rounds):
        times["direct"].append(echo(direct))
        times["through"].append(echo(through))
    return times


def open_idle(address, count):
    """Connections that have each had an echo; in batches, so that the proxy's backlog holds them."""
    idle = []
    while len(idle) < count:
        batch = [connect(address) for _ in range(min(BATCH, count - len(idle)))]
        for connection in batch:
            echo(connection)
        idle += batch
    return idle


def resident(process):
    """In KiB."""
    with open(f"/proc/{process}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wsrace", required=True)
    parser.add_argument("--rounds", type=int, default=20000)
    parser.add_argument("--idle", type=int, default=0)
    parser.add_argument("--fault", action="append", default=[])
    options = parser.parse_args()
    raise_limit()
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    server = os.fork()
    if server == 0:
        echo_server(listener)
    upstream = f"127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
    command = [options.wsrace, "proxy", "--upstream", upstream]
    for fault in options.fault:
        command += ["--fault", fault]
    proxy = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = proxy.stdout.readline().split()[-1]
        direct, through = connect(upstream), connect(address)
        measure(direct, through, 200)  # warm
        begin = time.monotonic()
        idle = open_idle(address, options.idle)
        took = time.monotonic() - begin
        memory = resident(proxy.pid)
        times = measure(direct, through, options.rounds)
        for connection in idle:
            echo(connection)
        result = {"idle_connections": len(idle), "opened_in_s": round(took, 2), "proxy_rss_kib": memory,
                  "rounds": options.rounds, "load": os.getloadavg()[0]}
        for share in (0.5, 0.9, 0.99, 0.999):
            one, other = quantile(times["direct"], share), quantile(times["through"], share)
            result[f"p{share * 100:g}_us"] = {"direct": round(one, 1), "through": round(other, 1),
                                              "added": round(other - one, 1)}
        print(json.dumps(result, indent=2))
    finally:
        os.kill(server, signal.SIGKILL)
        os.waitpid(server, 0)
        proxy.send_signal(signal.SIGTERM)
        print(proxy.communicate(timeout=30)[0].strip(), file=sys.stderr)


if __name__ == "__main__":
    main()
