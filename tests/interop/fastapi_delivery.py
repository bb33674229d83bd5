"""How events find their connections: a thread has followers, who are reached through their user's manager."""
import contextlib
import json
import time

from websockets.exceptions import ConnectionClosed

MANAGERS_PER_USER = 5  # far more than there should be: a user has one


class TooManyManagers(Exception):
    """Something is wrong with the table of managers."""


def is_gone(problem):
    """Whether a send failed because the peer has closed; uvicorn lets its library's own error through."""
    if isinstance(problem, RuntimeError):
        return "close" in str(problem)
    return isinstance(problem, ConnectionClosed)


@contextlib.contextmanager
def unless_gone():
    """A peer that has left is no error: the task that reads from it notices, and cleans up."""
    try:
        yield
    except Exception as problem:
        if not is_gone(problem):
            raise


class Manager:
    """The connections of one user."""

    def __init__(self, owner, bugs):
        self.owner = owner
        self.bugs = bugs
        self.members = set()
        self.sockets = {}
        self.first = None  # the connection that this was made for, and the labels of its newest run
        self.first_labels = None

    def place(self, connection):
        # Bug: a manager has one current socket, which each connect overwrites.
        return "current" if "shared_manager" in self.bugs else connection.connection_id

    def attach(self, connection):
        self.members.add(connection)
        self.sockets[self.place(connection)] = connection.socket

    def detach(self, connection):
        self.members.discard(connection)
        if self.sockets.get(self.place(connection)) is connection.socket:
            del self.sockets[self.place(connection)]

    def labels_of(self, run):
        if "stale_context" not in self.bugs:
            return run.labels
        # Bug: the context is made once, for the connection that comes first; there was one per user then.
        if self.first in (None, run.connection):
            self.first, self.first_labels = run.connection, run.labels
        return self.first_labels

    async def send(self, connection, payload):
        socket = self.sockets.get(self.place(connection))
        if socket is not None:
            with unless_gone():
                await socket.send_text(json.dumps({"payload": payload, "timestamp": time.time()}))


class Managers:
    """The managers of all users who are connected."""

    def __init__(self, bugs):
        self.bugs = bugs
        self.by_key = {}

    def key(self, connection):
        if "shared_manager" in self.bugs:
            return "everybody"  # Bug: from the days when the server had one user.
        if "manager_cap_leak" in self.bugs:
            return connection.user_id, connection.connection_id  # Bug: `leave` has not been told.
        return connection.user_id

    def enter(self, connection):
        key = self.key(connection)
        if key not in self.by_key:
            owned = sum(manager.owner == connection.user_id for manager in self.by_key.values())
            if owned == MANAGERS_PER_USER:
                raise TooManyManagers(f"{connection.user_id} has {owned} managers")
            self.by_key[key] = Manager(connection.user_id, self.bugs)
        self.by_key[key].attach(connection)

    def leave(self, connection):
        key = connection.user_id if "manager_cap_leak" in self.bugs else self.key(connection)
        if manager := self.by_key.get(key):
            manager.detach(connection)
            if not manager.members:
                del self.by_key[key]

    def for_message(self, connection):
        manager = self.by_key[self.key(connection)]
        if "manager_per_message" in self.bugs and connection.requests > 0:
            # Bug: one request, one manager, and nobody attaches the connection to the later ones.
            return Manager(connection.user_id, self.bugs)
        return manager

    def __len__(self):
        return len(self.by_key)


class Threads:
    """Who follows which thread. A name is chosen by users: what they call the same is not the same thread."""

    def __init__(self, bugs):
        self.bugs = bugs
        self.followers = {}  # by thread: connections, each with the manager through which it is reached

    def key(self, connection, thread_id):
        if "thread_as_address" in self.bugs:
            return thread_id  # Bug: the name is taken for an address.
        return connection.connection_id, thread_id

    def follow(self, connection, thread_id, manager):
        self.followers.setdefault(self.key(connection, thread_id), {})[connection] = manager
        if "last_thread_wins" in self.bugs:
            # Bug: a user is at work in one place, so all that is open moves there.
            for followers in self.followers.values():
                if any(other.user_id == connection.user_id for other in followers):
                    followers.clear()
                    followers[connection] = manager

    async def deliver(self, run, kind, payload):
        """An event to all who follow the run's thread."""
        labelled = {"type": kind, **payload, **run.manager.labels_of(run)}
        followers = self.followers.get(self.key(run.connection, run.labels["thread_id"]), {})
        for connection, manager in list(followers.items()):
            await manager.send(connection, labelled)

    def forget(self, connection):
        for key, followers in list(self.followers.items()):
            followers.pop(connection, None)
            if not followers:
                del self.followers[key]


class Router:
    """Which connection's handler takes a message."""

    def __init__(self, bugs):
        self.bugs = bugs
        self.routes = []

    def register(self, kinds, connection):
        self.routes.append((kinds, connection))

    def match(self, kind, connection):
        for kinds, owner in self.routes:
            # Bug: that a handler can take this kind of message is all it is asked.
            if kind in kinds and (owner is connection or "first_match_router" in self.bugs):
                return owner
        return None

    def forget(self, connection):
        self.routes = [route for route in self.routes if route[1] is not connection]
