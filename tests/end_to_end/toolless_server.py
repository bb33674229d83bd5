#!/usr/bin/python3
"""An agent-event server whose agents have no tools: a run is started, thinks, and is completed.

    toolless_server.py --port P [--one-thought]

`--one-thought`: all runs keep what they are about to say in one place. Where a second run gets to that point
before the first one has said it, one of the two loses its agent_thinking; everything else of it is right.
"""

import argparse
import asyncio
import base64
import contextlib
import hashlib
import itertools
import json
import re
import struct

from fault_servers import CLOSE, TEXT, frame

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
THINKING = 0.01  # seconds
OPENING = ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: ")


async def read_frame(reader):
    """Opcode and payload of the client's next frame."""
    first, second = await reader.readexactly(2)
    length = second & 0x7F
    if length == 126:
        length = struct.unpack(">H", await reader.readexactly(2))[0]
    mask = await reader.readexactly(4)
    payload = await reader.readexactly(length)
    return first & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


class Agent:
    def __init__(self, one_thought):
        self.one_thought = one_thought
        self.thought = None  # of the run that is thinking, and where it goes
        self.numbers = itertools.count(1)

    async def run(self, writer, request):
        run = f"r-{next(self.numbers)}"
        await self.say(writer, run, "agent_started", request, status="started", message="m", context={})
        await self.think(writer, run, request)
        await self.say(writer, run, "agent_completed", request, status="completed", result="r",
                       execution_time_ms=1)

    async def think(self, writer, run, request):
        thought = (writer, run, "agent_thinking", request)
        if self.one_thought:
            self.thought = thought
        await asyncio.sleep(THINKING)
        if self.one_thought:
            thought, self.thought = self.thought, None
        if thought is not None:
            await self.say(*thought, reasoning="r", step_number=1)

    async def say(self, writer, run, kind, request, **payload):
        event = {"type": kind, "run_id": run, "payload": {**payload, "user_request": request}}
        with contextlib.suppress(ConnectionError):
            writer.write(frame(json.dumps(event).encode()))
            await writer.drain()


class Server:
    def __init__(self, agent):
        self.agent = agent
        self.runs = set()  # so that none is collected while it is going on

    async def serve(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            key = re.search(rb"(?i)sec-websocket-key: *(\S+)", head)
            if key is None:
                status = b"200 OK" if head.startswith(b"GET /health") else b"404 Not Found"
                writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
            else:
                await self.converse(reader, writer, key.group(1))
        writer.close()

    async def converse(self, reader, writer, key):
        accept = base64.b64encode(hashlib.sha1(key + MAGIC).digest()).decode()
        writer.write(f"{OPENING}{accept}\r\n\r\n".encode())
        writer.write(frame(json.dumps({"type": "connection_established", "connection_id": "c-1"}).encode()))
        opcode, payload = await read_frame(reader)
        while opcode != CLOSE:
            if opcode == TEXT:
                self.take(writer, json.loads(payload))
            opcode, payload = await read_frame(reader)
        writer.write(frame(payload, CLOSE))
        await writer.drain()

    def take(self, writer, message):
        if message["type"] == "start_agent":
            run = asyncio.create_task(self.agent.run(writer, message["payload"]["user_request"]))
            self.runs.add(run)
            run.add_done_callback(self.runs.discard)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--one-thought", action="store_true")
    options = parser.parse_args()
    server = Server(Agent(options.one_thought))
    async with await asyncio.start_server(server.serve, "127.0.0.1", options.port, backlog=1024) as serving:
        await serving.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
