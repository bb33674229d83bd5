"""The agent: a run has five events with a pause between them, and ends once."""
import asyncio
import itertools
import time

UNSTABLE_TOOL = "unstable"


class ToolFailed(Exception):
    """A tool that could not do its work."""


def use_tool(name, text):
    if name == UNSTABLE_TOOL:
        raise ToolFailed(f"the tool {name} has failed")
    return {"q": text, "hits": 3}


class Supervisor:
    """Makes runs. It is there when the server's start is over."""

    def __init__(self, store, knowledge, threads, step_delay, bugs):
        self.store = store
        self.knowledge = knowledge
        self.threads = threads
        self.step_delay = step_delay
        self.bugs = bugs
        self.numbers = itertools.count(1)
        self.payload = {}  # of no use without swapped_payload

    def start(self, connection, user_id, manager, fields, text):
        thread_id = fields.get("thread_id")
        if not isinstance(thread_id, str) or not thread_id:
            thread_id = f"t-{next(self.numbers)}"
        settings = fields.get("settings")
        tool = settings.get("tool") if isinstance(settings, dict) else None
        labels = {"run_id": f"r-{next(self.numbers)}", "user_id": user_id, "thread_id": thread_id,
                  "agent_name": "supervisor"}
        self.threads.follow(connection, thread_id, manager)
        return Run(self, connection, manager, labels, text, tool or "search")


class Run:
    """The answer to one request."""

    def __init__(self, supervisor, connection, manager, labels, text, tool):
        self.supervisor = supervisor
        self.connection = connection
        self.manager = manager
        self.labels = labels
        self.text = text
        self.tool = tool
        self.execution_id = f"x-{next(supervisor.numbers)}"
        self.uses_tool = False
        self.ended = False
        self.begun = time.monotonic()
        self.ending = set()
        self.task = asyncio.create_task(self.play())

    def milliseconds(self):
        return int((time.monotonic() - self.begun) * 1000)

    async def emit(self, kind, **fields):
        """An event goes out when it has been written down."""
        # Bug: one object saves allocations, and is filled again by another run while this one waits.
        payload = self.supervisor.payload if "swapped_payload" in self.supervisor.bugs else {}
        payload.clear()
        payload.update(fields)
        await self.supervisor.store.save()
        await self.supervisor.threads.deliver(self, kind, payload)

    async def play(self):
        try:
            await self.work()
        except Exception as problem:
            await self.fail(problem)

    async def work(self):
        pause = self.supervisor.step_delay
        await self.emit("agent_started", status="started", message="Working on it.",
                        context={"user_request": self.text})
        await self.supervisor.knowledge.arrive()
        await asyncio.sleep(pause)
        await self.emit("agent_thinking", reasoning=f"The user asks: {self.text}", step_number=1)
        await asyncio.sleep(pause)
        await self.emit("tool_executing", tool_name=self.tool, parameters={"q": self.text},
                        execution_id=self.execution_id, status="executing")
        self.uses_tool = True
        await asyncio.sleep(pause)
        await self.complete_tool("completed", use_tool(self.tool, self.text))
        await asyncio.sleep(pause)
        await self.end("agent_completed", status="completed", result=f"Answer to: {self.text}",
                       final_response=f"Answer to: {self.text}")

    async def complete_tool(self, status, result):
        await self.emit("tool_completed", tool_name=self.tool, result=result, status=status,
                        execution_id=self.execution_id, execution_time_ms=self.milliseconds())
        self.uses_tool = False

    async def fail(self, problem):
        if "masked_failure" in self.supervisor.bugs:
            # Bug: tidied up first, and who closes without a code says 1000; nobody is left to be told.
            await self.connection.socket.close()
        await self.end("agent_error", status="failed", error=str(problem), user_request=self.text)

    async def stop(self):
        self.task.cancel()
        await asyncio.wait([self.task])
        await self.end("agent_completed", status="stopped", result="stopped", final_response="stopped")

    async def end(self, kind, **fields):
        """A task of its own: who stops the run does not stop the writing down of its end."""
        task = asyncio.create_task(self.write_down_and_announce(kind, fields))
        self.ending.add(task)
        await asyncio.shield(task)

    async def write_down_and_announce(self, kind, fields):
        if self.ended:
            return
        if "two_emitters" not in self.supervisor.bugs:
            self.ended = True  # Bug: else when that has been written down. Until then a stop ends it, too.
        if self.uses_tool:
            await self.complete_tool(fields["status"], {"error": fields["status"]})
        await self.supervisor.store.save()
        self.ended = True
        await self.emit(kind, execution_time_ms=self.milliseconds(), **fields)

    async def abandon(self):
        """Returns when nothing of this run writes any more."""
        tasks = {self.task, *self.ending}
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
