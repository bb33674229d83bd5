"""One accepted WebSocket of the FastAPI server: its welcome, its read loop and its runs."""
import asyncio
import json
import time

from fastapi_delivery import unless_gone
from starlette.websockets import WebSocketState

MAX_MESSAGE_BYTES = 65536
REQUESTS = {"start_agent": "user_request", "user_message": "content", "chat": "content"}  # where the text is


class Connection:
    """One accepted WebSocket, its user and its runs. Used on the event loop only."""

    def __init__(self, server, socket, user_id):
        self.server = server
        self.socket = socket
        self.user_id = user_id
        self.connection_id = f"c-{next(server.numbers)}"
        self.supervisor = server.supervisor
        self.requests = 0
        self.runs = {}

    async def serve(self):
        if self.supervisor is None:
            await self.socket.close(1011, "the supervisor is not available")
            return
        await self.send({"type": "system_message", "data": {
            "event": "connection_established", "connection_id": self.connection_id, "user_id": self.user_id,
            "server_time": time.time(),
            "config": {"heartbeat_interval": 25, "max_message_size": MAX_MESSAGE_BYTES}}})
        while True:
            received = await self.socket.receive()
            if received["type"] == "websocket.disconnect":
                return
            await self.take(received.get("text"))

    async def send(self, frame):
        await self.socket.send_text(json.dumps(frame))

    async def refuse(self, code, message):
        await self.send({"type": "error_message", "error_code": code, "error_message": message, "details": {},
                         "timestamp": time.time()})

    async def take(self, text):
        try:
            message = json.loads(text)
            kind = message["type"]
        except (ValueError, KeyError, TypeError):
            await self.refuse("invalid_message", "expected a JSON object with a type")
            return
        payload = message.get("payload")
        fields = payload if isinstance(payload, dict) else message
        if kind == "ping":
            data = {"timestamp": fields.get("timestamp"), "user_id": self.user_id}
            await self.send({"type": "pong", "data": data})
        elif kind in REQUESTS:
            await self.start(kind, fields)
        elif kind == "stop_agent":
            await self.stop(fields.get("run_id"))
        elif kind not in ("pong", "heartbeat"):
            await self.refuse("unknown_type", f"cannot handle {kind!r}")

    async def start(self, kind, fields):
        text = fields.get(REQUESTS[kind])
        if not isinstance(text, str):
            await self.refuse("missing_field", "the request has no text")
            return
        user_id = self.server.router.match(kind, self).user_id
        manager = self.server.managers.for_message(self)
        self.requests += 1
        run = self.supervisor.start(self, user_id, manager, fields, text)
        run_id = run.labels["run_id"]
        self.runs[run_id] = run
        run.task.add_done_callback(lambda _: self.runs.pop(run_id, None))
        if "head_of_line" in self.server.bugs:
            await asyncio.wait([run.task])  # Bug: nothing is read until the run is over.

    async def stop(self, run_id):
        run = self.runs.get(run_id) if isinstance(run_id, str) else None
        if run is None:
            await self.refuse("unknown_run", "no such run on this connection")
            return
        await run.stop()

    async def leave(self):
        """Ends the connection's runs and awaits them, so that nothing writes after this returns."""
        for run in list(self.runs.values()):
            await run.abandon()

    async def close(self, code=1000, reason=None):
        """If nobody has done so before."""
        states = {self.socket.application_state, self.socket.client_state}
        if states == {WebSocketState.CONNECTED}:
            with unless_gone():
                await self.socket.close(code, reason)
