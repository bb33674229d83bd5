"""A TCP proxy that keeps every byte that passes, so that a test knows the secrets of a real conversation."""

import contextlib
import re
import select
import socket
import threading

LIMIT = 120  # seconds without a byte
SECRETS = {"access token": rb'"access_token":\s*"([^"]+)"', "refresh token": rb'"refresh_token":\s*"([^"]+)"',
           "password": rb'"password":\s*"([^"]+)"', "ticket": rb'"ticket_id":\s*"([^"]+)"',
           "token in a header": rb"Authorization: Bearer (\S+)", "token in a query": rb"[?&]token=([^ &]+)",
           "ticket in a query": rb"[?&]ticket=([^ &]+)", "token in a subprotocol": rb"jwt\.([\w-]{40,})"}


class WatchingProxy:
    def __init__(self, upstream, port=0):
        self.upstream = upstream
        self.streams, self.sockets, self.threads = [], [], []
        self.listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        self.acceptor = threading.Thread(target=self.accept)
        self.acceptor.start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.acceptor.join(LIMIT)
        for one in self.sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(LIMIT)
        for one in self.sockets:
            one.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.pass_on_ends()
                server = socket.create_connection(("127.0.0.1", self.upstream), LIMIT)
                self.sockets += [client, server]
                for source, sink in ((client, server), (server, client)):
                    source.settimeout(LIMIT)
                    source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    stream = bytearray()
                    self.streams.append(stream)
                    thread = threading.Thread(target=self.pump, args=(source, sink, stream))
                    self.threads.append(thread)
                    thread.start()

    def pass_on_ends(self):
        """Clients that have gone do so at the server, too, before a later one comes: as without a proxy."""
        for one, thread in zip(self.sockets[::2], self.threads[::2]):
            poll = select.poll()
            poll.register(one, select.POLLRDHUP)
            if thread.is_alive() and poll.poll(0):
                thread.join(LIMIT)

    def pump(self, source, sink, stream):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                stream += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def secrets(self):
        """What passed, by kind; every kind that was looked for is there, empty or not."""
        found = {kind: set() for kind in SECRETS}
        for stream in self.streams:
            for kind, pattern in SECRETS.items():
                found[kind].update(re.findall(pattern, bytes(stream)))
        return found
