"""The seeded bugs that let the wrong ones in, or keep the right ones out.

Run: WSRACE=build/dev/harness/wsrace python3 test_admission_bugs.py
"""

import asyncio
import os
import sys
import unittest

import websockets

sys.path.insert(0, os.path.dirname(__file__))
from bug_trials import ATTEMPTS, BugTrials
from server_process import mint


async def status_of(awaitable):
    """101, or the HTTP status with which an upgrade is refused."""
    try:
        connection = await awaitable
    except websockets.InvalidStatusCode as error:
        return error.status_code
    await connection.close()
    return 101


class AdmissionBugs(BugTrials):
    async def test_ticket_double_spend(self):
        users = iter(range(1_000_000))

        async def one_ticket_is_used_four_times_at_once(server):
            tokens = await server.user(f"user-{next(users)}")
            bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
            _, ticket, _ = await server.http("POST", "/api/websocket/ticket", {"single_use": True}, **bearer)
            path = f"/ws?ticket={ticket['ticket_id']}"
            statuses = await asyncio.gather(*(status_of(server.open(path=path)) for _ in range(4)))
            self.assertEqual(set(statuses) - {101, 401}, set())
            self.assertIn(101, statuses)
            self.assertEqual(await status_of(server.open(path=path)), 401)
            return statuses.count(101) > 1

        await self.compare("ticket_double_spend", one_ticket_is_used_four_times_at_once,
                           "--bug-window", "25ms", attempts=ATTEMPTS)

    async def test_token_reuse_guard(self):
        users = iter(range(1_000_000))

        async def two_tabs_with_one_token(server):
            token = mint(f"u-{next(users)}")
            statuses = [await status_of(server.open(token)) for _ in range(2)]
            self.assertEqual(statuses[0], 101)
            return statuses[1] == 401

        await self.compare("token_reuse_guard", two_tabs_with_one_token, attempts=ATTEMPTS)

    async def test_shared_rate_limit(self):
        users = iter(range(1_000_000))

        async def eight_users_connect_once(server):
            tokens = [mint(f"u-{next(users)}") for _ in range(8)]
            statuses = [await status_of(server.open(token)) for token in tokens]
            self.assertEqual(set(statuses) - {101, 429}, set())
            return 429 in statuses

        await self.compare("shared_rate_limit", eight_users_connect_once, "--rate-limit", "2/s")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
