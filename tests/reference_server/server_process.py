"""Runs `wsrace serve` and talks to it. Every wait has a deadline; nothing sleeps."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import os
import shlex
import socket
import time
import urllib.error
import urllib.request

import websockets

LIMIT = float(os.environ.get("WSRACE_TEST_LIMIT", "10"))  # seconds; raise it for sanitizer builds
PROGRAM = shlex.split(os.environ["WSRACE"])  # may begin with a wrapper such as "setarch -R"
SECRET = "wsrace-development-secret-not-for-production"
EVENTS = ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]
TERMINAL = {"agent_completed", "agent_error"}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def mint(user, secret=SECRET, algorithm="HS256", **claims):
    now = int(time.time())
    payload = {"sub": user, "email": f"{user}@example.org", "type": "access", "iat": now, "exp": now + 600}
    payload.update(claims)
    header = {"alg": algorithm, "typ": "JWT"}
    head = b64(json.dumps(header).encode()) + "." + b64(json.dumps(payload).encode())
    if algorithm == "none":
        return head + "."
    return head + "." + b64(hmac.new(secret.encode(), head.encode(), hashlib.sha256).digest())


class Server:
    """One server process, as an asynchronous context manager."""

    def __init__(self, *options):
        self.command = [*PROGRAM, "serve", "--port", "0", *options]

    async def __aenter__(self):
        self.process = await asyncio.create_subprocess_exec(
            *self.command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        line = await asyncio.wait_for(self.process.stdout.readline(), LIMIT)
        self.port = int(line.decode().rsplit(":", 1)[1])
        self.log = asyncio.create_task(self.process.stderr.read())
        return self

    async def __aexit__(self, kind, *_):
        status = await self.stop()
        log = (await self.log).decode()
        if kind is None and (status != 0 or "Sanitizer" in log):
            raise AssertionError(f"the server ended with {status}; it said:\n{log}")

    async def stop(self):
        """Ends the server and returns its exit status."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), LIMIT)

    async def http(self, method, path, body=None, **headers):
        return await asyncio.get_running_loop().run_in_executor(None, self._http, method, path, body, headers)

    def _http(self, method, path, body, headers):
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=LIMIT) as answer:
                return answer.status, json.load(answer), dict(answer.headers)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error), dict(error.headers)

    async def user(self, name):
        """Registers a user, logs in, and returns the token body."""
        body = {"email": f"{name}@example.org", "password": "secret", "name": name}
        status, _, _ = await self.http("POST", "/auth/register", body)
        assert status == 200, status
        status, tokens, _ = await self.http("POST", "/auth/login", body)
        assert status == 200, status
        return tokens

    async def open(self, token=None, path="/ws", subprotocols=None, receive_buffer=None, **headers):
        """Connects without waiting for the welcome."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        end = socket.socket()
        if receive_buffer:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        end.setblocking(False)
        await asyncio.get_running_loop().sock_connect(end, ("127.0.0.1", self.port))
        return await asyncio.wait_for(
            websockets.connect(f"ws://127.0.0.1:{self.port}{path}", sock=end, extra_headers=headers,
                               subprotocols=subprotocols, compression=None, ping_interval=None,
                               max_queue=None), LIMIT)

    async def connect(self, token=None, **arguments):
        connection = await self.open(token, **arguments)
        connection.welcome = await receive(connection)
        assert connection.welcome["type"] == "connection_established", connection.welcome
        return connection


async def send(connection, kind, **payload):
    await connection.send(json.dumps({"type": kind, "payload": payload}))


async def receive(connection):
    return json.loads(await asyncio.wait_for(connection.recv(), LIMIT))


async def receive_until(connection, *kinds):
    """All frames up to and including the first of one of these types."""
    frames = []
    while not frames or frames[-1]["type"] not in kinds:
        frames.append(await receive(connection))
    return frames


async def run_frames(connection):
    return await receive_until(connection, *TERMINAL)


async def close_code(connection):
    await asyncio.wait_for(connection.wait_closed(), LIMIT)
    return connection.close_code


async def drain(connection):
    """What is still there, ended by the pong to a ping of our own."""
    await send(connection, "ping", timestamp="drain")
    return (await receive_until(connection, "pong"))[:-1]


def abort(connection):
    """Ends TCP without a close frame."""
    connection.transport.abort()
