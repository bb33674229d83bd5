"""Both ends of a link: a target that keeps what its sockets saw and when, and a client."""

import contextlib
import json
import os
import socket
import struct
import threading
import time

LIMIT = 60  # seconds without anything happening
UPGRADE = (b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
ANSWER = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
EVENTS = ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]


def text_frame(text):
    payload = text.encode()
    length = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + struct.pack("!H", len(payload))
    return b"\x81" + length + payload


def event_frame(kind):
    return text_frame(json.dumps({"type": kind, "run_id": "r-1"}))


def receive_all(connection):
    """All bytes until the end, how it ended ("FIN", "RST", "silence") and when."""
    data = bytearray()
    while True:
        try:
            part = connection.recv(65536)
        except ConnectionError:
            return bytes(data), "RST", time.monotonic()
        except TimeoutError:
            return bytes(data), "silence", time.monotonic()
        if not part:
            return bytes(data), "FIN", time.monotonic()
        data += part


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Seen:
    """One connection as the target saw it."""

    def __init__(self, accepted):
        self.accepted, self.data, self.end, self.ended = accepted, bytearray(), None, None


class Target:
    """Answers an upgrade with 101 and five events of a run, and everything that comes later with itself."""

    def __init__(self, events=tuple(EVENTS)):
        self.events = events
        self.connections, self.sockets, self.threads = [], [], []
        self.changed = threading.Condition()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"

    def __enter__(self):
        self.acceptor = threading.Thread(target=self.accept)
        self.acceptor.start()
        return self

    def __exit__(self, *_):
        self.vanish()
        self.acceptor.join(LIMIT)
        for thread in self.threads:
            thread.join(LIMIT)

    def vanish(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for one in self.sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                seen = Seen(time.monotonic())
                self.sockets.append(connection)
                with self.changed:
                    self.connections.append(seen)
                    self.changed.notify_all()
                self.threads.append(threading.Thread(target=self.serve, args=(connection, seen)))
                self.threads[-1].start()

    def serve(self, connection, seen):
        answered = False
        how = "FIN"
        try:
            while data := connection.recv(65536):
                with self.changed:
                    seen.data += data
                    self.changed.notify_all()
                if answered:
                    connection.sendall(data)
                elif b"\r\n\r\n" in seen.data:
                    answered = True
                    connection.sendall(ANSWER + b"".join(map(event_frame, self.events)))
        except OSError:
            how = "RST"
        with self.changed:
            seen.end, seen.ended = how, time.monotonic()
            self.changed.notify_all()
        connection.close()

    def wait(self, condition, what):
        """Until what the target saw is like that."""
        with self.changed:
            if not self.changed.wait_for(lambda: condition(self.connections), LIMIT):
                raise AssertionError(f"the target did not see {what}")
        return self.connections


class Client:
    """A connection through the proxy; the kernel chooses its port."""

    def __init__(self, address, silence=LIMIT):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), LIMIT)
        self.socket.settimeout(silence)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def receive(self, size):
        data = bytearray()
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise AssertionError(f"ended after {bytes(data)}")
            data += part
        return bytes(data)

    def receive_all(self):
        return receive_all(self.socket)


def garbage(size):
    return os.urandom(size)
