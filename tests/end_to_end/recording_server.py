"""A target that writes down when which bytes came: the view from outside.

One thread and one selector serve all connections, so that what is recorded has one order. Times are those of
the monotonic clock, in seconds. A user is known by the header X-User.
"""

import base64
import contextlib
import hashlib
import json
import selectors
import socket
import struct
import threading
import time

from fault_servers import CLOSE, EVENTS, TEXT, close_frame, frame

LIMIT = 120  # seconds for the thread to end


class Recorded:
    """One connection: what it was sent and when, and what has come of it."""

    def __init__(self, connection, number):
        self.socket, self.number = connection, number
        self.accepted = time.monotonic()
        self.data = b""         # of the message that is coming
        self.user = None
        self.upgraded = False
        self.upgrade, self.requests = None, []  # each a Message, the one that is coming included
        self.said = {}          # what the server said to it -> the time just before

    def __repr__(self):
        return f"connection {self.number} of user {self.user}"


class Message:
    """When its first byte came, when all but its last had come, and when its last did."""

    def __init__(self):
        self.first = time.monotonic()
        self.but_last = None
        self.last = None
        self.alone = False      # the last byte came by itself


class RecordingServer:
    """Correct, unless told otherwise: `answer(connection)` decides whether an upgrade is answered 101 (True),
    not at all (False), with the bytes given, or whether it asks again when more has come (None);
    `on_request(connection, text)` replaces the five events."""

    def __init__(self, answer=None, on_request=None):
        self.answer, self.on_request = answer or (lambda _: True), on_request or self.send_events
        self.connections, self.failures = [], []
        self.undecided = []  # connections with the heads of their upgrades
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.listener.setblocking(False)
        self.url = f"ws://127.0.0.1:{self.listener.getsockname()[1]}/ws"
        self.waker, self.wakened = socket.socketpair()
        self.selector = selectors.DefaultSelector()

    def __enter__(self):
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.selector.register(self.wakened, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.waker.send(b"x")
        self.thread.join(LIMIT)
        for connection in self.connections:
            connection.socket.close()
        for one in (self.listener, self.waker, self.wakened, self.selector):
            one.close()
        if self.failures:
            raise self.failures[0]

    def users(self):
        """Connections that sent a whole upgrade or a part of it, by user."""
        return {one.user: one for one in self.connections if one.user is not None}

    def serve(self):
        try:
            while True:
                for key, _ in self.selector.select():
                    if key.fileobj is self.wakened:
                        return
                    if key.fileobj is self.listener:
                        self.accept()
                    else:
                        self.read(key.data)
                self.ask_again()
        except Exception as error:  # told when the test leaves
            self.failures.append(error)

    def ask_again(self):
        waiting, self.undecided = self.undecided, []
        for connection, head in waiting:
            self.answer_upgrade(connection, head)

    def accept(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                connection, _ = self.listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections.append(Recorded(connection, len(self.connections)))
                self.selector.register(connection, selectors.EVENT_READ, self.connections[-1])

    def read(self, connection):
        try:
            data = connection.socket.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            self.selector.unregister(connection.socket)
            return
        before = len(connection.data)
        connection.data += data
        while self.take(connection, before):
            before = 0

    def take(self, connection, before):
        """One message out of what has come, if it is whole; `before`: bytes of it that had come earlier."""
        if connection.upgraded:
            return self.take_frame(connection, before)
        message = connection.upgrade = connection.upgrade or Message()
        if not self.note(message, connection.data, self.head_missing(connection.data), before):
            return False
        head, _, connection.data = connection.data.partition(b"\r\n\r\n")
        user = self.header(head.decode(), "x-user")
        connection.user = None if user is None else int(user)
        self.answer_upgrade(connection, head.decode())
        return True

    @staticmethod
    def head_missing(data):
        if b"\r\n\r\n" in data:
            return 0
        return 1 if data.endswith(b"\r\n\r") else 2

    @staticmethod
    def note(message, data, missing, before):
        now = time.monotonic()
        if missing <= 1 and message.but_last is None:
            message.but_last = now
        if missing == 0:
            message.last = now
            message.alone = len(data) - before == 1
        return missing == 0

    @staticmethod
    def header(head, name):
        for line in head.split("\r\n"):
            if line.lower().startswith(name + ":"):
                return line.split(":", 1)[1].strip()
        return None

    def take_frame(self, connection, before):
        data = connection.data
        if not data:
            return False
        length, start = self.frame_length(data)
        whole = start + 4 + length
        is_text = data[0] & 0x0F == TEXT
        if is_text and (not connection.requests or connection.requests[-1].last is not None):
            connection.requests.append(Message())
        message = connection.requests[-1] if is_text else Message()
        missing = 2 if length < 0 else max(0, whole - len(data))
        if not self.note(message, data, min(missing, 2), before):
            return False
        mask, connection.data = data[start:start + 4], data[whole:]
        payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data[start + 4:whole]))
        self.take_message(connection, data[0] & 0x0F, payload)
        return True

    @staticmethod
    def frame_length(data):
        """Of the payload, or -1; and where the mask begins."""
        if len(data) < 2:
            return -1, 2
        length = data[1] & 0x7F
        if length < 126:
            return length, 2
        size, code = (2, ">H") if length == 126 else (8, ">Q")
        if len(data) < 2 + size:
            return -1, 2 + size
        return struct.unpack(code, data[2:2 + size])[0], 2 + size

    def take_message(self, connection, opcode, payload):
        if opcode == TEXT:
            self.on_request(connection, json.loads(payload)["payload"]["user_request"])
        elif opcode == CLOSE:
            self.say(connection, "close", frame(payload, CLOSE))

    def say(self, connection, what, data):
        connection.said[what] = time.monotonic()
        with contextlib.suppress(OSError):
            connection.socket.sendall(data)

    def answer_upgrade(self, connection, head):
        answer = self.answer(connection)
        if answer is None:
            self.undecided.append((connection, head))
        if answer is None or answer is False:
            return
        if answer is not True:
            self.say(connection, "refusal", answer)
            return
        key = self.header(head, "sec-websocket-key")
        accept = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        connection.upgraded = True
        lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Accept: {base64.b64encode(accept).decode()}", "", ""]
        self.say(connection, "answered", "\r\n".join(lines).encode())
        identity = {"connection_id": f"c-{connection.number}", "user_id": f"u-{connection.user}"}
        welcome = {"type": "connection_established", **identity}
        self.say(connection, "welcome", frame(json.dumps(welcome).encode()))

    def send_events(self, connection, text, count=len(EVENTS)):
        for number, (kind, fields) in enumerate(EVENTS[:count], 1):
            event = {"type": kind, "run_id": f"r-{connection.number}", "timestamp": "2026-01-01T00:00:00Z",
                     "payload": {**fields, "user_request": text}}
            self.say(connection, f"event {number}", frame(json.dumps(event).encode()))

    def close_after(self, count, code):
        """For `on_request`: some events, then a close frame of the server's own."""
        def answer(connection, text):
            self.send_events(connection, text, count)
            self.say(connection, "close", close_frame(code))
        return answer
