"""What the server does for who was lost during a run and comes back, and the seeded bugs that spoil it.

Run: WSRACE=build/dev/harness/wsrace python3 test_reconnect_bugs.py
"""

import os
import sys
import unittest

import websockets

sys.path.insert(0, os.path.dirname(__file__))
from bug_trials import ATTEMPTS, BugTrials, types, what_has_come, when_no_run_is_active
from server_process import (EVENTS, Server, abort, close_code, drain, mint, receive_until, run_frames, send)


async def lost_during_a_run(server, token, text="x", **settings):
    """Starts a run on a connection, loses that, and returns the types of the events seen."""
    connection = await server.connect(token)
    await send(connection, "chat", content=text, settings=settings)
    seen = types(await receive_until(connection, "agent_started"))
    abort(connection)
    await connection.wait_closed()
    return seen


async def an_event_is_missed(server):
    """Returns when runs that were begun before have come to their second event."""
    clock = await server.connect(mint("clock"))
    await send(clock, "chat", content="x")
    await receive_until(clock, "agent_thinking")
    abort(clock)


class Resumption(unittest.IsolatedAsyncioTestCase):
    async def test_what_was_missed_comes_first_and_is_marked(self):
        async with Server("--step-delay", "60ms") as server:
            await lost_during_a_run(server, mint("a"))
            await an_event_is_missed(server)
            back = await server.connect(mint("a"))
            frames = await run_frames(back)
            self.assertEqual(types(frames), EVENTS[1:])
            marks = [frame.get("recovered", False) for frame in frames]
            self.assertTrue(marks[0])
            self.assertEqual(marks, sorted(marks, reverse=True))
            self.assertEqual(await drain(back), [])

    async def test_a_tab_that_was_open_before_gets_nothing_of_it(self):
        async with Server("--step-delay", "60ms", "--threads", "2") as server:
            tabs = [await server.connect(mint("a")) for _ in range(3)]
            await lost_during_a_run(server, mint("a"))
            back = await server.connect(mint("a"))
            self.assertEqual(types(await run_frames(back)), EVENTS[1:])
            for tab in tabs:
                self.assertEqual(await drain(tab), [])

    async def test_it_can_be_lost_again_and_again(self):
        async with Server("--step-delay", "60ms", "--threads", "2", "--bug-window", "5ms") as server:
            seen = await lost_during_a_run(server, mint("a"))
            while seen[-1] != "agent_completed":
                back = await server.connect(mint("a"))
                seen += types(await receive_until(back, *EVENTS))
                abort(back)
            self.assertEqual(seen, EVENTS)

    async def test_who_misses_too_much_is_told_that_the_run_has_failed(self):
        async with Server("--step-delay", "5ms") as server:
            await lost_during_a_run(server, mint("a"), text="x" * 20_000, thinking_steps=100)
            await when_no_run_is_active(server)
            back = await server.connect(mint("a"))
            frames = await run_frames(back)
            self.assertEqual(types(frames), ["agent_error"])
            self.assertEqual(frames[-1]["payload"]["error_code"], "EVENTS_LOST")
            self.assertEqual(await drain(back), [])

    async def test_who_is_too_slow_is_closed_with_1013_and_gets_the_rest_on_the_next_connection(self):
        async with Server("--send-buffer", "4096", "--send-queue", "65536", "--step-delay", "5ms") as server:
            slow = await server.connect(mint("a"), receive_buffer=4096)
            slow.transport.pause_reading()
            await send(slow, "chat", content="x" * 30_000)
            clock = await server.connect(mint("b"))
            await send(clock, "chat", content="x")
            await run_frames(clock)
            slow.transport.resume_reading()
            frames = []
            with self.assertRaises(websockets.ConnectionClosed):
                while True:
                    frames += await receive_until(slow, *EVENTS)
            self.assertEqual(await close_code(slow), 1013)
            self.assertLess(len(frames), len(EVENTS))
            back = await server.connect(mint("a"))
            frames += await run_frames(back)
            self.assertEqual(types(frames), EVENTS)


class ReconnectBugs(BugTrials):
    async def back_at_once(self, server):
        """True when the rest of the run does not come."""
        seen = await lost_during_a_run(server, mint("a"))
        back = await server.connect(mint("a"))
        seen += await what_has_come(server, back)
        await back.close()
        self.assertIn(seen, (EVENTS, EVENTS[:1]))
        return seen != EVENTS

    async def test_reconnect_loses_rest(self):
        await self.compare("reconnect_loses_rest", self.back_at_once, "--step-delay", "60ms")

    async def test_late_cleanup(self):
        await self.compare("late_cleanup", self.back_at_once, "--step-delay", "125ms",
                           "--bug-window", "25ms", attempts=ATTEMPTS)

    async def test_replay_races_live(self):
        async def back_after_an_event(server):
            seen = await lost_during_a_run(server, mint("a"))
            await an_event_is_missed(server)
            back = await server.connect(mint("a"))
            seen += types(await run_frames(back)) + types(await drain(back))
            await back.close()
            self.assertEqual((set(seen) - set(EVENTS), len(seen)), (set(), len(set(seen))))
            return seen != EVENTS  # what was missed may even come behind the end

        await self.compare("replay_races_live", back_after_an_event, "--step-delay", "60ms",
                           "--bug-window", "125ms", attempts=ATTEMPTS)

    async def test_send_after_close(self):
        async def back_before_the_next_event(server):
            try:  # in later attempts the run before may still be going on, and cut any connection
                seen = await lost_during_a_run(server, mint("a"))
                back = await server.connect(mint("a"))
                seen += types(await run_frames(back))
                await back.close()
            except websockets.InvalidMessage:
                return True  # cut before its handshake was over
            except websockets.ConnectionClosed as error:
                return error.code == 1006
            self.assertEqual(seen, EVENTS)
            return False

        await self.compare("send_after_close", back_before_the_next_event, "--step-delay", "60ms",
                           attempts=ATTEMPTS)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
