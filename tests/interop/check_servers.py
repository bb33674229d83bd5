#!/usr/bin/python3
"""Checks the two servers of this folder with a client of its own, so that wsrace's findings on them count.

Each server must be clean under many concurrent users with every token carrier, must refuse bad credentials
before accept and must say 1001 on SIGTERM; and those of its bugs must show that a plain load triggers.
"""
import argparse
import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import os
import re
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import websockets

HERE = Path(__file__).resolve().parent
SECRET = "only-for-this-check"
EVENTS = ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]
FIELDS = {"agent_started": ["status", "message", "context"], "agent_thinking": ["reasoning", "step_number"],
          "tool_executing": ["tool_name", "parameters", "execution_id"],
          "tool_completed": ["tool_name", "result", "execution_id", "execution_time_ms"],
          "agent_completed": ["status", "result", "final_response", "execution_time_ms"]}
SERVERS = {"fastapi": (["/usr/bin/python3", str(HERE / "fastapi_server.py")],
                       ["shared_manager", "first_match_router", "swapped_payload", "manager_per_message",
                        "thread_as_address"]),
           "node": (["node", str(HERE / "node_server.cjs")], ["first_match_router", "swapped_payload"])}
CARRIERS = ["header", "subprotocol", "query", "ticket"]
LIMIT_SECONDS = 60


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def mint(user, secret=SECRET, algorithm="HS256", **changes):
    claims = {"sub": user, "email": f"{user}@example.test", "permissions": [], "iat": int(time.time()),
              "exp": int(time.time()) + 600, "type": "access", "iss": "check", **changes}
    parts = ({"alg": algorithm, "typ": "JWT"}, claims)
    signed = ".".join(b64url(json.dumps(part).encode()) for part in parts)
    return signed + "." + b64url(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())


def call(base, path, body=None, headers=None):
    """One HTTP call; the status and the parsed body."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(base + path, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=LIMIT_SECONDS) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


@contextlib.asynccontextmanager
async def started(name, *options):
    """A server process on a port of its own; yields the process and its address. Ended by SIGTERM."""
    process = await asyncio.create_subprocess_exec(
        *SERVERS[name][0], "--port", "0", *options, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "WSRACE_JWT_SECRET": SECRET})
    try:
        line = await asyncio.wait_for(process.stdout.readline(), LIMIT_SECONDS)
        yield process, re.fullmatch(r"listening on (127\.0\.0\.1:\d+)\n", line.decode()).group(1)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), LIMIT_SECONDS)


async def connect(address, token, carrier="header", path="/ws"):
    url, extra = f"ws://{address}{path}", {}
    if carrier == "header":
        extra = {"extra_headers": {"Authorization": f"Bearer {token}"}, "subprotocols": ["jwt-auth"]}
    elif carrier == "subprotocol":
        extra = {"subprotocols": ["jwt-auth", "jwt." + b64url(token.encode())]}
    elif carrier == "query":
        url += "?token=" + token
    else:
        headers = {"Authorization": f"Bearer {token}"}
        body = {"ttl_seconds": 30, "single_use": True}
        _, ticket = await asyncio.to_thread(call, f"http://{address}", "/api/websocket/ticket", body, headers)
        url += "?ticket=" + ticket["ticket_id"]
    extra.update(open_timeout=LIMIT_SECONDS, compression=None, max_queue=None)
    return await websockets.connect(url, **extra)


async def next_frame(socket):
    return json.loads(await asyncio.wait_for(socket.recv(), LIMIT_SECONDS))


def event_of(frame):
    """Type, ids, fields of an event in either server's form."""
    payload = frame["payload"]
    if "type" in frame:
        return frame["type"], frame, payload
    return payload["type"], payload, payload


def judge(user, texts, frames):
    """Every way in which these events are not what the user with these requests must get."""
    problems = []
    runs = {}
    foreign = re.compile(r"canary-[\w-]+")
    for frame in frames:
        kind, ids, fields = event_of(frame)
        runs.setdefault(ids["run_id"], []).append(kind)
        if ids["user_id"] != user:
            problems.append(f"{user}: {kind} names {ids['user_id']}")
        strangers = [word for word in foreign.findall(json.dumps(frame)) if word not in texts]
        if strangers:
            problems.append(f"{user}: {kind} carries {strangers[0]}")
        missing = [name for name in FIELDS[kind] if name not in fields]
        if missing or "timestamp" not in frame or not ids["thread_id"]:
            problems.append(f"{user}: {kind} lacks {missing or 'timestamp or thread'}")
    problems += [f"{user}: {run} got {kinds}" for run, kinds in runs.items() if kinds != EVENTS]
    if len(runs) != len(texts):
        problems.append(f"{user}: {len(runs)} runs for {len(texts)} requests")
    return problems


async def visit(address, user, carrier, path, patience):
    """One user: welcome, two requests at once, a ping among them, all events, close. Returns the problems."""
    socket = await connect(address, mint(user), carrier, path)
    welcome = await next_frame(socket)
    about = welcome.get("data", welcome)
    names = (welcome.get("type"), about.get("event"))
    if "connection_established" not in names or about["user_id"] != user:
        return [f"{user}: not a welcome: {welcome}"]
    texts = [f"canary-{user}-1", f"canary-{user}-2"]
    payload = {"user_request": texts[0], "thread_id": None}
    await socket.send(json.dumps({"type": "start_agent", "payload": payload}))
    await socket.send(json.dumps({"type": "user_message", "content": texts[1], "thread_id": "mine"}))
    await socket.send(json.dumps({"type": "ping", "payload": {"timestamp": 17}}))
    frames, pongs = [], []
    with contextlib.suppress(asyncio.TimeoutError):
        while len(frames) < 2 * len(EVENTS) or not pongs:
            frame = json.loads(await asyncio.wait_for(socket.recv(), patience))
            (pongs if frame.get("type") == "pong" else frames).append(frame)
    await socket.close()
    problems = judge(user, texts, frames)
    if [pong["data"]["user_id"] for pong in pongs] != [user]:
        problems.append(f"{user}: pongs {pongs}")
    return problems


async def load(address, users, patience=LIMIT_SECONDS):
    paths = ["/ws", "/api/v1/websocket"]
    visits = [visit(address, f"u-check-{n}", CARRIERS[n % 4], paths[n % 2], patience) for n in range(users)]
    return [problem for problems in await asyncio.gather(*visits) for problem in problems]


def check_login(base):
    account = {"email": "a@example.test", "password": "p", "name": "A"}
    status, body = call(base, "/auth/register", account)
    assert status == 200 and body["token_type"] == "Bearer" and body["user"]["id"], body
    assert call(base, "/auth/register", account)[0] == 409
    assert call(base, "/auth/register", {"email": "b@example.test"})[0] == 422
    assert call(base, "/auth/login", {**account, "password": "q"})[0] == 401
    assert call(base, "/auth/login", {"email": "a@example.test"})[0] == 422
    status, again = call(base, "/auth/login", account)
    assert status == 200 and again["user"] == body["user"], again
    assert call(base, "/auth/refresh", {"refresh_token": body["refresh_token"]})[0] == 200
    assert call(base, "/auth/refresh", {"refresh_token": body["access_token"]})[0] == 401
    assert call(base, "/auth/refresh", {})[0] == 422
    valid = call(base, "/auth/validate", {"token": body["access_token"]})[1]
    assert valid["valid"] and valid["user_id"] == body["user"]["id"], valid
    assert valid["expires_at"] > time.time(), valid
    assert call(base, "/auth/validate", {"token": "x"})[1]["valid"] is False
    assert call(base, "/api/websocket/ticket", {})[0] == 401
    assert call(base, "/health")[1]["status"] == "healthy" and call(base, "/health/ready")[0] == 200
    counters = {"active_connections", "total_connections", "active_runs", "managers"}
    assert counters <= set(call(base, "/ws/health")[1]) and counters <= set(call(base, "/ws/stats")[1])
    return body["access_token"]


async def check_refusals(address):
    bad = [mint("u", secret="other"), mint("u", exp=1), mint("u", algorithm="none"),
           mint("u", aud="elsewhere"), mint("u", type="refresh"), "not-a-token", "a.b.c", ""]
    for token in bad:
        for carrier in ("header", "subprotocol", "query"):
            try:
                await connect(address, token, carrier)
            except websockets.InvalidStatusCode as refusal:
                assert refusal.status_code in (401, 403), refusal
            else:
                raise AssertionError(f"admitted by {carrier}: {token}")
    socket = await connect(address, mint("u-aud", aud="agent-events"))
    await socket.close()


async def check_ticket(address):
    """A single-use ticket admits exactly one of many simultaneous uses."""
    headers = {"Authorization": "Bearer " + mint("u-ticket")}
    ticket = (await asyncio.to_thread(call, f"http://{address}", "/api/websocket/ticket", {}, headers))[1]
    uses = (websockets.connect(f"ws://{address}/ws?ticket={ticket['ticket_id']}") for _ in range(10))
    answers = await asyncio.gather(*uses, return_exceptions=True)
    admitted = [answer for answer in answers if not isinstance(answer, Exception)]
    for socket in admitted:
        await socket.close()
    assert len(admitted) == 1, f"admitted {len(admitted)} times"


async def check_conversation(address):
    """A stopped run ends with one terminal event; nonsense is answered by an error and nothing else."""
    socket = await connect(address, mint("u-stop"))
    await next_frame(socket)
    for nonsense in ("not json", '{"type":"dance"}', '[]', '{"type":"chat"}'):
        await socket.send(nonsense)
        assert (await next_frame(socket))["type"] == "error_message"
    await socket.send(json.dumps({"type": "chat", "content": "long", "thread_id": "t"}))
    run_id = event_of(await next_frame(socket))[1]["run_id"]
    await socket.send(json.dumps({"type": "stop_agent", "payload": {"run_id": run_id}}))
    frames = [event_of(await next_frame(socket))]
    while frames[-1][0] != "agent_completed":
        frames.append(event_of(await next_frame(socket)))
    assert frames[-1][2]["status"] == "stopped", frames
    await socket.send(json.dumps({"type": "stop_agent", "payload": {"run_id": run_id}}))
    assert (await next_frame(socket))["error_code"] == "unknown_run"
    await socket.send("x" * 70000)
    await asyncio.wait_for(socket.wait_closed(), LIMIT_SECONDS)
    assert socket.close_code == 1009, socket.close_code


async def check_goodbye(process, address):
    """SIGTERM in the middle of runs: every client gets 1001, the process ends by itself with status 0."""
    sockets = [await connect(address, mint(f"u-bye-{n}")) for n in range(20)]
    for socket in sockets:
        await next_frame(socket)
        await socket.send(json.dumps({"type": "chat", "content": "bye", "thread_id": "t"}))
        await next_frame(socket)
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(asyncio.gather(*(socket.wait_closed() for socket in sockets)), LIMIT_SECONDS)
    assert {socket.close_code for socket in sockets} == {1001}, [socket.close_code for socket in sockets]
    status = await asyncio.wait_for(process.wait(), LIMIT_SECONDS)
    assert status == 0, status


async def check_correct(name, users):
    async with started(name) as (process, address):
        token = await asyncio.to_thread(check_login, f"http://{address}")
        await (await connect(address, token)).close()
        await check_refusals(address)
        await check_ticket(address)
        for count in (20, users):
            problems = await load(address, count)
            assert not problems, problems[:5]
        print(f"{name}: clean with {users} users at once", flush=True)
    async with started(name, "--step-delay", "200") as (process, address):
        await check_conversation(address)
        await check_goodbye(process, address)
        print(f"{name}: stop, nonsense, SIGTERM as they should be", flush=True)


async def check_bug(name, bug):
    """The silence that ends a user's wait is long against the pause of 5 ms between two events."""
    async with started(name, "--bug", bug) as (_, address):
        problems = await load(address, 20, patience=2)
        assert problems, f"{bug} did not show"
        print(f"{name}: {bug} shows: {len(problems)} problems, such as: {problems[0]}", flush=True)


async def first_answer(address):
    """How the first upgrade ends that is not told to come back: connections are tried as fast as they go."""
    deadline = time.monotonic() + LIMIT_SECONDS
    refused = 0
    while time.monotonic() < deadline:
        try:
            return refused, await connect(address, mint("u-early"))
        except websockets.InvalidStatusCode as refusal:
            assert refusal.status_code == 503 and refusal.headers["Retry-After"] == "1", refusal
            refused += 1
    raise AssertionError(f"nobody let in after {refused} refusals")


async def check_cold_start(name):
    """While it starts a server refuses and is not ready; with the mistake it lets users in early."""
    async with started(name, "--cold-start", "2000") as (_, address):
        assert (await asyncio.to_thread(call, f"http://{address}", "/health/ready"))[0] == 503
        refused, socket = await first_answer(address)
        assert refused > 0, "nobody was refused"
        await socket.close()
        assert (await asyncio.to_thread(call, f"http://{address}", "/health/ready"))[0] == 200
        problems = await load(address, 20)
        assert not problems, problems[:5]
    async with started(name, "--cold-start", "4000", "--bug", "accept_before_supervisor") as (_, address):
        refused, socket = await first_answer(address)
        assert refused > 0, "nobody was refused"
        await asyncio.wait_for(socket.wait_closed(), LIMIT_SECONDS)
        assert socket.close_code == 1011, socket.close_code
    print(f"{name}: refuses while it starts, accept_before_supervisor shows as 1011", flush=True)


async def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", action="append", choices=sorted(SERVERS), help="default: all of them")
    parser.add_argument("--users", type=int, default=200, help="how many connect at once")
    options = parser.parse_args()
    for name in options.server or sorted(SERVERS):
        await check_correct(name, options.users)
        await check_cold_start(name)
        for bug in SERVERS[name][1]:
            await check_bug(name, bug)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
