"""The seeded bugs in how frames are sent: to a slow reader, and under locks.

Run: WSRACE=build/dev/harness/wsrace python3 test_sending_bugs.py
"""

import asyncio
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from bug_trials import ATTEMPTS, BugTrials, silent, when_no_run_is_active
from server_process import Server, mint, receive, receive_until, run_frames, send


class SendingBugs(BugTrials):
    async def test_retry_reorders(self):
        async def a_reader_pauses_and_reads_on(server):
            slow = await server.connect(mint("a"), receive_buffer=4096)
            clock = await server.connect(mint("b"))
            slow.transport.pause_reading()
            await send(slow, "chat", content="x" * 2_000, settings={"thinking_steps": 90})
            await send(clock, "chat", content="x", settings={"thinking_steps": 30})
            await run_frames(clock)
            slow.transport.resume_reading()
            frames = await run_frames(slow)
            steps = [frame["payload"]["step_number"] for frame in frames
                     if frame["type"] == "agent_thinking"]
            await slow.close()
            await clock.close()
            return steps != list(range(1, 91))

        await self.compare("retry_reorders", a_reader_pauses_and_reads_on, "--send-buffer", "4096",
                           "--step-delay", "5ms", "--bug-window", "5ms", attempts=ATTEMPTS)

    async def test_slow_consumer_lock(self):
        users = iter(range(1_000_000))

        async def one_of_two_tabs_does_not_read(server):
            token = mint(f"u-{next(users)}")
            stalled = await server.connect(token, receive_buffer=4096)
            other = await server.connect(token)
            stalled.transport.pause_reading()
            await send(stalled, "chat", content="x" * 50_000)
            await when_no_run_is_active(server)
            await send(other, "ping")
            hangs = await silent(other)
            stalled.transport.resume_reading()
            if hangs:
                self.assertEqual((await receive(other))["type"], "pong")
            await receive_until(stalled, "agent_completed")
            await stalled.close()
            await other.close()
            return hangs

        await self.compare("slow_consumer_lock", one_of_two_tabs_does_not_read, "--send-buffer", "4096")

    async def test_lock_order(self):
        async def users_connect_between_heartbeats(server):
            """True when the server hangs; it has been killed then. False when it has stopped as asked."""
            watchers = []
            try:
                for i in range(200):
                    watchers.append(await server.connect(mint(f"w-{i}")))
                    watchers[-1].transport.pause_reading()  # the system keeps the heartbeats
                for i in range(200):
                    connection = await server.open(mint(f"u-{i}"))
                    connection.transport.abort()
                for watcher in watchers:
                    watcher.transport.abort()
                return await server.stop() != 0
            except asyncio.TimeoutError:
                server.process.kill()
                await server.process.wait()
                return True

        options = ["--threads", "2", "--heartbeat", "20ms"]
        async with Server(*options) as server:
            self.assertFalse(await users_connect_between_heartbeats(server))
        for _ in range(ATTEMPTS):
            server = Server("--bug", "lock_order", *options)
            await server.__aenter__()
            if await users_connect_between_heartbeats(server):
                return
        self.fail(f"the server did not hang in {ATTEMPTS} attempts")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
