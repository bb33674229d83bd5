"""The correct server when what it depends on is slow, hangs, refuses, hangs up, or is not there yet.

Run: WSRACE=build/dev/harness/wsrace python3 test_dependencies.py
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
import unittest

import websockets

sys.path.insert(0, os.path.dirname(__file__))
from dependency_proxy import DependencyProxy
from server_process import EVENTS, LIMIT, PROGRAM, Server, mint, receive_until, run_frames, send

SLOW_BUILD = LIMIT > 10
TIMEOUT = 2.0 if SLOW_BUILD else 0.4  # seconds that a dependency may take
FAULTS = ["hang", "cut", "refuse"]


class DependentServer(Server):
    """A server with --dependencies and proxies in front of both."""

    def __init__(self, *options):
        super().__init__(*options)
        self.auth, self.store = DependencyProxy(), DependencyProxy()
        self.proxies = contextlib.AsyncExitStack()

    async def __aenter__(self):
        await self.proxies.enter_async_context(self.auth)
        await self.proxies.enter_async_context(self.store)
        self.command += ["--dependencies", "--dependency-timeout", f"{TIMEOUT * 1000:.0f}ms",
                         "--auth-address", self.auth.address, "--store-address", self.store.address]
        await super().__aenter__()
        for proxy in (self.auth, self.store):
            line = (await asyncio.wait_for(self.process.stdout.readline(), LIMIT)).decode()
            proxy.upstream_port = int(line.split(" on 127.0.0.1:")[1].split(",")[0])
        return self

    async def __aexit__(self, *failure):
        try:
            await super().__aexit__(*failure)
        finally:
            await self.proxies.aclose()

    async def status(self, path):
        return (await self.http("GET", path))[0]

    async def until_ready(self):
        deadline = time.monotonic() + LIMIT
        while await self.status("/health/ready") != 200:
            assert time.monotonic() < deadline, "the server is not ready"


async def break_down(proxy, fault):
    if fault == "refuse":
        await proxy.refuse()
    else:
        proxy.mode = fault


async def repair(proxy):
    proxy.mode = "forward"
    if proxy.listener is None:
        await proxy.listen()


async def upgrade(server, token):
    """The status, the value of Retry-After and the seconds that an upgrade took."""
    begun = time.monotonic()
    try:
        connection = await server.connect(token)
        await connection.close()
        return 101, None, time.monotonic() - begun
    except websockets.InvalidStatusCode as error:
        return error.status_code, error.headers.get("Retry-After"), time.monotonic() - begun


class Asking(unittest.IsolatedAsyncioTestCase):
    async def test_logins_upgrades_threads_and_runs_are_asked_over_tcp(self):
        async with DependentServer() as server:
            await server.until_ready()
            tokens = await server.user("a")
            self.assertEqual(server.auth.calls("login"), 2)
            connection = await server.connect(tokens["access_token"])
            self.assertEqual(connection.welcome["user_id"], tokens["user"]["id"])
            self.assertEqual(server.auth.calls("identify"), 1)
            for runs in range(2):
                await send(connection, "chat", content="x", thread_id="plans")
                frames = await run_frames(connection)
                self.assertEqual([frame["type"] for frame in frames], EVENTS)
                self.assertEqual(frames[1]["payload"]["thread_context"], f"{runs} earlier runs")
            self.assertEqual(server.store.calls("load"), 2)
            self.assertGreaterEqual(server.store.calls("save"), 2)

    async def test_wrong_credentials_are_refused_as_ever(self):
        async with DependentServer() as server:
            await server.until_ready()
            tokens = await server.user("a")
            body = {"email": "a@example.org", "password": "wrong"}
            self.assertEqual((await server.http("POST", "/auth/login", body))[0], 401)
            self.assertEqual((await server.http("POST", "/auth/nothing", body))[0], 404)
            self.assertEqual((await upgrade(server, mint("a", secret="other")))[0], 401)
            bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
            _, ticket, _ = await server.http("POST", "/api/websocket/ticket", {}, **bearer)
            connection = await server.connect(path=f"/ws?ticket={ticket['ticket_id']}")
            self.assertEqual(connection.welcome["user_id"], tokens["user"]["id"])
            with self.assertRaises(websockets.InvalidStatusCode):
                await server.connect(path=f"/ws?ticket={ticket['ticket_id']}")

    async def test_two_instances_can_share_one_auth(self):
        async with DependentServer() as one:
            await one.until_ready()
            await one.user("a")
            async with Server("--dependencies", "--auth-address", one.auth.address) as other:
                body = {"email": "a@example.org", "password": "secret"}
                statuses = []
                deadline = time.monotonic() + LIMIT
                while 200 not in statuses:
                    self.assertLess(time.monotonic(), deadline)
                    statuses.append((await other.http("POST", "/auth/login", body))[0])
                self.assertLessEqual(set(statuses), {200, 503})

    async def test_slow_answers_within_the_limit_are_waited_for(self):
        async with DependentServer() as server:
            await server.until_ready()
            for proxy in (server.auth, server.store):
                proxy.mode, proxy.delay = "slow", TIMEOUT / 4
            status, _, seconds = await upgrade(server, mint("a"))
            self.assertEqual(status, 101)
            self.assertGreaterEqual(seconds, TIMEOUT / 4)
            connection = await server.connect(mint("a"))
            await send(connection, "chat", content="x")
            frames = await run_frames(connection)
            self.assertEqual([frame["type"] for frame in frames], EVENTS)
            self.assertEqual(frames[1]["payload"]["thread_context"], "0 earlier runs")


class Failing(unittest.IsolatedAsyncioTestCase):
    async def test_without_auth_logins_and_upgrades_get_503_and_open_connections_stay(self):
        for fault in FAULTS:
            with self.subTest(fault):
                async with DependentServer() as server:
                    await server.until_ready()
                    connection = await server.connect(mint("a"))
                    await break_down(server.auth, fault)
                    status, retry_after, seconds = await upgrade(server, mint("b"))
                    self.assertEqual((status, retry_after), (503, "1"))
                    self.assertLess(seconds, TIMEOUT + LIMIT / 4)
                    body = {"email": "a@example.org", "password": "p", "name": "A"}
                    for path in ("/auth/register", "/auth/login"):
                        status, _, headers = await server.http("POST", path, body)
                        self.assertEqual((status, headers["Retry-After"]), (503, "1"))
                    await send(connection, "chat", content="x")
                    self.assertEqual([frame["type"] for frame in await run_frames(connection)], EVENTS)
                    await repair(server.auth)
                    self.assertEqual((await upgrade(server, mint("b")))[0], 101)

    async def test_without_the_store_runs_go_on_and_say_so(self):
        for fault in FAULTS:
            with self.subTest(fault):
                async with DependentServer() as server:
                    await server.until_ready()
                    connection = await server.connect(mint("a"))
                    await break_down(server.store, fault)
                    await send(connection, "chat", content="x", thread_id="plans")
                    frames = await run_frames(connection)
                    self.assertEqual([frame["type"] for frame in frames], EVENTS)
                    self.assertEqual(frames[1]["payload"]["thread_context"], "unavailable")
                    await repair(server.store)
                    await send(connection, "chat", content="y", thread_id="plans")
                    frames = await run_frames(connection)
                    self.assertIn("runs", frames[1]["payload"]["thread_context"])

    async def test_a_run_that_waits_for_the_store_can_be_stopped(self):
        async with DependentServer() as server:
            await server.until_ready()
            connection = await server.connect(mint("a"))
            server.store.mode = "hang"
            await send(connection, "chat", content="x")
            await receive_until(connection, "agent_started")
            await send(connection, "stop_agent")
            frames = await run_frames(connection)
            self.assertEqual([frame["type"] for frame in frames], ["agent_completed"])
            self.assertEqual(frames[0]["payload"]["status"], "stopped")

    async def test_a_server_with_hanging_dependencies_can_be_stopped(self):
        async with DependentServer() as server:
            await server.until_ready()
            connection = await server.connect(mint("a"))
            server.auth.mode = server.store.mode = "hang"
            await send(connection, "chat", content="x")
            await receive_until(connection, "agent_started")
            waiting = asyncio.create_task(upgrade(server, mint("b")))
            deadline = time.monotonic() + LIMIT
            while server.auth.calls("identify") < 2:
                self.assertLess(time.monotonic(), deadline)
                await asyncio.sleep(0)
            self.assertEqual(await server.stop(), 0)
            await asyncio.gather(waiting, return_exceptions=True)


class Readiness(unittest.IsolatedAsyncioTestCase):
    async def test_the_server_is_ready_when_both_were_reached(self):
        for late in ("auth", "store"):
            with self.subTest(late):
                async with DependentServer() as server:
                    missing = getattr(server, late)
                    await missing.refuse()
                    # The proxies come first, so the server may have been ready for a moment.
                    async with Server(*server.command[server.command.index("--dependencies"):]) as second:
                        status, body, headers = await second.http("GET", "/health/ready")
                        self.assertEqual((status, headers["Retry-After"]), (503, "1"))
                        status, retry_after, _ = await upgrade(second, mint("a"))
                        self.assertEqual((status, retry_after), (503, "1"))
                        body = {"email": "a@example.org", "password": "p", "name": "A"}
                        self.assertEqual((await second.http("POST", "/auth/register", body))[0], 503)
                        self.assertEqual((await second.http("GET", "/health"))[0], 200)
                        await missing.listen()
                        deadline = time.monotonic() + LIMIT
                        while (await second.http("GET", "/health/ready"))[0] != 200:
                            self.assertLess(time.monotonic(), deadline)
                        self.assertEqual((await upgrade(second, mint("a")))[0], 101)

    async def test_ready_is_taken_back_while_a_dependency_does_not_answer(self):
        async with DependentServer() as server:
            for proxy in (server.auth, server.store):
                for fault in FAULTS:
                    with self.subTest(fault):
                        await server.until_ready()
                        await break_down(proxy, fault)
                        self.assertEqual(await server.status("/health/ready"), 503)
                        await repair(proxy)
            await server.until_ready()


class CommandLine(unittest.TestCase):
    def call(self, *options):
        return subprocess.run([*PROGRAM, "serve", *options], capture_output=True, text=True, timeout=LIMIT)

    def test_options_that_do_not_fit_are_named(self):
        result = self.call("--auth-port", "9000")
        self.assertEqual(result.returncode, 2)
        self.assertIn("--dependencies", result.stderr)
        for address in ["nowhere", "host:", ":80", "host:http", "host:70000"]:
            result = self.call("--dependencies", "--store-address", address)
            self.assertEqual(result.returncode, 2, address)
            self.assertIn("expected HOST:PORT", result.stderr)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
