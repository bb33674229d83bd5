"""The seeded bugs that send a run's events to the wrong place, or to none.

Run: WSRACE=build/dev/harness/wsrace python3 test_routing_bugs.py
"""

import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from bug_trials import BugTrials, silent, types, what_has_come
from server_process import EVENTS, Server, drain, mint, receive_until, run_frames, send


class RoutingBugs(BugTrials):
    async def test_two_state_machines(self):
        users = iter(range(1_000_000))

        async def the_first_connection_of_a_user_asks(server):
            token = mint(f"u-{next(users)}")
            first = await server.connect(token)
            await send(first, "chat", content="x")
            second = await server.connect(token)
            await send(second, "chat", content="y")
            self.assertEqual(types(await run_frames(second)), EVENTS)
            ignored = await silent(first)
            await first.close()
            await second.close()
            return ignored

        await self.compare("two_state_machines", the_first_connection_of_a_user_asks,
                           "--manager-delay", "20ms")

    async def test_two_state_machines_needs_the_delay(self):
        async with Server("--bug", "two_state_machines") as server:
            connection = await server.connect(mint("a"))
            await send(connection, "chat", content="x")
            self.assertEqual(types(await run_frames(connection)), EVENTS)

    async def test_manager_per_message(self):
        async def two_messages_on_one_connection(server):
            a = await server.connect(mint("a"))
            await send(a, "chat", content="x")
            self.assertEqual(types(await run_frames(a)), EVENTS)
            await send(a, "chat", content="y")
            frames = await what_has_come(server, a)
            await a.close()
            self.assertIn(frames, ([], EVENTS))
            return not frames

        await self.compare("manager_per_message", two_messages_on_one_connection)

    async def test_stale_context(self):
        async def the_second_tab_asks_after_the_first(server):
            one, two = await server.connect(mint("a")), await server.connect(mint("a"))
            runs = []
            for tab in (one, two):
                await send(tab, "chat", content="x")
                frames = await run_frames(tab)
                runs.append({(frame["run_id"], frame["thread_id"]) for frame in frames})
                self.assertEqual((types(frames), len(runs[-1])), (EVENTS, 1))
            await one.close()
            await two.close()
            return runs[0] == runs[1]

        await self.compare("stale_context", the_second_tab_asks_after_the_first)

    async def test_dual_path(self):
        async def a_fast_agent_in_a_new_thread(server):
            a = await server.connect(mint("a"))
            await send(a, "chat", content="x")
            frames = types(await run_frames(a))
            await a.close()
            self.assertIn(frames, (EVENTS, [name for name in EVENTS if not name.startswith("tool_")]))
            return frames != EVENTS

        await self.compare("dual_path", a_fast_agent_in_a_new_thread,
                           "--step-delay", "1ms", "--bug-window", "125ms")

    async def test_last_thread_wins(self):
        async def the_second_tab_asks_during_the_first_one_s_run(server):
            one, two = await server.connect(mint("a")), await server.connect(mint("a"))
            await send(one, "chat", content="of one")
            await receive_until(one, "agent_thinking")
            await send(two, "chat", content="of two")
            frames = await run_frames(two)
            frames += await drain(two)
            await one.close()
            await two.close()
            return any("of one" in json.dumps(frame) for frame in frames)

        await self.compare("last_thread_wins", the_second_tab_asks_during_the_first_one_s_run,
                           "--step-delay", "60ms")

    async def test_ttl_eviction(self):
        async def an_old_connection_asks(server):
            a = await server.connect(mint("a"))
            old_enough = time.monotonic() + 0.25
            while time.monotonic() < old_enough:
                await drain(a)
            await send(a, "chat", content="x")
            frames = await what_has_come(server, a)
            await a.close()
            self.assertIn(frames, ([], EVENTS))
            return not frames

        await self.compare("ttl_eviction", an_old_connection_asks, "--connection-ttl", "200ms")

    async def test_ttl_eviction_spares_the_young(self):
        async with Server("--bug", "ttl_eviction", "--connection-ttl", "1m") as server:
            connection = await server.connect(mint("a"))
            await send(connection, "chat", content="x")
            self.assertEqual(types(await run_frames(connection)), EVENTS)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
