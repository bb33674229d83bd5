#!/usr/bin/python3
"""An agent-event server that fails the users who connect in a given stretch after its listen().

    window_server.py --port P --from MS --until MS [--outcome 1011|silent|reset|503] [--ready MS]

Everybody else gets a welcome and five events. `/health/ready` answers 200 from `--ready` on, 503 before;
without the option from the end of the stretch on.
"""

import argparse
import asyncio
import base64
import contextlib
import hashlib
import json
import re
import socket
import struct
import time

from fault_servers import CLOSE, EVENTS, close_frame, frame

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CANARY = re.compile(r'"(?:user_request|content)":"([^"]*)"')


async def read_text(reader):
    """The text of the client's next frame; empty if it is a close frame."""
    first, second = await reader.readexactly(2)
    length = second & 0x7F
    if length == 126:
        length = struct.unpack(">H", await reader.readexactly(2))[0]
    mask = await reader.readexactly(4)
    payload = await reader.readexactly(length)
    if first & 0x0F == CLOSE:
        return ""
    return bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)).decode()


class WindowServer:
    def __init__(self, options, opened):
        self.options, self.opened = options, opened

    def since_listen(self):
        return (time.monotonic() - self.opened) * 1000

    async def serve(self, reader, writer):
        arrived = self.since_listen()  # when the connection was taken
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"GET /health"):
                self.answer(writer, 200 if self.since_listen() >= self.options.ready else 503)
            else:
                await self.converse(reader, writer, head, arrived)
            await writer.drain()
        writer.close()

    def answer(self, writer, status):
        writer.write(f"HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())

    async def converse(self, reader, writer, head, arrived):
        outcome = self.options.outcome if self.options.begin <= arrived < self.options.until else "good"
        if outcome == "503":
            return self.answer(writer, 503)
        if outcome == "reset":
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            return writer.transport.abort()
        key = re.search(rb"(?i)sec-websocket-key: *(\S+)", head).group(1)
        accept = base64.b64encode(hashlib.sha1(key + MAGIC).digest()).decode()
        writer.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      f"Sec-WebSocket-Accept: {accept}\r\n\r\n").encode())
        welcome = {"type": "connection_established", "connection_id": "c-1", "user_id": "u-1"}
        writer.write(frame(json.dumps(welcome).encode()))
        text = await read_text(reader)
        if outcome == "1011":
            writer.write(close_frame(1011, b"not started"))
        elif outcome == "silent":
            await read_text(reader)
        else:
            request = CANARY.search(text).group(1)
            for name, payload in EVENTS:
                event = {"type": name, "run_id": "r-1", "payload": {**payload, "echo": request}}
                writer.write(frame(json.dumps(event).encode()))
            await read_text(reader)
            writer.write(close_frame(1000))
        await writer.drain()
        await reader.read(1024)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--from", dest="begin", type=float, required=True)
    parser.add_argument("--until", type=float, required=True)
    parser.add_argument("--outcome", choices=["1011", "silent", "reset", "503"], default="1011")
    parser.add_argument("--ready", type=float)
    options = parser.parse_args()
    if options.ready is None:
        options.ready = options.until
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", options.port))
    server = WindowServer(options, time.monotonic())
    listener.listen(1024)
    async with await asyncio.start_server(server.serve, sock=listener) as serving:
        await serving.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
