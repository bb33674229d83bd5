"""A TCP proxy between the server and what it depends on, which can be told to misbehave."""

import asyncio
import contextlib


class DependencyProxy:
    """Forwards to a port of this machine. As an asynchronous context manager it listens until the end.

    `mode` holds for connections from then on: "forward", "slow" (each answer comes `delay` seconds later),
    "hang" (nothing is passed on), "cut" (closed when the question has come). Between `refuse` and `listen`
    nobody can connect.
    """

    def __init__(self):
        self.upstream_port = None
        self.port = None
        self.mode = "forward"
        self.delay = 0.0
        self.questions = []
        self.listener = None
        self.tasks = set()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    async def __aenter__(self):
        await self.listen()
        return self

    async def __aexit__(self, *_):
        await self.refuse()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def listen(self):
        self.listener = await asyncio.start_server(self.serve, "127.0.0.1", self.port or 0)
        self.port = self.listener.sockets[0].getsockname()[1]

    async def refuse(self):
        if self.listener is not None:
            self.listener.close()
            self.listener = None

    async def serve(self, reader, writer):
        task = asyncio.current_task()
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        try:
            await self.pass_on(reader, writer)
        except OSError:
            pass
        finally:
            writer.close()

    async def pass_on(self, reader, writer):
        question = await reader.readline()
        self.questions.append(question.decode())
        if self.mode == "cut":
            return
        if self.mode == "hang":
            await reader.read()  # until the server gives up
            return
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self.upstream_port)
        with contextlib.closing(upstream_writer):
            upstream_writer.write(question)
            answer = await upstream_reader.readline()
            if self.mode == "slow":
                await asyncio.sleep(self.delay)
            writer.write(answer)
            await writer.drain()

    def calls(self, name):
        return sum(f'"call":"{name}"' in question for question in self.questions)
