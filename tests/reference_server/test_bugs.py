"""Each seeded bug shows its symptom under its trigger; the same trigger finds nothing on the correct server.

Run: WSRACE=build/dev/harness/wsrace python3 test_bugs.py
"""

import asyncio
import json
import os
import sys
import time
import unittest

import websockets

sys.path.insert(0, os.path.dirname(__file__))
from bug_trials import ATTEMPTS, BugTrials, types
from server_process import (EVENTS, LIMIT, Server, abort, close_code, drain, mint, receive, receive_until,
                            run_frames, send)

class Bugs(BugTrials):
    async def test_shared_manager(self):
        async def second_user_connects_during_a_run(server):
            a = await server.connect(mint("a"))
            await send(a, "chat", content="of a")
            await receive_until(a, "agent_thinking")
            b = await server.connect(mint("b"))
            await send(b, "chat", content="of b")
            frames = await run_frames(b)
            await a.close()
            await b.close()
            return any(frame["user_id"] == "a" for frame in frames)

        await self.compare("shared_manager", second_user_connects_during_a_run, "--step-delay", "30ms")

    async def test_first_match_router(self):
        async def the_later_user_asks(server):
            a, b = await server.connect(mint("a")), await server.connect(mint("b"))
            await send(b, "chat", content="of b")
            frames = await run_frames(b)
            await a.close()
            await b.close()
            return {frame["user_id"] for frame in frames} == {"a"}

        await self.compare("first_match_router", the_later_user_asks)

    async def test_head_of_line(self):
        async def ping_and_stop_during_a_run(server):
            a = await server.connect(mint("a"))
            await send(a, "chat", content="x")
            await receive_until(a, "agent_started")
            await send(a, "ping")
            await send(a, "stop_agent")
            frames = await receive_until(a, "pong")
            return "agent_completed" in types(frames)

        await self.compare("head_of_line", ping_and_stop_during_a_run, "--step-delay", "50ms")

    async def test_masked_failure(self):
        async def a_tool_fails(server):
            a = await server.connect(mint("a"))
            await send(a, "chat", content="x", settings={"tool": "unstable"})
            try:
                frames = await run_frames(a)
                self.assertEqual(frames[-1]["type"], "agent_error")
                return False
            except websockets.ConnectionClosed:
                return await close_code(a) == 1000

        await self.compare("masked_failure", a_tool_fails)

    async def test_thread_as_address(self):
        async def two_users_name_one_thread(server):
            a, b = await server.connect(mint("a")), await server.connect(mint("b"))
            for connection in (a, b):
                await send(connection, "chat", content="x", thread_id="plans")
                await run_frames(connection)
            await send(a, "chat", content="secret of a", thread_id="plans")
            await run_frames(a)
            strangers = await drain(b)
            return any("secret of a" in json.dumps(frame) for frame in strangers)

        await self.compare("thread_as_address", two_users_name_one_thread)

    async def test_close_one_closes_all(self):
        async def one_of_two_tabs_closes(server):
            one, two = await server.connect(mint("a")), await server.connect(mint("a"))
            await one.close()
            deadline = time.monotonic() + LIMIT
            while (await server.http("GET", "/ws/stats"))[1]["active_connections"] > 1:
                self.assertLess(time.monotonic(), deadline)
            try:
                await drain(two)
                await two.close()
                return False
            except websockets.ConnectionClosed:
                return await close_code(two) == 1000

        await self.compare("close_one_closes_all", one_of_two_tabs_closes)

    async def test_accept_before_supervisor(self):
        for options, expected in [((), set()), (("--bug", "accept_before_supervisor"), {1011})]:
            async with Server("--cold-start", "1500ms", *options) as server:
                codes, statuses, done = set(), set(), False
                deadline = time.monotonic() + LIMIT
                while not done:
                    self.assertLess(time.monotonic(), deadline)
                    try:
                        connection = await server.connect(mint("a"))
                        await send(connection, "chat", content="x")
                        done = types(await run_frames(connection)) == EVENTS
                    except websockets.InvalidStatusCode as error:
                        statuses.add(error.status_code)
                    except websockets.ConnectionClosed:
                        codes.add(await close_code(connection))
                self.assertEqual((codes, statuses), (expected, {503}))

    async def test_two_emitters(self):
        async def stop_right_behind_an_event(server):
            a = await server.connect(mint("a"))
            await send(a, "chat", content="x")
            run = (await receive_until(a, "agent_thinking"))[-1]["run_id"]
            await send(a, "stop_agent", run_id=run)
            frames = await run_frames(a)
            # The ping of `drain` is answered at once, a second announcement may come behind it.
            await send(a, "chat", content="y")
            frames += await run_frames(a) + await drain(a)
            ends = [frame for frame in frames
                    if frame["type"] == "agent_completed" and frame["run_id"] == run]
            await a.close()
            return len(ends) == 2

        await self.compare("two_emitters", stop_right_behind_an_event, "--step-delay", "50ms",
                           attempts=ATTEMPTS)

    async def test_swapped_payload(self):
        async def two_users_ask_together(server):
            users = [await server.connect(mint(name)) for name in ("a", "b")]
            for name, connection in zip("ab", users):
                await send(connection, "chat", content=f"of {name}")
            swapped = False
            for name, connection in zip("ab", users):
                for frame in await run_frames(connection):
                    self.assertEqual(frame["user_id"], name)
                    swapped = swapped or f"of {name}" not in json.dumps(frame)
            for connection in users:
                await connection.close()
            return swapped

        await self.compare("swapped_payload", two_users_ask_together, "--step-delay", "50ms",
                           attempts=ATTEMPTS)

    async def test_unlocked_registry_serves_as_before_without_threads(self):
        # What shows it is ThreadSanitizer; here only that one thread does not need the lock.
        async with Server("--bug", "unlocked_registry") as server:
            a = await server.connect(mint("a"))
            await send(a, "chat", content="x")
            self.assertEqual(types(await run_frames(a)), EVENTS)
            abort(a)

    async def when_let_in(self, server, user):
        """The first connection that the starting server does not refuse."""
        deadline = time.monotonic() + LIMIT
        while True:
            self.assertLess(time.monotonic(), deadline)
            try:
                return await server.open(mint(user))
            except websockets.InvalidStatusCode as error:
                self.assertEqual(error.status_code, 503)

    async def when_ready(self, server):
        deadline = time.monotonic() + LIMIT
        while (await server.http("GET", "/health/ready"))[0] != 200:
            self.assertLess(time.monotonic(), deadline)

    async def test_unawaited_manager(self):
        async def the_first_user_asks(server):
            connection = await self.when_let_in(server, "a")
            await send(connection, "chat", content="x")
            try:
                self.assertEqual(types(await run_frames(connection))[1:], EVENTS)
                return False
            except websockets.ConnectionClosed:
                return await close_code(connection) == 1011

        await self.compare("unawaited_manager", the_first_user_asks, "--cold-start", "1500ms")

    async def test_recursive_manager(self):
        async def two_tabs_connect_together(server):
            tabs = await asyncio.gather(server.open(mint("a")), server.open(mint("a")))
            codes = []
            for tab in tabs:
                try:
                    self.assertEqual((await receive(tab))["type"], "connection_established")
                except websockets.ConnectionClosed:
                    codes.append(await close_code(tab))
                await tab.close()
            return codes == [1011]

        await self.compare("recursive_manager", two_tabs_connect_together, "--manager-delay", "300ms")

    async def test_emergency_stub(self):
        async def an_early_user_asks_early_and_late(server):
            early = await self.when_let_in(server, "a")
            await send(early, "chat", content="x")
            at_once = types(await receive_until(early, "notice", "agent_completed"))
            await self.when_ready(server)
            await send(early, "chat", content="y")
            afterwards = types(await receive_until(early, "notice", "agent_completed"))
            later = await server.connect(mint("a"))
            await send(later, "chat", content="z")
            self.assertEqual(types(await run_frames(later)), EVENTS)
            return (at_once[1:], afterwards) == (["notice"], ["notice"])

        await self.compare("emergency_stub", an_early_user_asks_early_and_late, "--cold-start", "1500ms")

    async def test_first_use_init(self):
        async def two_users_ask_for_the_first_time(server):
            users = [await server.connect(mint(name)) for name in ("a", "b")]
            for connection in users:
                await send(connection, "chat", content="x")
            first, second = [types(await run_frames(connection)) for connection in users]
            self.assertEqual(first, EVENTS)
            return second == ["agent_started", "agent_thinking", "agent_error"]

        await self.compare("first_use_init", two_users_ask_for_the_first_time, "--step-delay", "300ms")

    async def test_queue_then_drop(self):
        async def an_early_user_waits_and_asks(server):
            early = await self.when_let_in(server, "a")
            await self.when_ready(server)
            await send(early, "chat", content="x")
            frames = []
            try:
                frames = types(await run_frames(early))
            except websockets.ConnectionClosed:
                return not frames and await close_code(early) == 1011
            self.assertEqual(frames, ["connection_established", *EVENTS])
            return False

        await self.compare("queue_then_drop", an_early_user_waits_and_asks, "--cold-start", "1500ms")

    async def test_queue_then_drop_keeps_the_silent_waiting_until_the_server_stops(self):
        for options, expected in [((), ["connection_established"]), (("--bug", "queue_then_drop"), [])]:
            async with Server("--cold-start", "1500ms", *options) as server:
                early = await self.when_let_in(server, "a")
                await self.when_ready(server)
                await server.stop()
                frames = []
                try:
                    while True:
                        frames.append((await receive(early))["type"])
                except websockets.ConnectionClosed:
                    self.assertEqual((frames, await close_code(early)), (expected, 1001))

    async def test_cascading_waits(self):
        async def an_upgrade_during_the_start(server):
            begun = time.monotonic()
            try:
                await (await server.connect(mint("a"))).close()
                return time.monotonic() - begun > 0.5  # after the start there is nothing to wait for
            except websockets.InvalidStatusCode as error:
                self.assertEqual(error.status_code, 503)
                self.assertIn("Retry-After", error.headers)
                return False

        await self.compare("cascading_waits", an_upgrade_during_the_start, "--cold-start", "3s")

    async def test_accept_before_ready(self):
        async def the_first_message_does_not_wait(server):
            a = await server.open(mint("a"))
            await send(a, "chat", content="x")
            try:
                self.assertEqual(types(await run_frames(a))[-5:], EVENTS)
                await a.close()
                return False
            except websockets.ConnectionClosed:
                return await close_code(a) == 1011

        await self.compare("accept_before_ready", the_first_message_does_not_wait, "--auth-delay", "100ms",
                           attempts=ATTEMPTS)

    async def test_fail_open(self):
        async def many_users_connect_together(server):
            names = [f"u-{i}" for i in range(8)]
            tabs = await asyncio.gather(*(server.connect(mint(name)) for name in names),
                                        return_exceptions=True)
            strangers = 0
            for name, tab in zip(names, tabs):
                if isinstance(tab, websockets.InvalidStatusCode):
                    self.assertEqual((tab.status_code, tab.headers["Retry-After"]), (503, "1"))
                    continue
                strangers += tab.welcome["user_id"] != name
                await tab.close()
            return strangers > 0

        await self.compare("fail_open", many_users_connect_together, "--auth-delay", "50ms",
                           "--auth-workers", "1", "--dependency-timeout", "175ms", attempts=ATTEMPTS)

    async def test_silent_agent_death(self):
        async def many_runs_at_once(server):
            tabs = [await server.connect(mint(f"u-{i}")) for i in range(8)]
            for tab in tabs:
                await send(tab, "chat", content="x")
            deadline = time.monotonic() + LIMIT
            for tab in tabs:
                await receive_until(tab, "agent_started")
            while (await server.http("GET", "/ws/stats"))[1]["active_runs"] > 0:
                self.assertLess(time.monotonic(), deadline)
            ends = [types(await drain(tab))[-1:] for tab in tabs]
            for tab in tabs:
                await tab.close()
            return [] in ends

        await self.compare("silent_agent_death", many_runs_at_once, "--store-delay", "50ms",
                           "--store-workers", "1", "--dependency-timeout", "175ms", attempts=ATTEMPTS)

    async def test_manager_cap_leak(self):
        async def six_connections_one_after_the_other(server):
            for _ in range(5):
                await (await server.connect(mint("a"))).close()
            last = await server.open(mint("a"))
            try:
                await drain(last)
                await last.close()
                return False
            except websockets.ConnectionClosed:
                return await close_code(last) == 1011

        await self.compare("manager_cap_leak", six_connections_one_after_the_other)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
