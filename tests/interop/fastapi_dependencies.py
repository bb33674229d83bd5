"""What the FastAPI server waits for, as others wait for a database: each only takes its time."""
import asyncio


class Store:
    """Where tickets and the states of runs are written down."""

    def __init__(self, seconds):
        self.seconds = seconds

    async def save(self):
        await asyncio.sleep(self.seconds)


class Knowledge:
    """What agents want to know before they think. It is fetched once for all who wait at that time."""

    def __init__(self, seconds, limit, bugs):
        self.seconds = seconds
        self.limit = limit
        self.bugs = bugs
        self.fetching = None

    async def arrive(self):
        """Returns when it is there, or after the limit: agents can do without it."""
        if self.seconds == 0:
            return
        if self.fetching is None or self.fetching.done():
            self.fetching = asyncio.create_task(asyncio.sleep(self.seconds))
        # Bug: wait_for cancels what it waits for. Who waits for the same task is cancelled as well, and
        # CancelledError is no Exception: nobody hears of it.
        awaited = self.fetching if "silent_agent_death" in self.bugs else asyncio.shield(self.fetching)
        try:
            await asyncio.wait_for(awaited, self.limit)
        except asyncio.TimeoutError:
            pass
