"""Pulls a bug's trigger on the correct server, where it must find nothing, and on one with the bug.

WSRACE_TRIALS=100 in the environment: so many trials of each, and a line that says how often the symptom was
seen.
"""

import asyncio
import os
import unittest

from server_process import LIMIT, Server, drain

ATTEMPTS = 10  # for what needs a window; an option of the server widens it, so that slow builds meet it, too
TRIALS = int(os.environ.get("WSRACE_TRIALS", "0"))


def types(frames):
    return [frame["type"] for frame in frames]


async def silent(connection):
    """Whether nothing at all comes for a while; a frame that does come is consumed."""
    try:
        await asyncio.wait_for(connection.recv(), LIMIT / 10)
        return False
    except asyncio.TimeoutError:
        return True


async def when_no_run_is_active(server):
    async def until_none():
        while (await server.http("GET", "/ws/stats"))[1]["active_runs"] > 0:
            pass

    await asyncio.wait_for(until_none(), LIMIT)


async def what_has_come(server, connection):
    """The types of all frames of the runs so far, once they have ended."""
    await when_no_run_is_active(server)
    return types(await drain(connection))


class BugTrials(unittest.IsolatedAsyncioTestCase):
    """Each trigger is a coroutine that tells whether the symptom was seen."""

    async def compare(self, bug, trigger, *options, attempts=1):
        async with Server(*options) as server:
            for _ in range(TRIALS or attempts):
                self.assertFalse(await trigger(server), f"the correct server shows the symptom of {bug}")
        async with Server("--bug", bug, *options) as server:
            if TRIALS:
                seen = [await trigger(server) for _ in range(TRIALS)]
                print(f"{bug}: {sum(seen)} of {TRIALS}", flush=True)
                self.assertTrue(any(seen))
                return
            for _ in range(attempts):
                if await trigger(server):
                    return
        self.fail(f"{bug} was not seen in {attempts} attempts")
