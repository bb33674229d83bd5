"""A TCP proxy that tells what each client did: with which credentials it came, what it sent, how it ended."""

import base64
import contextlib
import json
import re
import socket
import threading
import time

from watching_proxy import WatchingProxy


def frames(data):
    """Payloads of the complete WebSocket frames in `data`, each with its opcode; control frames included."""
    found = []
    while len(data) >= 2:
        opcode, masked, length, at = data[0] & 15, data[1] & 128, data[1] & 127, 2
        if length in (126, 127):
            size = 2 if length == 126 else 8
            length, at = int.from_bytes(data[at:at + size], "big"), at + size
        mask, at = (data[at:at + 4], at + 4) if masked else (bytes(4), at)
        if len(data) < at + length:
            break
        found.append((opcode, bytes(byte ^ mask[i % 4] for i, byte in enumerate(data[at:at + length]))))
        data = data[at + length:]
    return found


class Conversation:
    """One connection, as it passed."""

    def __init__(self):
        self.sent, self.received = bytearray(), bytearray()
        self.opened, self.passed, self.ended = time.monotonic(), None, None
        self.was_reset = False  # by the client
        self.first = b""  # what the client's first read gave
        self.spoke = {}  # when the first byte behind the head came: "client", "server"

    @property
    def is_upgrade(self):
        return b"upgrade: websocket" in bytes(self.sent).lower()

    @property
    def end(self):
        """How the client ended it: "fin" or "reset"; None while it has not."""
        return None if self.ended is None else "reset" if self.was_reset else "fin"

    @property
    def status(self):
        match = re.match(rb"HTTP/1.1 (\d+)", self.received)
        return int(match[1]) if match else None

    def find(self, pattern):
        match = re.search(pattern, bytes(self.sent), re.IGNORECASE)
        return match[1].decode() if match else None

    @property
    def token(self):
        return self.find(rb"\r\nauthorization: bearer (\S+)")

    @property
    def ticket(self):
        return self.find(rb"[?&]ticket=([^ &]+)")

    def claims(self):
        payload = self.token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))

    def frames_sent(self):
        return frames(bytes(self.sent).partition(b"\r\n\r\n")[2])

    def messages(self):
        """What the client sent as text."""
        return [json.loads(payload) for opcode, payload in self.frames_sent() if opcode == 1]

    def events(self):
        """What the server sent as text."""
        received = frames(bytes(self.received).partition(b"\r\n\r\n")[2])
        return [json.loads(payload) for opcode, payload in received if opcode == 1]

    def overlaps(self, other):
        now = time.monotonic()
        return self.opened < (other.ended or now) and other.opened < (self.ended or now)


class ObservingProxy(WatchingProxy):
    def __init__(self, upstream, port=0):
        super().__init__(upstream, port)
        self.lock = threading.Lock()
        self.conversations = {}

    def pump(self, source, sink, stream):
        # Streams come in pairs: what the client says, then what the server says.
        with self.lock:
            number = next(i for i, one in enumerate(self.streams) if one is stream)
            conversation = self.conversations.setdefault(number // 2, Conversation())
        by = "server" if number % 2 else "client"
        kept = conversation.received if by == "server" else conversation.sent
        try:
            while data := source.recv(65536):
                conversation.passed = time.monotonic()
                if by == "client" and not kept:
                    conversation.first = data
                kept += data
                if b"\r\n\r\n" in kept and not kept.endswith(b"\r\n\r\n"):
                    conversation.spoke.setdefault(by, time.monotonic())
                self.pass_on(data, sink, conversation, by)
        except OSError:
            if by == "client":
                conversation.was_reset = True
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR if by == "client" and conversation.was_reset else socket.SHUT_WR)
        if by == "client":
            conversation.ended = time.monotonic()

    def pass_on(self, data, sink, conversation, by):
        try:
            sink.sendall(data)
        except ConnectionResetError:
            # The kernel tells of a reset once: to the first who reads or writes. The other reads an end.
            if by == "server":
                conversation.was_reset = True
        except OSError:
            pass  # gone already

    def upgrades(self):
        """Attempts to open a WebSocket, in order."""
        return [one for _, one in sorted(self.conversations.items()) if one.is_upgrade]
