"""Targets that go wrong in one way each, scripted on bare sockets so that they can do what no library would.

Each listens on a port of its own and serves every connection on a thread. A connection that sends nothing is
not counted: the harness asks whether the target is there at all.
"""

import base64
import contextlib
import hashlib
import json
import socket
import struct
import threading
import time

LIMIT = 120  # seconds that a server waits for its client
TEXT, CLOSE = 1, 8
EVENTS = [("agent_started", {"status": "started", "message": "m", "context": {}}),
          ("agent_thinking", {"reasoning": "r", "step_number": 1}),
          ("tool_executing", {"tool_name": "search", "parameters": {}, "execution_id": "x-1"}),
          ("tool_completed",
           {"tool_name": "search", "result": "r", "execution_id": "x-1", "execution_time_ms": 1}),
          ("agent_completed", {"status": "completed", "result": "r", "execution_time_ms": 1})]


def frame(payload, opcode=TEXT, first_byte=None, announced=None):
    """One unmasked frame; its first byte and its announced length can be lies."""
    length = len(payload) if announced is None else announced
    head = bytes([0x80 | opcode if first_byte is None else first_byte])
    if length < 126:
        return head + bytes([length]) + payload
    if length < 65536:
        return head + b"\x7e" + struct.pack(">H", length) + payload
    return head + b"\x7f" + struct.pack(">Q", length) + payload


def close_frame(code, reason=b""):
    return frame(struct.pack(">H", code) + reason, CLOSE)


class Client:
    """The server's end of one connection."""

    def __init__(self, connection):
        self.socket = connection
        self.socket.settimeout(LIMIT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.headers = {}
        self.request_line = ""

    def exactly(self, count):
        data = b""
        while len(data) < count:
            chunk = self.socket.recv(count - len(data))
            if not chunk:
                raise EOFError
            data += chunk
        return data

    def read_head(self):
        """The head of an HTTP request; EOFError if the client only looked in."""
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            data += self.exactly(1)
        lines = data.decode("latin-1").split("\r\n")
        self.request_line = lines[0]
        self.headers = {name.strip().lower(): value.strip()
                        for name, _, value in (line.partition(":") for line in lines[1:] if line)}

    def read_body(self):
        return self.exactly(int(self.headers.get("content-length", 0)))

    def send(self, data):
        self.socket.sendall(data)

    def send_json(self, value):
        self.send(frame(json.dumps(value).encode()))

    def answer(self, status, body="", **headers):
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    def accept_key(self):
        key = self.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        return base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()

    def upgrade(self, accept=None, protocol=None):
        lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Accept: {accept or self.accept_key()}"]
        lines += [f"Sec-WebSocket-Protocol: {protocol}"] if protocol else []
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode())

    def welcome(self):
        self.send_json({"type": "connection_established", "connection_id": "c-1", "user_id": "u-1"})

    def read_frame(self):
        """Opcode and payload of the client's next frame."""
        first, second = self.exactly(2)
        length = second & 0x7F
        if length == 126:
            length = struct.unpack(">H", self.exactly(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", self.exactly(8))[0]
        mask = self.exactly(4)
        return first & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(self.exactly(length)))

    def read_request(self):
        """The text of the request that starts an agent."""
        _, payload = self.read_frame()
        return json.loads(payload)["payload"]["user_request"]

    def send_events(self, text, count=len(EVENTS)):
        for kind, fields in EVENTS[:count]:
            self.send_json({"type": kind, "run_id": "r-1", "timestamp": "2026-01-01T00:00:00Z",
                            "payload": {**fields, "user_request": text}})

    def await_close(self):
        """Reads up to the client's close frame and answers it."""
        opcode, payload = self.read_frame()
        while opcode != CLOSE:
            opcode, payload = self.read_frame()
        self.send(frame(payload, CLOSE))

    def await_end(self):
        """Until the client has gone."""
        while self.socket.recv(65536):
            pass

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Target:
    """A correct server: one short conversation per connection. What is wrong is for a subclass to say."""

    def __init__(self, port=0):
        self.conversations = 0  # connections that have sent the head of a request
        self.failures = []      # programming errors of the server itself
        self.lock = threading.Lock()
        self.clients, self.threads = [], []
        self.listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}/ws"

    def __enter__(self):
        self.acceptor = threading.Thread(target=self.accept)
        self.acceptor.start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.acceptor.join(LIMIT)
        for client in self.clients:
            with contextlib.suppress(OSError):
                client.socket.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(LIMIT)
        for client in self.clients:
            client.socket.close()
        if self.failures:
            raise AssertionError(f"the scripted server itself failed: {self.failures}")

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                client = Client(connection)
                thread = threading.Thread(target=self.run, args=(client,))
                self.clients.append(client)
                self.threads.append(thread)
                thread.start()

    def run(self, client):
        try:
            client.read_head()
            with self.lock:
                self.conversations += 1
                number = self.conversations
            self.serve(client, number)
            client.socket.close()
        except (OSError, EOFError):
            pass  # the client has gone, or the test is over
        except Exception as failure:
            self.failures.append(repr(failure))

    def serve(self, client, number):
        client.upgrade()
        client.welcome()
        self.converse(client)

    def converse(self, client):
        client.send_events(client.read_request())
        client.await_close()


class Mute(Target):
    """Accepts TCP and never says anything."""

    def serve(self, client, number):
        client.await_end()


class NotHttp(Target):
    def serve(self, client, number):
        client.send(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n" + b"\x00\xff" * 200)
        client.await_end()


class PlainHttp(Target):
    """Speaks HTTP, and knows nothing of WebSockets."""

    def __init__(self, status):
        super().__init__()
        self.status = status

    def serve(self, client, number):
        client.answer(self.status, "<html></html>", Content_Type="text/html")
        client.await_end()


class WrongAccept(Target):
    def serve(self, client, number):
        client.upgrade(accept="d3JvbmcgYWNjZXB0IHZhbHVl")
        client.await_end()


class UnofferedSubprotocol(Target):
    def serve(self, client, number):
        client.upgrade(protocol="graphql-ws")
        client.welcome()
        self.converse(client)


class NoWelcome(Target):
    def serve(self, client, number):
        client.upgrade()
        client.await_end()


class ForgetsTheFirstRequest(Target):
    """Answers each request but the first of its connection."""

    def converse(self, client):
        client.read_request()
        for _ in range(2):
            client.send_events(client.read_request())
        client.await_close()


class Sends(Target):
    """In the middle of a run it sends these bytes, and then waits for the client to go."""

    def __init__(self, data):
        super().__init__()
        self.data = data

    def serve(self, client, number):
        client.upgrade()
        client.welcome()
        client.send_events(client.read_request(), count=2)
        client.send(self.data)
        client.await_end()


class SendsAndGoesOn(Sends):
    """Sends the same bytes, and finishes the conversation as if nothing had happened."""

    def serve(self, client, number):
        client.upgrade()
        client.welcome()
        client.send(self.data)
        self.converse(client)


class EndsMidRun(Sends):
    """Sends these bytes in the middle of a run and ends TCP at once, without waiting for an answer."""

    def __init__(self, data=b"", reset=False):
        super().__init__(data)
        self.reset = reset

    def serve(self, client, number):
        client.upgrade()
        client.welcome()
        client.send_events(client.read_request(), count=2)
        client.send(self.data)
        if self.reset:
            client.reset()
        else:
            client.socket.shutdown(socket.SHUT_WR)
            client.await_end()


class NeverAnswersClose(Target):
    def converse(self, client):
        client.send_events(client.read_request())
        client.await_end()


class Refuses(Target):
    """Refuses the first upgrades, each with its status and headers, and then admits."""

    def __init__(self, refusals):
        super().__init__()
        self.refusals = refusals
        self.refused_at, self.admitted_at = [], []

    def serve(self, client, number):
        if number <= len(self.refusals):
            status, headers = self.refusals[number - 1]
            self.refused_at.append(time.monotonic())
            client.answer(status, **headers)
            return
        self.admitted_at.append(time.monotonic())
        super().serve(client, number)
