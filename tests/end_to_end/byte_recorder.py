"""A target whose sockets write down what came, in which pieces and when."""

import select
import socket
import struct
import threading
import time

from fault_servers import Client, Target

PIECE = 65536


class RecordingClient(Client):
    """The server's end of a connection that keeps every piece that it received, with its time."""

    def __init__(self, connection):
        super().__init__(connection)
        self.began = time.monotonic()
        self.pieces = []   # (time, bytes), as recv gave them
        self.unread = b""  # of the pieces
        self.end = None    # "FIN" or "RST", once seen

    def piece(self):
        """One more piece; False at the end of the connection."""
        try:
            data = self.socket.recv(PIECE)
        except ConnectionResetError:
            self.end = "RST"
            return False
        if not data:
            self.end = "FIN"
            return False
        self.pieces.append((time.monotonic(), data))
        self.unread += data
        return True

    def exactly(self, count):
        while len(self.unread) < count:
            if not self.piece():
                raise EOFError
        data, self.unread = self.unread[:count], self.unread[count:]
        return data

    def until_end(self):
        """Reads all there is and says how it ended."""
        while self.end is None:
            self.piece()
        return self.end

    def is_quiet_for(self, seconds):
        """Whether neither a byte nor an end comes in that time."""
        return not select.select([self.socket], [], [], seconds)[0]

    def is_heard_for(self, seconds):
        """Whether what we send is still taken: a peer that has closed answers with RST."""
        self.send(b"\x8a\x00")  # an unsolicited pong, so that it is a frame if anybody reads
        poll = select.poll()
        poll.register(self.socket, 0)  # errors only
        return not [event for _, event in poll.poll(seconds * 1000) if event & select.POLLERR]

    def received(self):
        return b"".join(data for _, data in self.pieces)


class Recorder(Target):
    """Plays `scripts[k]`, a function of the client, with its k-th connection, and the last one with the rest.
    Before them comes one that only asks whether the target is there."""

    def __init__(self, *scripts):
        self.scripts = (RecordingClient.until_end, *scripts)
        self.recorded = []
        super().__init__()

    def accept(self):
        try:
            while True:
                connection, _ = self.listener.accept()
                client = RecordingClient(connection)
                self.clients.append(client)
                self.recorded.append(client)
                thread = threading.Thread(target=self.play, args=(client, len(self.recorded) - 1))
                self.threads.append(thread)
                thread.start()
        except OSError:
            pass

    def play(self, client, number):
        try:
            self.scripts[min(number, len(self.scripts) - 1)](client)
            client.socket.close()
        except (OSError, EOFError):
            pass  # the client has gone, or the test is over
        except Exception as failure:
            self.failures.append(repr(failure))


def converse(client):
    """A short conversation as a correct server has it."""
    client.read_head()
    client.upgrade()
    client.welcome()
    client.send_events(client.read_request())
    client.await_close()


def small_buffers(client):
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)


def noise(size):
    """A frame of a type that nobody knows, of about that size."""
    payload = b'{"type":"noise","text":"' + b"x" * size + b'"}'
    return b"\x81\x7e" + struct.pack(">H", len(payload)) + payload
